/**
 * Exports that come at the same time: so many at once, the others in turn, and none at
 * the cost of recording.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { OperatorError } from "../../src/base/errors.ts";
import { isoUtc } from "../../src/base/units.ts";
import { waitForTurn } from "../../src/host/waiting_line.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { loggedFrames, openArchive } from "../support/archive.ts";
import { makeClip } from "../support/clips.ts";
import { at, cameraEntry } from "../support/ledger_entries.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { recordRun } from "../support/recorded_run.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

Deno.test("export waits for its turn and says so, and can be cancelled meanwhile", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(join(root, "data"));
  const database = openForWriting(root);
  const entries = [cameraEntry("front"), ...await recordRun(root)];
  deepStrictEqual(new LedgerWriter(database).commit(entries), []);
  database.close();
  await writeConfig(root, "export: { concurrent: 1 }\ncameras: []\n");
  const line = join(root, "data", "export-line");
  const { signal } = new AbortController();
  const turn = await waitForTurn(line, { places: 1, mayWrite: true, onWait: () => {}, signal });
  const args = ["export", "--camera", "front", "--at", isoUtc(at(1)), "--duration", "2s"];
  await using cancelled = startLookback(args, { cwd: root });
  await cancelled.shown("waiting  another export is running");
  await using second = startLookback([...args, "--json"], { cwd: root });
  await second.shown("waiting  another export is running");
  cancelled.kill("SIGINT");
  const { code, stderr } = await cancelled.finished;
  strictEqual(code, 1);
  match(stderr, /Cancelled/);
  turn[Symbol.dispose]();
  const done = await second.finished;
  strictEqual(done.code, 0, done.stderr);
  strictEqual(done.stderr.match(/waiting/g)?.length, 1);
  strictEqual(JSON.parse(done.stdout).receipt.delivered.frames, 50);
  const left = async (path: string) =>
    (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
  deepStrictEqual(await left(line), []);
  strictEqual((await left(join(root, "output"))).length, 2);
});

Deno.test("run loses no frame while eight exports are asked for at once", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const seconds = 9;
  await makeClip(join(root, "clip.mp4"), { seconds, size: "320x180" });
  const ids = ["one", "two", "three", "four"];
  const cameras = ids.map((id) => `  - { id: ${id}, source: clip.mp4 }\n`).join("");
  await writeConfig(root, `batch: { duration_seconds: 1 }\ncameras:\n${cameras}`);
  await using run = startLookback(["run", "--until-end"], { cwd: root });
  await until(() => hasBatches(root, ids), { limitMs: 30_000, what: "a batch of each camera" });
  const exports = await Promise.all(
    Array.from(
      { length: 8 },
      (_, number) =>
        lookback(["export", "--camera", ids[number % 4]!, "--at=-5m", "--duration", "6m"], {
          cwd: root,
        }),
    ),
  );
  for (const { code, stderr } of exports) strictEqual(code, 0, stderr);
  strictEqual((await run.finished).code, 0);
  for (const id of ids) {
    const frames = await loggedFrames(root, id);
    deepStrictEqual(
      frames.map(({ frameId }) => frameId),
      Array.from({ length: seconds * 25 }, (_, index) => index + 1),
      id,
    );
  }
});

/** True when each camera has one that is closed. */
function hasBatches(root: string, ids: readonly string[]): boolean {
  try {
    using archive = openArchive(root);
    const recorded = archive.cameras().filter(({ batches }) => batches > 0);
    return recorded.length === ids.length;
  } catch (error) {
    // Recording has not made the database yet.
    if (error instanceof OperatorError) return false;
    throw error;
  }
}
