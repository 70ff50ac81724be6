/**
 * How far the scrub has come, kept in a small file so that it goes on there after
 * a restart. Losing it costs nothing but reading some files again.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { ensureFolder } from "../host/durable.ts";

export const SCRUB_STATE_PATH = join("data", "upkeep", "scrub.json");

/** What the round found of one camera until now. */
export interface CameraRound {
  readonly batches: number;
  readonly bytes: number;
  readonly faults: number;
  /** The first faults, by a key that is the same for the same fault in the next round. */
  readonly listed: readonly ListedFault[];
}

export interface ListedFault {
  readonly key: string;
  readonly text: string;
}

export interface ScrubState {
  /** Wall time at which the round began, in milliseconds. */
  readonly begunMs: number;
  /** The last batch that was read, and the last one of the round. */
  readonly doneId: number;
  readonly toId: number;
  readonly cameras: Readonly<Record<string, CameraRound>>;
  /** Faults of the round before: they are not reported anew. */
  readonly known: Readonly<Record<string, readonly ListedFault[]>>;
}

/** Undefined where there is none that can be read. */
export async function readScrubState(root: string): Promise<ScrubState | undefined> {
  try {
    const state = JSON.parse(await Deno.readTextFile(join(root, SCRUB_STATE_PATH)));
    const isWhole = [state?.begunMs, state?.doneId, state?.toId].every(Number.isSafeInteger) &&
      [state.cameras, state.known].every((each) => each !== null && typeof each === "object");
    return isWhole ? state : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Not synced: it is written often, and a power cut may take it. */
export async function writeScrubState(root: string, state: ScrubState): Promise<void> {
  const path = join(root, SCRUB_STATE_PATH);
  await ensureFolder(dirname(path));
  await Deno.writeTextFile(`${path}.part`, `${JSON.stringify(state)}\n`);
  await Deno.rename(`${path}.part`, path);
}
