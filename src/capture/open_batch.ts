/**
 * The batch that is being recorded: its recording file, its lines in the JSON
 * log, and the row that will name both.
 *
 * @module
 */

import { dirname } from "node:path";
import { InvariantError } from "../base/errors.ts";
import type { SharedMemory } from "../base/shared_memory.ts";
import type { UnixMs } from "../base/units.ts";
import type { RecordingLabel } from "../media/recording_label.ts";
import type { Frame } from "../model/frame.ts";
import type { BatchEntry } from "../model/ledger.ts";
import { frameLogPath, recordingPath } from "../model/paths.ts";
import type { BatchFile } from "./batch_file.ts";
import { FrameLogPart } from "./frame_log.ts";
import type { OpenHours } from "./open_hours.ts";
import { type Room, withRoom } from "./room.ts";

export class OpenBatch {
  readonly #root: string;
  readonly #file: BatchFile;
  readonly #hours: OpenHours;
  #label: RecordingLabel;
  #log: FrameLogPart | undefined;
  #lines: string[] = [];
  /** Lines that came before the first frame's. */
  readonly #early: string[] = [];
  #first: Frame | undefined;
  #last: Frame | undefined;
  #endMs: UnixMs | undefined;

  /** @param parts `firstKeyPts`: presentation time of the key frame that the file begins with. */
  constructor(
    parts: {
      readonly root: string;
      readonly file: BatchFile;
      readonly label: RecordingLabel;
      readonly firstKeyPts: number;
      readonly hours: OpenHours;
    },
  ) {
    this.#root = parts.root;
    this.#hours = parts.hours;
    this.#file = parts.file;
    this.#label = parts.label;
    this.firstKeyPts = parts.firstKeyPts;
  }

  readonly firstKeyPts: number;

  /** Appends a fragment to the recording file. */
  async append(fragment: Uint8Array, memory: SharedMemory): Promise<void> {
    await this.#file.append(fragment, memory);
  }

  /** Corrects label and file name once the origin is known for good. */
  async settle(origin: { readonly originMs: UnixMs; readonly startMs: UnixMs }): Promise<void> {
    if (origin.originMs !== this.#label.originMs) {
      const label = { ...this.#label, originMs: origin.originMs };
      const path = recordingPath(label.cameraId, origin.startMs);
      await this.#hours.note("folders", dirname(path));
      await this.#file.relabel(label, path);
      // Behind what the disk may refuse: the batch's end tries it once more.
      this.#label = label;
    }
    this.#file.settle();
  }

  /** Takes the next frame in presentation order; `endMs` is the wall time of its end. */
  add(frame: Frame, line: { readonly text: string; readonly endMs: UnixMs }): void {
    this.#first ??= frame;
    this.#last = frame;
    this.#endMs = line.endMs;
    this.#lines.push(line.text, ...this.#early.splice(0));
  }

  /** Takes a line that says more of a frame; a batch's part of the log begins with a frame all the same. */
  note(line: string): void {
    (this.#first === undefined ? this.#early : this.#lines).push(line);
  }

  /** Writes the lines that were added to the JSON log. */
  async writeLines(): Promise<void> {
    if (this.#lines.length === 0 || this.#first === undefined) return;
    if (this.#log === undefined) {
      const path = frameLogPath(this.#label.cameraId, this.#first.atMs);
      await this.#hours.note("logs", path);
      this.#log = await FrameLogPart.open(this.#root, path);
    }
    await this.#log.append(this.#lines.join(""));
    this.#lines = [];
  }

  /**
   * Makes file and lines durable and closes both.
   *
   * @returns The row that may be inserted now, but for the stills.
   */
  async finish(room: Room): Promise<Omit<BatchEntry, "stillsBytes">> {
    // Lines that could not be written before may fit now; without them there is no row.
    const unwritten = await withRoom(room, () => this.writeLines())
      .then(() => undefined, (error) => ({ error }));
    const [recording, frames] = await Promise.allSettled([
      this.#file.finish(),
      this.#log?.finish(),
    ]);
    if (recording.status === "rejected") throw recording.reason;
    if (frames.status === "rejected") throw frames.reason;
    if (unwritten !== undefined) throw unwritten.error;
    return this.#entry(recording.value, frames.value);
  }

  #entry(
    recordingSha256: string,
    framesSha256: string | undefined,
  ): Omit<BatchEntry, "stillsBytes"> {
    const [first, last, endMs, log] = [this.#first, this.#last, this.#endMs, this.#log];
    if (
      first === undefined || last === undefined || endMs === undefined || log === undefined ||
      framesSha256 === undefined
    ) {
      throw new InvariantError(`Cannot close "${this.#file.path}": it has no frame`);
    }
    return {
      type: "batch",
      cameraId: this.#label.cameraId,
      run: this.#label.run,
      startingFrameId: first.frameId,
      endingFrameId: last.frameId,
      startMs: first.atMs,
      endMs,
      frameCount: last.frameId - first.frameId + 1,
      recordingPath: this.#file.path,
      recordingBytes: this.#file.sizeBytes,
      framesPath: log.path,
      framesOffset: log.offset,
      framesBytes: log.sizeBytes,
      recordingSha256,
      framesSha256,
    };
  }
}
