/**
 * The wall clock is set while a clip is recorded: by an hour in either direction,
 * by seconds so that times repeat, and from a wrong time to the right one after
 * boot. Everything is real but the wall clock, which is the machine's with an
 * offset.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { logger } from "../../src/base/log.ts";
import { monotonicMs, type UnixMs, unixMs } from "../../src/base/units.ts";
import { FragmentTap } from "../../src/capture/fragment_tap.ts";
import { RoomGate } from "../../src/capture/room.ts";
import { CameraSession } from "../../src/capture/camera_session.ts";
import { OpenHours } from "../../src/capture/open_hours.ts";
import { identifyRoot } from "../../src/host/root_identity.ts";
import type { ClockState } from "../../src/model/clock_correction.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { nothingOpen } from "../../src/model/open_hours.ts";
import { CoverageReader } from "../../src/store/coverage_reader.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { coverageOf } from "../../src/upkeep/coverage_causes.ts";
import { exportWindow, loggedFrames, openArchive } from "../support/archive.ts";
import { frameMd5s, makeClip } from "../support/clips.ts";
import { cameraEntry } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { noteMeasured } from "./measured.ts";

const FPS = 25;
const SECONDS = 6;
const FRAMES = FPS * SECONDS;
const HOUR_MS = 3_600_000;

/** What the wall clock shows beside the machine's, and what the kernel says of it. */
interface WallSetting {
  readonly offsetMs: number;
  readonly state: ClockState;
}

/** A clip's recording during which the wall clock was set once, after about two seconds. */
interface Recorded {
  readonly root: string;
  readonly clip: string;
  readonly sent: readonly LedgerEntry[];
  /** How often the recorder was started again. */
  readonly restarts: number;
}

/** How late a box is at first, and how long the clip is that it records. */
interface Late {
  readonly byMs: number;
  readonly seconds: number;
}

/** A box that is late with all that arrives, and then catches up: its clock seems to stand meanwhile. */
class LateBox {
  #standsFromMs = Infinity;
  readonly #byMs: number;

  constructor(byMs: number) {
    this.#byMs = byMs;
  }

  get lateMs(): number {
    return Math.max(0, this.#byMs - Math.max(0, systemClock.monotonic() - this.#standsFromMs));
  }

  catchUp(): void {
    this.#standsFromMs = systemClock.monotonic();
  }
}

/** Records a clip in real time. Resolves when it has been played and all is durable. */
async function record(
  root: string,
  wall: { readonly before: WallSetting; readonly after: WallSetting; readonly late?: Late },
): Promise<Recorded> {
  const { byMs, seconds } = wall.late ?? { byMs: 0, seconds: SECONDS };
  const box = new LateBox(byMs);
  const clip = await makeClip(join(root, "clip.mp4"), { seconds, gop: FPS });
  await Deno.mkdir(join(root, "data"));
  const rootIdentity = await identifyRoot(root);
  const database = openForWriting(root);
  const writer = new LedgerWriter(database);
  const sent: LedgerEntry[] = [];
  const send = (entry: LedgerEntry) => {
    sent.push(entry);
    deepStrictEqual(writer.commit([entry]), []);
  };
  let setting = wall.before;
  const newest = { newestFrameId: 0, newestRun: 0, newestFootageMs: 0 };
  const frameIds = { next: 1 };
  send(cameraEntry());
  const session = new CameraSession({
    settings: {
      root,
      rootIdentity,
      camera: {
        id: "front",
        name: "Front",
        source: { kind: "file", path: clip, loop: false },
        geoLocation: null,
      },
      batchDurationMs: 1_000,
      fragmentMs: 200,
      stills: null,
      ffmpegPath: "ffmpeg",
      openHours: nothingOpen("front", newest),
      ...newest,
    },
    clock: {
      ...systemClock,
      now: () => unixMs(Math.round(systemClock.now() + setting.offsetMs + box.lateMs)),
      monotonic: () => monotonicMs(systemClock.monotonic() + box.lateMs),
    },
    clockState: () => setting.state,
    log: logger("capture", "front"),
    send,
    frameIds,
    hours: new OpenHours({
      root,
      state: nothingOpen("front", newest),
      newest: () => newest,
      isAllCommitted: () => true,
    }),
    onChange: () => {},
    room: { clock: systemClock, gate: new RoomGate(), ask: () => {} },
    tap: new FragmentTap(() => {}),
  });
  try {
    const running = session.run();
    await until(() => session.counters.batches >= 2, { limitMs: 30_000, what: "two batches" });
    setting = wall.after;
    box.catchUp();
    await running;
  } finally {
    database.close();
  }
  return { root, clip, sent, restarts: session.restarts };
}

/** Places of the runs in time, as the index has them, in order of their frames. */
function runsOf(reader: CoverageReader): { fromMs: UnixMs; toMs: UnixMs; frames: number }[] {
  const all = { fromMs: unixMs(0), toMs: unixMs(Number.MAX_SAFE_INTEGER - HOUR_MS * 3) };
  const runs = new Map<number, { fromMs: UnixMs; toMs: UnixMs; frames: number }>();
  for (const { run, startMs, endMs, frameCount } of reader.batchesIn("front", all)) {
    const known = runs.get(run);
    if (known === undefined) runs.set(run, { fromMs: startMs, toMs: endMs, frames: frameCount });
    else Object.assign(known, { toMs: endMs, frames: known.frames + frameCount });
  }
  return [...runs.values()];
}

const isNear = (value: number, wanted: number, by: number) => Math.abs(value - wanted) <= by;

const STEPS = [
  { name: "an hour ahead", stepMs: HOUR_MS },
  { name: "an hour back", stepMs: -HOUR_MS },
  { name: "two seconds back, so that times repeat", stepMs: -2_000 },
];

for (const { name, stepMs } of STEPS) {
  const test = `the wall clock is set ${name}: a new run, nothing lost, both sides found`;
  Deno.test(test, async () => {
    await using folder = await tempFolder();
    const { root, clip, sent } = await record(folder.path, {
      // The command that exports goes by the machine's clock: nothing may lie in its future.
      before: { offsetMs: -Math.max(0, stepMs), state: "synchronised" },
      after: { offsetMs: Math.min(0, stepMs), state: "synchronised" },
    });
    const frames = await loggedFrames(root, "front");
    const ids = frames.map(({ frameId }) => frameId).toSorted((one, other) => one - other);
    deepStrictEqual(ids, Array.from({ length: FRAMES }, (_, index) => index + 1));
    using reader = new CoverageReader(root);
    const [first, second, ...more] = runsOf(reader);
    deepStrictEqual(more, []);
    strictEqual(first!.frames + second!.frames, FRAMES);
    // The second begins where the first ends, a step further.
    const seamMs = second!.fromMs - first!.toMs - stepMs;
    ok(isNear(seamMs, 0, 100), `${seamMs} ms`);
    const steps = sent.filter((entry) => entry.type === "event" && entry.kind === "clock-step");
    const [, saidMs] = /set by (-?\d+) ms/.exec((steps[0] as { detail: string }).detail)!;
    ok(isNear(Number(saidMs), stepMs, 50), saidMs ?? "nothing said");
    strictEqual(steps.length, 1);
    strictEqual(sent.some(({ type }) => type === "run-shift"), false);

    using archive = openArchive(root);
    const md5s = await frameMd5s(clip);
    const cut = async (fromMs: number, toMs: number, number: number) => {
      const window = { fromMs: unixMs(fromMs), toMs: unixMs(toMs) };
      const path = join(root, `cut-${number}.mp4`);
      const wish = { cameraId: "front", window, mode: "exact", path } as const;
      const receipt = await exportWindow(archive, wish);
      const wanted = frames.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
        .map(({ frameId }) => frameId).sort((one, other) => one - other);
      deepStrictEqual(await frameMd5s(path), wanted.map((id) => md5s[id - 1]), `cut ${number}`);
      return { receipt, wanted };
    };
    // A search by time on each side finds that side's frames; where times repeat, both.
    const early = await cut(first!.fromMs, first!.fromMs + 1_000, 1);
    strictEqual(early.wanted[0], 1);
    const late = await cut(second!.toMs - 1_000, second!.toMs, 2);
    strictEqual(late.wanted.at(-1), FRAMES);
    // And both together are all frames, in the order in which they were taken.
    const from = Math.min(first!.fromMs, second!.fromMs);
    const to = Math.max(first!.toMs, second!.toMs);
    const all = await cut(from, to, 3);
    strictEqual(all.wanted.length, FRAMES);
    strictEqual(all.receipt.delivered.duration_ms, to - from);
    const missing = all.receipt.gaps.map(({ cause, duration_ms: ms }) => ({ cause, ms }));
    if (stepMs > 0) {
      deepStrictEqual(missing.map(({ cause }) => cause), ["clock-step"]);
      ok(isNear(missing[0]!.ms, stepMs, 100), `${missing[0]!.ms} ms`);
    } else if (stepMs === -HOUR_MS) {
      // The newer frames lie an hour before the older ones; in between nothing was recorded.
      const missingMs = missing.reduce((sum, { ms }) => sum + ms, 0);
      strictEqual(missingMs, first!.fromMs - second!.toMs);
    } else deepStrictEqual(missing, []);

    const ranges = [{ fromMs: unixMs(from), toMs: unixMs(to) }];
    const moment = { nowMs: systemClock.now(), isRecording: false };
    const [coverage] = [...coverageOf(reader, { cameraId: "front", ranges }, moment)];
    // Beside the step there is the start, and the clip's end, which is noticed a moment late.
    const expected = ["clock-step", "restart", "stream-ended"];
    const others = [...coverage!.missingByCause.keys()].filter((cause) =>
      !expected.includes(cause)
    );
    deepStrictEqual(others, []);
    await noteMeasured({
      fault: `wall clock set ${name}`,
      lostAtMost: "nothing; a new run begins with the next key frame",
      measured: `0 of ${FRAMES} frames lost, runs apart by the step and ${seamMs} ms`,
      test,
    });
  });
}

Deno.test("a clock that was wrong at boot is put right: times of before the step move, files stay", async () => {
  const wrongByMs = 3 * HOUR_MS;
  await using folder = await tempFolder();
  const { root, sent } = await record(folder.path, {
    before: { offsetMs: -wrongByMs, state: "not-synchronised" },
    after: { offsetMs: 0, state: "synchronised" },
  });
  using reader = new CoverageReader(root);
  const [first, second, ...more] = runsOf(reader);
  deepStrictEqual(more, []);
  const seamMs = second!.fromMs - first!.toMs;
  ok(isNear(seamMs, 0, 100), `${seamMs} ms`);
  ok(isNear(second!.toMs, systemClock.now(), 10_000));
  const shifts = sent.filter((entry) => entry.type === "run-shift");
  strictEqual(shifts.length, 1);
  ok(isNear(shifts[0]!.shiftMs, wrongByMs, 50));

  // Files keep what was written; frames are found by the right time.
  const [oldest] = (await loggedFrames(root, "front")).toSorted((one, other) =>
    one.frameId - other.frameId
  );
  ok(isNear(first!.fromMs - oldest!.atMs, wrongByMs, 50));
  using archive = openArchive(root);
  const window = { fromMs: first!.fromMs, toMs: second!.toMs };
  const survey = await archive.survey({ cameraId: "front", window }, "video");
  strictEqual(survey.frames, FRAMES);
  deepStrictEqual(survey.gaps, []);

  const details = sent.filter((entry) => entry.type === "event" && entry.kind === "clock-step")
    .map((entry) => (entry as { detail: string }).detail);
  strictEqual(details.length, 2, details.join());
  ok(/put right by 1(0800|0799\.9\d*|0800\.0\d*) s/.test(details[0]!), details[0] ?? "no detail");

  // Wanted from the right time of the start on, not from the wrong one.
  const ranges = [{ fromMs: unixMs(0), toMs: unixMs(systemClock.now() + HOUR_MS) }];
  const moment = { nowMs: systemClock.now(), isRecording: false };
  const [coverage] = [...coverageOf(reader, { cameraId: "front", ranges }, moment)];
  ok(coverage!.wantedMs < 60_000, `${coverage!.wantedMs} ms`);
  ok(isNear(coverage!.onDiskMs, SECONDS * 1_000, 200), `${coverage!.onDiskMs} ms`);
  await noteMeasured({
    fault: "wall clock wrong by 3 h at boot, then set right",
    lostAtMost: "nothing; times recorded before the step are moved",
    measured: `0 of ${FRAMES} frames lost, runs apart by ${seamMs} ms after the correction`,
    test: "a clock that was wrong at boot is put right: times of before the step move, files stay",
  });
});

const LATE_TEST = "a box is late when a camera begins, and catches up: a new run, nothing lost";

Deno.test(LATE_TEST, async () => {
  await using folder = await tempFolder();
  const right = { offsetMs: 0, state: "synchronised" } as const;
  const { root, sent, restarts } = await record(folder.path, {
    ...{ before: right, after: right, late: { byMs: 3_000, seconds: 12 } },
  });
  const frameCount = FPS * 12;
  const ids = (await loggedFrames(root, "front")).map(({ frameId }) => frameId)
    .toSorted((one, other) => one - other);
  deepStrictEqual(ids, Array.from({ length: frameCount }, (_, index) => index + 1));
  strictEqual(restarts, 0);
  const events = sent.filter((entry) => entry.type === "event");
  strictEqual(events.filter(({ kind }) => kind === "offline").length, 0);
  const [said, ...more] = events.filter(({ kind }) => kind === "clock-step");
  deepStrictEqual(more, []);
  ok(/learnt anew/.test(said?.detail ?? ""), said?.detail ?? "nothing said");
  using reader = new CoverageReader(root);
  const [late, caughtUp, ...others] = runsOf(reader);
  deepStrictEqual(others, []);
  strictEqual(late!.frames + caughtUp!.frames, frameCount);
  // Times repeat by what was caught up with.
  const repeatedMs = late!.toMs - caughtUp!.fromMs;
  ok(isNear(repeatedMs, 3_000, 300), `${repeatedMs} ms`);
  await noteMeasured({
    fault: "a busy box is 3 s late when a camera begins, then catches up",
    lostAtMost: "nothing; a new run begins with the next key frame",
    measured:
      `0 of ${frameCount} frames lost, the recorder goes on; ${repeatedMs} ms of times repeat`,
    test: LATE_TEST,
  });
});
