/**
 * Follows what a camera records, from outside the program that records it: reads
 * the recording file that is open, fragment by fragment as they are appended, and
 * goes on with the next file when that one is there.
 *
 * In:  data/open/<camera>.json (which folder), the files in it. Nothing is written,
 *      no lock is taken, and the recorder does not know of it.
 * Out: fragments, from a key frame on. Who takes them too slowly loses the older ones.
 * Not here: decoding (tap_session.ts).
 *
 * It looks every so often, instead of being told: that works on every file system,
 * and costs nothing that could run out.
 *
 * Design: docs/design/export.md, "Live pictures"
 *
 * @module
 */

import { join } from "node:path";
import { namesIn } from "../host/files.ts";
import { openHoursPath, parseOpenHours } from "../model/open_hours.ts";
import { type FollowedFragment, FollowedRecording } from "./followed_recording.ts";

/** A reader that is further behind than this, in milliseconds, goes on at the newest key frame. */
export const BEHIND_MS = 1_000;

/** A fragment with the file that it lies in. */
export interface LiveFragment extends FollowedFragment {
  readonly recording: FollowedRecording;
  /** False where something was passed over before it. */
  readonly goesOn: boolean;
}

export class LiveTail implements Disposable {
  readonly #root: string;
  readonly #cameraId: string;
  #current: FollowedRecording | undefined;
  /** Fragments of a file that was found, while it is not known whether it grows. */
  #found: FollowedFragment[] = [];
  /** Paths of files that are done with, and of those that are no recordings. */
  #done = new Set<string>();
  /** Frames below this id have been followed or skipped. */
  #newestId = 0;
  #isFirst = true;
  /** Frames that were passed over because they were taken too slowly. */
  skippedFrames = 0;

  constructor(place: { readonly root: string; readonly cameraId: string }) {
    this.#root = place.root;
    this.#cameraId = place.cameraId;
  }

  /**
   * What has come since the last time; nothing while nothing is recorded. The file of a
   * fragment stays open until the next call.
   */
  async read(): Promise<LiveFragment[]> {
    const current = this.#current ?? await this.#join();
    if (current === undefined) return [];
    const fragments = current.scan();
    if (fragments.length > 0) return this.#newest(current, fragments);
    const next = await this.#nextFile();
    if (next === undefined) return [];
    current[Symbol.dispose]();
    this.#follow(next);
    return this.#newest(next, next.scan());
  }

  [Symbol.dispose](): void {
    this.#current?.[Symbol.dispose]();
    this.#current = undefined;
  }

  /** Finds the newest file. It is followed once it grows: a crash leaves files that never do. */
  async #join(): Promise<FollowedRecording | undefined> {
    const newest = await this.#nextFile();
    if (newest === undefined) return undefined;
    this.#follow(newest);
    this.#found = newest.scan();
    return newest;
  }

  #follow(recording: FollowedRecording): void {
    this.#current = recording;
    this.#newestId = recording.label.startingFrameId;
  }

  /** What of some fragments is worth taking. */
  #newest(recording: FollowedRecording, came: readonly FollowedFragment[]): LiveFragment[] {
    const fragments = [...this.#found, ...came];
    const isJoining = this.#found.length > 0;
    this.#found = [];
    const key = fragments.findLastIndex(({ isKey }) => isKey);
    const isBehind = isJoining || lengthMs(recording, fragments) > BEHIND_MS;
    const from = isBehind ? Math.max(0, key) : 0;
    if (!isJoining) this.skippedFrames += framesIn(fragments.slice(0, from));
    const hasBreak = isJoining || from > 0 || this.#isFirst;
    this.#isFirst = false;
    return fragments.slice(from).map((fragment, index) => ({
      ...fragment,
      recording,
      goesOn: index > 0 || !hasBreak,
    }));
  }

  /** The file with the highest frame ids, if it is a newer one than the one that is followed. */
  async #nextFile(): Promise<FollowedRecording | undefined> {
    let newest: FollowedRecording | undefined;
    for (const path of await this.#unknownFiles()) {
      const found = FollowedRecording.open(path);
      if (found === undefined) continue;
      this.#done.add(path);
      const isNewer = found.label.startingFrameId >
        (newest?.label.startingFrameId ?? this.#newestId);
      if (isNewer) newest?.[Symbol.dispose]();
      if (isNewer) newest = found;
      else found[Symbol.dispose]();
    }
    return newest;
  }

  async #unknownFiles(): Promise<string[]> {
    const folder = await this.#folder();
    if (folder === undefined) return [];
    const paths = (await namesIn(folder)).filter((name) => name.endsWith(".mp4"))
      .map((name) => join(folder, name));
    // What has gone, or lies in the folder of another hour, need not be remembered.
    this.#done = this.#done.intersection(new Set(paths));
    return paths.filter((path) => !this.#done.has(path));
  }

  /** The folder in which the camera last made a file. */
  async #folder(): Promise<string | undefined> {
    try {
      const text = await Deno.readTextFile(join(this.#root, openHoursPath(this.#cameraId)));
      const folder = parseOpenHours(text)?.folders.at(-1);
      return folder === undefined ? undefined : join(this.#root, folder);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}

function framesIn(fragments: readonly FollowedFragment[]): number {
  return fragments.reduce((sum, { samples }) => sum + samples.video.length, 0);
}

function lengthMs(
  { init }: FollowedRecording,
  fragments: readonly FollowedFragment[],
): number {
  const ticks = fragments.flatMap(({ samples }) => samples.video)
    .reduce((sum, { duration }) => sum + duration, 0);
  return ticks * 1_000 / init.video.timescale;
}
