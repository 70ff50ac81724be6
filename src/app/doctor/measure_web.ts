/**
 * Looks whether the page could be served as the settings have it: its port is free,
 * or a Lookback has it, and its certificate can be used.
 *
 * In:   the settings of the web server, and whether something records.
 * Out:  a judgement; nothing stays open.
 *
 * @module
 */

import { messageOf, OperatorError } from "../../base/errors.ts";
import type { ListenAddress, WebSettings } from "../../web/settings.ts";
import { tlsPair } from "../../web/tls.ts";
import { fine, type Judgement, problem } from "./finding.ts";

export async function examineWeb(
  settings: Pick<WebSettings, "listen" | "tls">,
  at: { readonly root: string; readonly isRecording: boolean; readonly nowMs: number },
): Promise<Judgement> {
  const { listen, tls } = settings;
  const place = `${listen.hostname}:${listen.port}`;
  try {
    if (tls?.kind === "files") await tlsPair(tls, { root: at.root, nowMs: at.nowMs, names: [] });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return problem(error.message, error.advice.fix[0]);
  }
  const fault = portFault(listen);
  const how = tls === null ? "not encrypted" : "encrypted";
  if (fault === undefined) {
    return at.isRecording
      ? problem(`nothing listens at ${place}`, "read why in the log, and: lookback reload")
      : fine(`${place} is free, ${how}`);
  }
  if (fault instanceof Deno.errors.AddrInUse && at.isRecording) {
    return fine(`listens at ${place}, ${how}`);
  }
  return problem(
    `cannot listen at ${place}: ${messageOf(fault)}`,
    "stop the program that has the port (ss -ltnp shows it), or change web.listen",
  );
}

/** Why the address can't be listened at; undefined where it can. */
function portFault({ hostname, port }: ListenAddress): unknown {
  try {
    Deno.listen({ hostname, port }).close();
    return undefined;
  } catch (error) {
    return error;
  }
}
