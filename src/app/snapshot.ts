/**
 * Takes one picture of a source before it is recorded.
 *
 * @module
 */

import { runChild } from "../host/process.ts";
import { explainRecorderEnd } from "../media/ffmpeg_faults.ts";
import { snapshotArgs } from "../media/snapshot_args.ts";
import type { CameraSource } from "../model/camera.ts";

export type Snapshot =
  | { readonly ok: true; readonly jpeg: Uint8Array<ArrayBuffer> }
  | {
    readonly ok: false;
    /** For people, on one line, without passwords. */
    readonly problem: string;
  };

/** Longest wait for the picture, in milliseconds: a long GOP goes by before a key frame comes. */
const SNAPSHOT_LIMIT_MS = 20_000;

/**
 * Takes a picture.
 *
 * @throws {OperatorError} "ffmpeg-not-found" if there is no ffmpeg.
 * @throws The signal's reason, if it is aborted.
 */
export async function takeSnapshot(
  source: CameraSource,
  { ffmpegPath, signal }: { readonly ffmpegPath: string; readonly signal: AbortSignal },
): Promise<Snapshot> {
  const limit = AbortSignal.timeout(SNAPSHOT_LIMIT_MS);
  const { code, stdout, errorTail } = await runChild({
    command: ffmpegPath,
    args: snapshotArgs(source),
    signal: AbortSignal.any([signal, limit]),
  });
  signal.throwIfAborted();
  if (stdout.length > 0 && code === 0) return { ok: true, jpeg: stdout };
  const problem = limit.aborted
    ? `no picture came within ${SNAPSHOT_LIMIT_MS / 1_000} s`
    : code === 0
    ? "no picture came before the stream ended"
    : explainRecorderEnd(errorTail, code).detail;
  return { ok: false, problem };
}
