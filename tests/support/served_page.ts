/**
 * A Lookback that records and serves its page, as people start it, and the way in.
 *
 * In:   a folder and settings without `web`. Out: its address, its first password.
 *
 * @module
 */

import type { Page } from "playwright-core";
import { buildPage } from "../../tools/build/page.ts";
import { type Running, startLookback, writeConfig } from "./lookback.ts";

const REPOSITORY = new URL("../../", import.meta.url).pathname;

/** What the first administrator chooses. */
export const PASSWORD = "a long one of my own 7";

export interface ServedPage extends AsyncDisposable {
  /** With "/" at its end. */
  readonly url: string;
  readonly oneTimePassword: string;
  readonly running: Running;
}

/** Starts it, builds the page before that where it is not built, and waits until it listens. */
export async function servePage(root: string, settings: string): Promise<ServedPage> {
  // The executable has the page inside.
  if (Deno.env.get("LOOKBACK_BIN") === undefined) await buildPage(REPOSITORY, { isBrief: true });
  await writeConfig(root, `${settings}web: { listen: "127.0.0.1:0" }\n`);
  const running = startLookback(["run"], { cwd: root });
  try {
    const oneTimePassword = await running.said(/one-time password (\S+)/);
    const url = await running.said(/The page is at (http\S+)/);
    return {
      url,
      oneTimePassword,
      running,
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

/** Logs in for the first time: with the password out of the log, which is then changed. */
export async function enterFirst(page: Page, served: ServedPage): Promise<void> {
  await page.goto(served.url);
  await page.fill("[name=user]", "admin");
  await page.fill("[name=password]", served.oneTimePassword);
  await page.click("text=Log in");
  await page.fill("[name=old]", served.oneTimePassword);
  await page.fill("[name=new]", PASSWORD);
  await page.fill("[name=again]", PASSWORD);
  await page.click("text=Set password");
  await page.waitForSelector("header.head");
}
