/**
 * A real browser for tests: the Chromium of the system, without a window, driven
 * through a pipe.
 *
 * `./dev` installs it where there is none. Where it can't, tests that need it are left
 * out: see {@linkcode findChromium}.
 *
 * @module
 */

import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Names of it on PATH, as distributions have them. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;

/** How long anything may take on a page before it counts as missing, in milliseconds. */
const STEP_LIMIT_MS = 20_000;

/** Path of the browser: LOOKBACK_CHROMIUM, or what PATH has; undefined where there is none. */
export async function findChromium(): Promise<string | undefined> {
  const chosen = Deno.env.get("LOOKBACK_CHROMIUM");
  if (chosen !== undefined && chosen !== "") return chosen;
  for (const name of NAMES) {
    for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
      const path = join(folder, name);
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  return undefined;
}

export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong on the page: errors in its console, exceptions. */
  readonly complaints: string[];
}

export interface BrowserOptions {
  /** Scripts that run in each page before its own. */
  readonly scripts?: readonly string[];
  /** Default 1280 x 900. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Pixels of a picture for each pixel of the page. Default 1. */
  readonly sharpness?: number;
}

/** Starts the browser with one page. Disposing ends it with all its children. */
export async function startBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error("Cannot start a browser: there is no Chromium");
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--headless=new",
      // Tests may run as root, which the sandbox refuses.
      "--no-sandbox",
      "--disable-gpu",
      "--autoplay-policy=no-user-gesture-required",
      // Small in containers, and then a page crashes that decodes several streams.
      "--disable-dev-shm-usage",
    ],
  });
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1_280, height: 900 },
    deviceScaleFactor: options.sharpness ?? 1,
    ignoreHTTPSErrors: true,
    acceptDownloads: true,
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  for (const content of options.scripts ?? []) await context.addInitScript({ content });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return {
    browser,
    context,
    page,
    complaints,
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
