/**
 * Coverage out of a real database, filled as the writer fills it.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { UnixMs } from "../../src/base/units.ts";
import type { GapCause, LedgerEntry } from "../../src/model/ledger.ts";
import { windowLengthMs } from "../../src/model/window.ts";
import { CoverageReader } from "../../src/store/coverage_reader.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { type Coverage, coverageOf } from "../../src/upkeep/coverage_causes.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

const NOW = at(3_600);

/** Writes entries into a new database and hands over a reader of it. */
async function withLedger(
  entries: readonly LedgerEntry[],
  use: (reader: CoverageReader) => void | Promise<void>,
): Promise<void> {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  const database = openForWriting(folder.path);
  try {
    deepStrictEqual(new LedgerWriter(database).commit([cameraEntry(), ...entries]), []);
  } finally {
    database.close();
  }
  using reader = new CoverageReader(folder.path);
  await use(reader);
}

/** Batches of 10 s: numbers from `first` up to below `end`. */
function batches(first: number, end: number, run: number = at(0)): LedgerEntry[] {
  return Array.from({ length: end - first }, (_, index) => batchEntry(first + index, { run }));
}

const event = (seconds: number, kind: Parameters<typeof eventEntry>[1] & object) =>
  eventEntry(seconds, { cause: null, ...kind });

function runEnd(run: number, seconds: number, cause: GapCause): LedgerEntry {
  return { type: "run-end", cameraId: "front", run, atMs: at(seconds), cause };
}

function measure(
  reader: CoverageReader,
  range: readonly [number, number],
  moment: { nowMs?: UnixMs; isRecording?: boolean } = {},
): Coverage {
  const ranges = [{ fromMs: at(range[0]), toMs: at(range[1]) }];
  const [coverage] = coverageOf(reader, { cameraId: "front", ranges }, {
    nowMs: NOW,
    isRecording: false,
    ...moment,
  });
  return coverage!;
}

/** Causes with their seconds. */
function causes(coverage: Coverage): Record<string, number> {
  return Object.fromEntries([...coverage.missingByCause].map(([cause, ms]) => [cause, ms / 1_000]));
}

/** One hour: a stall with a hole of 60 s, a lost stretch, a crash, a stop in good order. */
const HOUR: readonly LedgerEntry[] = [
  event(-1, { kind: "started" }),
  runStartEntry("front", at(0)),
  event(0.3, { kind: "online" }),
  ...batches(0, 60),
  runEnd(at(0), 608, "camera-stalled"),
  event(608.01, { kind: "offline", cause: "camera-stalled" }),
  event(612, { kind: "offline", cause: "camera-unreachable" }),
  runStartEntry("front", at(660.2)),
  event(660.4, { kind: "online" }),
  ...batches(66, 120, at(660.2)),
  event(705, { kind: "frames-lost", cause: "frames-lost", untilMs: at(707) }),
  // A crash: nothing is noted; the next start closes the run.
  event(1_250, { kind: "started" }),
  runStartEntry("front", at(1_260.2)),
  event(1_260.4, { kind: "online" }),
  ...batches(126, 180, at(1_260.2)),
  runEnd(at(1_260.2), 1_800.4, "stopped"),
  event(1_800.5, { kind: "stopped", cause: "stopped" }),
];

Deno.test("coverageOf() names every missing second of an hour by its cause", async () => {
  await withLedger(HOUR, (reader) => {
    const coverage = measure(reader, [-600, 3_600]);
    strictEqual(coverage.wantedMs, 1_801_500);
    deepStrictEqual(causes(coverage), {
      // From the crash to the next start, and from each start to the first frame.
      "restart": 61,
      "camera-unreachable": 48,
      "camera-stalled": 12,
      "frames-lost": 2,
      "stopped": 0.5,
    });
    strictEqual(coverage.onDiskMs, coverage.wantedMs - 123_500);
  });
});

Deno.test("coverageOf() asks for nothing after a stop that nothing followed", async () => {
  await withLedger(HOUR, (reader) => strictEqual(measure(reader, [1_801, 3_600]).wantedMs, 0));
});

Deno.test("coverageOf() counts the time after a crash up to now as missing by restart", async () => {
  await withLedger(HOUR.slice(0, 66), (reader) => {
    const coverage = measure(reader, [0, 7_200]);
    strictEqual(coverage.wantedMs, 3_600_000);
    ok(coverage.missingByCause.get("camera-unreachable")! > 2_900_000);
  });
  const crashed = [event(-1, { kind: "started" }), runStartEntry(), ...batches(0, 60)];
  await withLedger(crashed, (reader) => {
    deepStrictEqual(causes(measure(reader, [0, 7_200])), { restart: 3_000 });
    const recording = measure(reader, [0, 7_200], { nowMs: at(607), isRecording: true });
    deepStrictEqual(causes(recording), { "not-yet-closed": 7 });
  });
});

Deno.test("coverageOf() calls footage deleted that was recorded and let go of", async () => {
  const deletion: LedgerEntry = {
    type: "deletion",
    cameraId: "front",
    atMs: at(1_900),
    cause: "age",
    batchIds: Array.from({ length: 30 }, (_, index) => index + 1),
    files: [],
  };
  await withLedger([...HOUR, deletion], (reader) => {
    deepStrictEqual(causes(measure(reader, [0, 600])), { deleted: 299.7, restart: 0.3 });
  });
  // In the middle: a hold kept what is older.
  const middle = { ...deletion, batchIds: deletion.batchIds.map((id) => id + 10) };
  await withLedger([...HOUR, middle], (reader) => {
    deepStrictEqual(causes(measure(reader, [0, 600])), { deleted: 300 });
  });
});

Deno.test("coverageOf() counts time that two runs share once, and the step ahead by its cause", async () => {
  const again = at(600.2);
  const ahead = at(300.3);
  const step = { kind: "clock-step", cause: "clock-step" } as const;
  await withLedger([
    event(-1, { kind: "started" }),
    runStartEntry("front", at(0)),
    ...batches(0, 60),
    // Set back by 300 s: run 2 records the seconds from 300 on a second time.
    event(300, { ...step, detail: "set by -300000 ms" }),
    runEnd(at(0), 300.1, "clock-step"),
    runStartEntry("front", again),
    ...batches(30, 90, again).map((entry, index): LedgerEntry => ({
      ...entry as ReturnType<typeof batchEntry>,
      recordingPath: `data/again/${index}.mp4`,
      startingFrameId: 20_001 + index * 250,
      endingFrameId: 20_250 + index * 250,
    })),
  ], (reader) => {
    const coverage = measure(reader, [0, 900]);
    strictEqual(coverage.onDiskMs, 900_000);
    strictEqual(coverage.wantedMs, 900_000);
  });
  await withLedger([
    event(-1, { kind: "started" }),
    runStartEntry("front", at(0)),
    ...batches(0, 30),
    event(600, { ...step, detail: "set by 300000 ms" }),
    runEnd(at(0), 600.1, "clock-step"),
    runStartEntry("front", ahead + 300_000),
    ...batches(60, 90, ahead + 300_000),
  ], (reader) => {
    const coverage = measure(reader, [0, 900]);
    deepStrictEqual(causes(coverage), { "clock-step": 300 });
    strictEqual(coverage.holes[0]!.detail, "set by 300000 ms");
  });
});

Deno.test("coverageOf() heeds the events that a corrected clock noted again, not the old ones", async () => {
  const wrong = -40_000_000;
  await withLedger([
    event(wrong, { kind: "started" }),
    event(wrong + 1, { kind: "offline", cause: "camera-unreachable" }),
    event(0, { kind: "clock-step", cause: "clock-step", untilMs: at(20) }),
    event(0, { kind: "started", detail: "again" }),
    event(1, { kind: "offline", cause: "camera-unreachable", detail: "again" }),
    runStartEntry("front", at(30.2)),
    event(30.4, { kind: "online" }),
    ...batches(3, 60, at(30.2)),
  ], (reader) => {
    strictEqual(measure(reader, [wrong, -1]).wantedMs, 0);
    deepStrictEqual(causes(measure(reader, [0, 600])), { "camera-unreachable": 29, restart: 1 });
  });
});

Deno.test("coverageOf() adds up: wanted is on disk or missing by a cause, in any part of a day", async () => {
  await withLedger(HOUR, (reader) => {
    const seconds = fc.integer({ min: -10_000, max: 3_700_000 }).map((ms) => ms / 1_000);
    const cuts = fc.tuple(seconds, seconds, seconds)
      .map((three) => three.toSorted((one, other) => one - other) as [number, number, number]);
    fc.assert(
      fc.property(cuts, fc.boolean(), ([from, cut, to], isRecording) => {
        const [first, second, whole] = [[from, cut], [cut, to], [from, to]]
          .map((range) => measure(reader, range as [number, number], { isRecording }));
        for (const { holes, missingByCause, wantedMs, onDiskMs, missingMs } of [first!, whole!]) {
          strictEqual(wantedMs, onDiskMs + missingMs);
          const lengths = holes.map(({ window }) => windowLengthMs(window));
          strictEqual(lengths.reduce((sum, length) => sum + length, 0), missingMs);
          const byCause = [...missingByCause.values()].reduce((sum, ms) => sum + ms, 0);
          strictEqual(byCause, missingMs);
          for (const [index, { window }] of holes.entries()) {
            ok(index === 0 || holes[index - 1]!.window.toMs <= window.fromMs);
          }
        }
        strictEqual(first!.onDiskMs + second!.onDiskMs, whole!.onDiskMs);
        for (const cause of new Set([...whole!.missingByCause.keys()])) {
          const sum = (first!.missingByCause.get(cause) ?? 0) +
            (second!.missingByCause.get(cause) ?? 0);
          strictEqual(sum, whole!.missingByCause.get(cause), cause);
        }
      }),
      { numRuns: 100 },
    );
  });
});
