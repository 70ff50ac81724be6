/**
 * What is said over a WebSocket that makes a WebRTC connection: one JSON object a
 * message.
 *
 * From the viewer: {"type":"offer","sdp":…} once, then {"type":"candidate","candidate":…}
 * as its browser finds addresses, {"type":"end-of-candidates"} behind the last.
 * To the viewer: {"type":"ready","iceServers":[…]} at once, {"type":"answer","sdp":…,
 * "originMs":…}, candidates in the same way, {"type":"error","code":…,"detail":…}.
 *
 * Pure.
 *
 * @module
 */

import type { IceCandidateFound, IceServer } from "../model/live.ts";
import { isCandidate } from "./ice_candidates.ts";

/** Longest message that is read, in characters: an offer of 64 Ki, and what JSON adds to it. */
const MAX_MESSAGE = 72 * 1024;

export type ViewerSignal =
  | { readonly type: "offer"; readonly sdp: string }
  | { readonly type: "candidate"; readonly candidate: string }
  | { readonly type: "end-of-candidates" };

export type BoxSignal =
  | { readonly type: "ready"; readonly iceServers: readonly IceServer[] }
  | { readonly type: "answer"; readonly sdp: string; readonly originMs: number | null }
  | ({ readonly type: "candidate" } & IceCandidateFound)
  | { readonly type: "end-of-candidates" }
  | { readonly type: "error"; readonly code: string; readonly detail: string };

/** Undefined for what is none of them. Fields that are not needed may stand in it too. */
export function readSignal(data: unknown): ViewerSignal | undefined {
  if (typeof data !== "string" || data.length > MAX_MESSAGE) return undefined;
  const message = parsed(data);
  if (typeof message !== "object" || message === null) return undefined;
  const { type, sdp, candidate } = message as Record<string, unknown>;
  if (type === "offer" && typeof sdp === "string") return { type, sdp };
  if (type === "end-of-candidates") return { type };
  if (type !== "candidate" || typeof candidate !== "string") return undefined;
  // So browsers say that it was the last one.
  if (candidate === "") return { type: "end-of-candidates" };
  return isCandidate(candidate) ? { type, candidate } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
