/**
 * The newest stills as one endless answer, for what can show nothing better: parts
 * of `multipart/x-mixed-replace`, each of which takes the place of the one before.
 *
 * In:   a function that gives the newest still. Out: a response.
 * Not here: making stills. A part is made when the reader has taken the last one, so
 * a slow reader gets fewer.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { joined } from "../base/bytes.ts";
import type { UnixMs } from "../base/units.ts";

/** How often is looked for a newer still, in milliseconds. */
const EVERY_MS = 1_000;

/** The same still is sent again after so many looks: what lies between gives up a silent answer. */
const MOST_SILENT_LOOKS = 5;

const BOUNDARY = "lookback-still";

/** The newest still, undefined where there is none. */
export type NewestStill = () => Promise<
  { readonly jpeg: Uint8Array; readonly atMs: UnixMs } | undefined
>;

export interface MjpegOptions {
  readonly clock: Clock;
  /** Ends the answer. */
  readonly signal: AbortSignal;
  /** Called once, when nobody reads any more. */
  readonly onEnd: () => void;
}

/** An answer that goes on until the reader leaves or `signal` is aborted. */
export function mjpegResponse(newest: NewestStill, options: MjpegOptions): Response {
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, options.signal]);
  const parts = stillParts(newest, { clock: options.clock, signal });
  const end = once(options.onEnd);
  // A reader that stands still asks for no more, and would keep its place.
  signal.addEventListener("abort", end, { once: true });
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { value, done } = await parts.next();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      end();
    },
    cancel() {
      leaving.abort();
      end();
    },
  }, { highWaterMark: 0 });
  return new Response(body, {
    headers: {
      "content-type": `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
      "cache-control": "no-store",
    },
  });
}

async function* stillParts(
  newest: NewestStill,
  { clock, signal }: Pick<MjpegOptions, "clock" | "signal">,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let shownMs: UnixMs | undefined;
  let silentLooks = 0;
  while (!signal.aborted) {
    const still = await newest();
    const isNews = still !== undefined &&
      (still.atMs !== shownMs || silentLooks >= MOST_SILENT_LOOKS);
    if (isNews) {
      shownMs = still.atMs;
      silentLooks = 0;
      yield part(still.jpeg, still.atMs);
    } else silentLooks += 1;
    await clock.sleep(EVERY_MS, signal);
  }
}

function part(jpeg: Uint8Array, atMs: UnixMs): Uint8Array<ArrayBuffer> {
  const head = `--${BOUNDARY}\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n` +
    `x-lookback-time: ${new Date(atMs).toISOString()}\r\n\r\n`;
  const text = new TextEncoder();
  return joined([text.encode(head), jpeg, text.encode("\r\n")]);
}

function once(call: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) call();
    isDone = true;
  };
}
