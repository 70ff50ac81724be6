/**
 * A body of known length as an answer over HTTP: whole or a range of it, with its
 * length and tag said before the first byte.
 *
 * In:   a request and a {@linkcode ByteBody}. Out: the response.
 * Not here: which bytes (ranges.ts), where they come from (the door's owner).
 *
 * Bytes are read only when the client has taken those before; when it goes away,
 * or takes nothing for a minute, reading ends and lets go of what it holds.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { ByteBody } from "./doors.ts";
import { Problem } from "./problem.ts";
import { answerRange, contentRange, type RangeAnswer, rangeQuestion } from "./ranges.ts";

const log = logger("web");

/**
 * How long a client may take nothing, in milliseconds. A film that is being read is kept
 * from deletion, which nobody may do for ever. Players that pause longer ask for
 * the rest again.
 */
const STALL_MS = 60_000;

/** Bodies that are read at once at most: each has up to two pieces of 1 MB in memory. */
const MOST_READS = 128;

/** Of these by strangers with a link: they may read slowly, but not take all places. */
export const MOST_STRANGERS_READS = 32;

/** Of this thread: its memory is what the limit is about. */
let openReads = 0;
let strangersReads = 0;

export interface ByteAnswer {
  readonly contentType: string;
  /** Name that it is saved under. */
  readonly fileName?: string;
  /** By default nobody keeps it without asking again. */
  readonly cacheControl?: string;
  /** Whoever asks is not logged in. */
  readonly isStranger?: boolean;
  readonly clock: Clock;
}

/** @throws {Problem} 412 and 416; 503 when too many bodies are being read. */
export function serveBytes(request: Request, body: ByteBody, facts: ByteAnswer): Response {
  const answer = answerRange(rangeQuestion(request), body);
  const headers = headersFor(answer, body, facts);
  if (answer.status === 304) return new Response(null, { status: 304, headers });
  if (answer.status === 412) {
    throw new Problem(412, "precondition-failed", "The bytes are others than those asked for");
  }
  if (answer.status === 416) {
    throw new Problem(416, "range-invalid", "This is no single range of the bytes there are", {
      headers: { "content-range": contentRange(answer, body.totalBytes) },
    });
  }
  const { status, from, to } = answer;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const { clock, isStranger = false } = facts;
  return new Response(readWatched(body, { from, to, clock, isStranger }), { status, headers });
}

function headersFor(answer: RangeAnswer, body: ByteBody, facts: ByteAnswer): Headers {
  const { contentType, fileName, cacheControl = "private, no-cache" } = facts;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "etag": body.etag,
    // Lengths and ranges count for the bytes as they are: nobody may compress them on the way.
    "cache-control": `${cacheControl}, no-transform`,
  });
  if (!("from" in answer)) return headers;
  headers.set("content-type", contentType);
  headers.set("content-length", String(answer.to - answer.from));
  if (answer.status === 206) headers.set("content-range", contentRange(answer, body.totalBytes));
  if (fileName !== undefined) {
    headers.set(
      "content-disposition",
      `inline; filename="${fileName.replaceAll(/[^\w.-]/g, "_")}"`,
    );
  }
  return headers;
}

function count(change: 1 | -1, isStranger: boolean): void {
  openReads += change;
  if (isStranger) strangersReads += change;
}

/** The bytes, read at the client's pace. */
function readWatched(
  body: ByteBody,
  part: {
    readonly from: number;
    readonly to: number;
    readonly clock: Clock;
    readonly isStranger: boolean;
  },
): ReadableStream<Uint8Array> {
  const { isStranger } = part;
  if (openReads >= MOST_READS || isStranger && strangersReads >= MOST_STRANGERS_READS) {
    throw new Problem(503, "busy", "Too many films are being read", {
      headers: { "retry-after": "5" },
    });
  }
  const ending = new AbortController();
  const source = body.read(part.from, part.to, ending.signal).getReader();
  count(1, isStranger);
  let isOpen = true;
  let taken = new AbortController();
  const end = () => {
    if (isOpen) count(-1, isStranger);
    isOpen = false;
    taken.abort();
    ending.abort();
  };
  const giveUp = async (reason: string, error: unknown, isFault: boolean) => {
    end();
    if (isFault) log.warning("Cannot read on for a client: {reason}", { reason });
    await source.cancel(error).catch(() => {});
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      taken.abort();
      try {
        const { done, value } = await source.read();
        if (!isOpen) return;
        if (done) {
          end();
          return controller.close();
        }
        controller.enqueue(value);
      } catch (error) {
        if (!isOpen) return;
        await giveUp(messageOf(error), error, true);
        // The length is said already: the client sees that the answer is torn, and asks again.
        return controller.error(error);
      }
      taken = new AbortController();
      const { signal } = taken;
      part.clock.sleep(STALL_MS, signal).then(async () => {
        if (signal.aborted || !isOpen) return;
        const error = new DOMException("The client takes nothing", "TimeoutError");
        await giveUp(error.message, error, false);
        controller.error(error);
      });
    },
    cancel: (reason) => giveUp("the client went away", reason, false),
  }, { highWaterMark: 0 });
}
