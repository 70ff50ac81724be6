/**
 * What live routes make of the answers of the {@linkcode LiveDoor}.
 *
 * @module
 */

import type { IceServer, LiveRefusal } from "./doors.ts";
import { cameraUnknown, Problem } from "./problem.ts";

/** What was asked for; throws a {@linkcode Problem} where there is no such stream, or not now. */
export function met<T extends object>(answer: T | LiveRefusal | undefined, cameraId: string): T {
  if (answer === undefined) throw cameraUnknown(cameraId);
  if (isRefusal(answer)) throw refused(answer);
  return answer;
}

/** @returns The problem that a refusal is. */
export function refused({ status, code, detail }: LiveRefusal): Problem {
  const headers = status === 426 ? { upgrade: "websocket" } : {};
  return new Problem(status, code, detail, { headers });
}

function isRefusal(answer: object): answer is LiveRefusal {
  return !(answer instanceof Response) && "status" in answer && "detail" in answer;
}

/**
 * A STUN or TURN server as the value of a Link header (RFC 9725, 4.6; RFC 8288, 3).
 * Undefined for one that can't stand in a header, which knows no letters beyond ASCII.
 */
export function iceLink({ urls, username, credential }: IceServer): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(urls) || /[<>]/.test(urls)) return undefined;
  const facts = [
    ["rel", "ice-server"],
    ...(username === undefined ? [] : [["username", username]]),
    ...(credential === undefined
      ? []
      : [["credential", credential], ["credential-type", "password"]]),
  ] as const;
  if (!facts.every(([, value]) => /^[\x20-\x7e]*$/.test(value!))) return undefined;
  const quoted = (value: string) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
  return [`<${urls}>`, ...facts.map(([name, value]) => `${name}=${quoted(value!)}`)].join("; ");
}
