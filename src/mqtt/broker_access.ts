/**
 * What a connection to the broker needs, out of the settings and the files that they
 * name. Read anew for each try: whoever changes a password need not tell Lookback.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import type { BrokerSettings, MqttPassword } from "./settings.ts";

export interface BrokerAccess {
  /** Without user and password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** In PEM. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** @throws {Error} Where a file can't be read; its message is for people. */
export async function readAccess(settings: BrokerSettings): Promise<BrokerAccess> {
  const { caPath, certPath, keyPath } = settings;
  const { url, user, password } = addressOf(settings.url);
  const username = settings.user ?? user;
  const secret = settings.password === null ? password : await readPassword(settings.password);
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(caPath === null ? {} : { ca: await readText("ca_file", caPath) }),
    ...(certPath === null ? {} : { cert: await readText("cert_file", certPath) }),
    ...(keyPath === null ? {} : { key: await readText("key_file", keyPath) }),
  };
}

function addressOf(
  written: string,
): { readonly url: string; readonly user?: string; readonly password?: string } {
  const url = new URL(written);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  return {
    url: url.href,
    ...(username === "" ? {} : { user: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
  };
}

async function readPassword(password: MqttPassword): Promise<string> {
  if (password.kind === "text") return password.text;
  // Editors and shells put a line end behind it.
  const text = (await readText("password_file", password.path)).trimEnd();
  if (text === "") throw new Error(`password_file "${password.path}" is empty`);
  return text;
}

async function readText(key: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new Error(`${key} can't be read: ${messageOf(error)}`);
  }
}
