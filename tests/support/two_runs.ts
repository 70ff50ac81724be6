/**
 * A storage root in which a camera recorded twice, with a break between: two runs
 * of the same clip, real files and a real database.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { at, cameraEntry } from "./ledger_entries.ts";
import { recordRun, RUN_CLIP } from "./recorded_run.ts";
import { tempFolder } from "./temp_folder.ts";

/** From start to start of the two runs, in seconds; each lasts six. */
export const RUN_STEP_SECONDS = 10;

/** @param options `isSeen`: whether a person was seen in a frame of each fragment. */
export async function twoRuns(
  options: { readonly isSeen?: boolean } = {},
): Promise<AsyncDisposable & { readonly root: string }> {
  const folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(join(root, "data"));
  const database = openForWriting(root);
  try {
    const writer = new LedgerWriter(database);
    deepStrictEqual(writer.commit([cameraEntry("front")]), []);
    for (const run of [0, 1]) {
      const entries = await recordRun(root, {
        clip: RUN_CLIP,
        startMs: at(run * RUN_STEP_SECONDS),
        startingFrameId: 1 + run * 150,
        ...options,
      });
      deepStrictEqual(writer.commit([...entries]), []);
    }
  } finally {
    database.close();
  }
  return { root, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
