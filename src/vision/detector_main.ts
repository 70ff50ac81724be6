/**
 * A detector process: Lookback once more, as a child that does nothing but look at
 * pieces of pictures. The native library runs here, so what goes wrong in its code
 * ends this process and nothing else.
 *
 * In:   messages on standard input (detector_frames.ts). Out: answers on standard output.
 * Ends when its input does.
 * Not here: who starts it (detector_process.ts), the model (detector_worker.ts).
 *
 * @module
 */

import { unreachable } from "../base/errors.ts";
import type { Box } from "../model/vision.ts";
import { frameOf, framesOf } from "./detector_frames.ts";
import type {
  DetectorModel,
  FromDetector,
  FromDetectorProcess,
  ToDetector,
  ToDetectorProcess,
} from "./detector_messages.ts";

/** Runs until the input ends. Returns the exit code. */
export async function detectorMain(): Promise<number> {
  let workers: readonly Worker[] = [];
  for await (const { message, bytes } of framesOf(Deno.stdin.readable)) {
    const data = message as ToDetectorProcess;
    switch (data.type) {
      case "load":
        workers = startWorkers(data.model, data.lines);
        break;
      case "look": {
        const { line, id, floor } = data;
        const crops = cropsOf(data.crops, bytes);
        const transfer = crops.map(({ rgb }) => rgb.buffer);
        const job: ToDetector = { type: "look", id, floor, crops };
        workers[line]?.postMessage(job, transfer);
        break;
      }
      default:
        unreachable(data);
    }
  }
  return 0;
}

/** A Worker for each line: a run of the model blocks its thread. They share the library. */
function startWorkers(model: DetectorModel, lines: number): Worker[] {
  let readyCount = 0;
  return Array.from({ length: lines }, (_, line) => {
    const worker = new Worker(new URL("./detector_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromDetector>) => {
      if (data.type === "unusable") return say(data);
      if (data.type !== "ready") return say({ type: "answer", line, answer: data });
      readyCount += 1;
      if (readyCount === lines) say({ type: "ready" });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      say({ type: "failed", reason: event.message });
    };
    const load: ToDetector = { type: "load", model };
    worker.postMessage(load);
    return worker;
  });
}

/** Each piece with memory of its own, which goes to the Worker. */
function cropsOf(
  crops: readonly { readonly area: Box; readonly sizeBytes: number }[],
  bytes: Uint8Array<ArrayBuffer>,
): { rgb: Uint8Array<ArrayBuffer>; area: Box }[] {
  let offset = 0;
  return crops.map(({ area, sizeBytes }) => {
    const rgb = bytes.slice(offset, offset + sizeBytes);
    offset += sizeBytes;
    return { rgb, area };
  });
}

/** Writes all of it before anything else: answers of several Workers must not mix. */
function say(message: FromDetectorProcess): void {
  const frame = frameOf(message);
  for (let written = 0; written < frame.length;) {
    written += Deno.stdout.writeSync(frame.subarray(written));
  }
}
