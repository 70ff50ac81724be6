import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { logger } from "../../src/base/log.ts";
import { monotonicMs, unixMs } from "../../src/base/units.ts";
import type { CheckEntry, LedgerEntry } from "../../src/model/ledger.ts";
import { VerifyReader } from "../../src/store/verify_reader.ts";
import { ScrubJob } from "../../src/upkeep/scrub.ts";
import { readScrubState } from "../../src/upkeep/scrub_state.ts";
import { flipByte, type RealArchive, realArchive } from "../support/real_archive.ts";

/** Time that goes on by what is slept. */
class QuickClock implements Clock {
  passedMs = 0;
  readonly #startMs = Date.parse("2026-11-22T00:00:00Z");
  /** Called at each sleep. */
  onSleep = (_durationMs: number) => {};

  now() {
    return unixMs(Math.round(this.#startMs + this.passedMs));
  }

  monotonic() {
    return monotonicMs(this.passedMs);
  }

  async sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) this.passedMs += durationMs;
    this.onSleep(durationMs);
    await systemClock.sleep(0, signal);
  }
}

interface Scrubbed {
  readonly job: ScrubJob;
  readonly clock: QuickClock;
  /** What was reported since the last call. */
  reported(): CheckEntry[];
}

function scrubOf(archive: RealArchive, bytesPerSecond = 4_000_000): Scrubbed {
  const clock = new QuickClock();
  let sent: LedgerEntry[] = [];
  const job = new ScrubJob({
    root: archive.root,
    clock,
    log: logger("upkeep"),
    bytesPerSecond: () => bytesPerSecond,
    openIndex: () => new VerifyReader(archive.root),
    send: (entry) => {
      archive.commit([entry]);
      sent.push(entry);
      return Promise.resolve();
    },
  });
  const reported = () => {
    const found = sent as CheckEntry[];
    sent = [];
    return found;
  };
  return { job, clock, reported };
}

const NEVER = new AbortController().signal;

Deno.test("ScrubJob says of every camera that it is whole, at most once an hour", async () => {
  await using archive = await realArchive({ cameraIds: ["front", "yard"] });
  const { job, clock, reported } = scrubOf(archive);
  await job.round(NEVER);
  const first = reported();
  deepStrictEqual(first.map(({ cameraId, kind, ok }) => [cameraId, kind, ok]), [
    ["front", "scrub", true],
    ["yard", "scrub", true],
  ]);
  ok(first[0]!.detail.startsWith("3 batches, "), first[0]!.detail);
  const endedMs = clock.passedMs;
  await job.round(NEVER);
  strictEqual(reported().length, 2);
  ok(clock.passedMs - endedMs > 3_590_000);
});

Deno.test("ScrubJob reads no faster than it may", async () => {
  await using archive = await realArchive();
  const { job, clock } = scrubOf(archive, 10_000);
  await job.round(NEVER);
  const bytes = archive.batches()
    .reduce((sum, { recordingBytes, framesBytes }) => sum + recordingBytes + framesBytes, 0);
  ok(Math.abs(clock.passedMs - bytes / 10) < 1, `${clock.passedMs} ms for ${bytes} bytes`);
});

Deno.test("ScrubJob reports a fault once and shows it until the camera is whole again", async () => {
  await using archive = await realArchive({ cameraIds: ["front", "yard"] });
  const { job, reported } = scrubOf(archive);
  const batch = archive.batches("yard")[1]!;
  const path = join(archive.root, batch.recordingPath);
  await flipByte(path, 5_000);
  await job.round(NEVER);
  const found = reported();
  deepStrictEqual(found.map(({ cameraId, ok }) => [cameraId, ok]), [
    ["yard", false],
    ["front", true],
  ]);
  ok(found[0]!.detail.startsWith(`${batch.recordingPath}, bytes `), found[0]!.detail);
  await job.round(NEVER);
  deepStrictEqual(reported().map(({ cameraId, ok }) => [cameraId, ok]), [["front", true]]);
  await flipByte(path, 5_000);
  await job.round(NEVER);
  deepStrictEqual(reported().map(({ cameraId, ok }) => [cameraId, ok]), [
    ["front", true],
    ["yard", true],
  ]);
});

Deno.test("ScrubJob goes on where it was when it is started again", async () => {
  await using archive = await realArchive({ cameraIds: ["front", "yard"] });
  // Slow enough that every file makes a pause.
  const before = scrubOf(archive, 10_000);
  const stop = new AbortController();
  let sleeps = 0;
  // Two files of a batch make two pauses.
  before.clock.onSleep = () => (sleeps += 1) === 5 && stop.abort();
  await before.job.run(stop.signal);
  deepStrictEqual(before.reported(), []);
  const state = (await readScrubState(archive.root))!;
  strictEqual(state.doneId, 2);
  const after = scrubOf(archive, 10_000);
  let rest = 0;
  after.clock.onSleep = () => rest += 1;
  await after.job.round(NEVER);
  strictEqual(rest, 8);
  deepStrictEqual(after.reported().map(({ ok }) => ok), [true, true]);
});

Deno.test("ScrubJob takes a batch that is deleted meanwhile for no fault", async () => {
  await using archive = await realArchive();
  const { job, clock, reported } = scrubOf(archive);
  const [, batch] = archive.batches();
  let isGone = false;
  clock.onSleep = () => {
    if (isGone) return;
    isGone = true;
    // The file goes before its row, as on a full disk.
    Deno.removeSync(join(archive.root, batch!.recordingPath));
    clock.onSleep = (durationMs) => {
      if (durationMs !== 10_000) return;
      const { cameraId, batchId } = batch!;
      const cause = "disk-full";
      const atMs = clock.now();
      archive.commit([{ type: "deletion", cameraId, atMs, cause, batchIds: [batchId], files: [] }]);
    };
  };
  await job.round(NEVER);
  deepStrictEqual(reported().map(({ ok }) => ok), [true]);
});

Deno.test("ScrubJob names rows that were taken out at the end of the chain", async () => {
  await using archive = await realArchive();
  const { job, reported } = scrubOf(archive);
  archive.alter("delete from batches where batch_id = 3");
  await job.round(NEVER);
  const [first] = reported();
  ok(first!.detail.includes("rows behind batch 2 were taken out by hand"), first!.detail);
});
