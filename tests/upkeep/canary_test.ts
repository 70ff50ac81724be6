import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { logger } from "../../src/base/log.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { Reader } from "../../src/store/reader.ts";
import { CANARY_FOLDER, type CanaryResult, testCamera } from "../../src/upkeep/canary.ts";
import { CanaryJob } from "../../src/upkeep/canary_job.ts";
import { filesBelow } from "../support/archive.ts";
import { at } from "../support/ledger_entries.ts";
import { type RealArchive, realArchive } from "../support/real_archive.ts";

const CLIP = { seconds: 12, size: "128x72", bframes: 2, gop: 25 };
const NEVER = new AbortController().signal;

async function test(
  archive: RealArchive,
  changes: Partial<Parameters<typeof testCamera>[1]> = {},
): Promise<CanaryResult | undefined> {
  using index = new Reader(archive.root);
  const tools = { ffmpegPath: "ffmpeg", signal: NEVER };
  return await testCamera("front", {
    index,
    nowMs: at(60),
    random: () => 0.5,
    ...tools,
    ...changes,
  });
}

/** Spoils pictures, in a way that leaves every box as it was. */
async function spoilPictures(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(3_000, Deno.SeekMode.Start);
  await file.write(new Uint8Array(1_500).fill(0xff));
}

Deno.test("testCamera() cuts and decodes footage that is whole, and leaves nothing", async () => {
  await using archive = await realArchive({ clip: CLIP });
  const before = await filesBelow(archive.root);
  for (const chance of [0, 0.37, 0.74, 1]) {
    const result = await test(archive, { random: () => chance });
    strictEqual(result?.ok, true, result?.detail ?? "no result");
  }
  deepStrictEqual(await filesBelow(archive.root), before);
});

Deno.test("testCamera() names a piece whose recording is gone", async () => {
  await using archive = await realArchive({ clip: CLIP });
  const [batch] = archive.batches();
  await Deno.remove(join(archive.root, batch!.recordingPath));
  const result = await test(archive, { random: () => 0 });
  strictEqual(result?.ok, false);
  ok(result.detail.includes(`recording-missing: there is no file "${batch!.recordingPath}"`));
});

Deno.test("testCamera() names a piece that can't be decoded", async () => {
  await using archive = await realArchive({ clip: CLIP });
  const [, batch] = archive.batches();
  await spoilPictures(join(archive.root, batch!.recordingPath));
  const result = await test(archive, { random: () => 0 });
  strictEqual(result?.ok, false);
  ok(result.detail.includes("it can't be decoded: "), result.detail);
});

Deno.test("testCamera() says nothing where nothing was recorded in the last day", async () => {
  await using archive = await realArchive();
  strictEqual(await test(archive, { nowMs: at(25 * 3_600) }), undefined);
  const batchIds = archive.batches().map(({ batchId }) => batchId);
  const cause = "age";
  archive.commit([
    { type: "deletion", cameraId: "front", atMs: at(70), cause, batchIds, files: [] },
  ]);
  strictEqual(await test(archive), undefined);
});

Deno.test("CanaryJob tests each camera and removes what a crash left", async () => {
  await using archive = await realArchive({
    cameraIds: ["front", "yard"],
    clip: CLIP,
    startMs: systemClock.now(),
  });
  const left = join(archive.root, CANARY_FOLDER);
  await Deno.mkdir(left, { recursive: true });
  await Deno.writeTextFile(join(left, "front.mp4.part"), "half");
  const sent: LedgerEntry[] = [];
  const stop = new AbortController();
  const job = new CanaryJob({
    root: archive.root,
    clock: systemClock,
    log: logger("upkeep"),
    everyMs: () => 1,
    cameraIds: () => ["front", "yard", "never-recorded"],
    ffmpegPath: () => "ffmpeg",
    random: Math.random,
    openIndex: () => new Reader(archive.root),
    send: (entry) => {
      sent.push(entry);
      if (sent.length === 2) stop.abort();
      return Promise.resolve();
    },
  });
  await job.run(stop.signal);
  deepStrictEqual(
    sent.map((entry) => entry.type === "check" && [entry.cameraId, entry.kind, entry.ok]),
    [["front", "canary", true], ["yard", "canary", true]],
  );
  ok(!(await filesBelow(join(archive.root, "data"))).some((path) => path.includes("canary")));
});
