import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { logger } from "../../src/base/log.ts";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import { ClockWatch } from "../../src/capture/clock_watch.ts";
import type { ClockState } from "../../src/model/clock_correction.ts";
import type { CameraEventEntry, LedgerEntry } from "../../src/model/ledger.ts";
import { eventEntry } from "../support/ledger_entries.ts";
import { FakeClock } from "../support/fake_clock.ts";

const HOUR_MS = 3_600_000;

/** A session's watch, a clock that a test sets, and what was sent. */
class World {
  readonly clock: FakeClock;
  readonly sent: LedgerEntry[] = [];
  readonly watch: ClockWatch;

  constructor(public state: ClockState, start?: string) {
    this.clock = new FakeClock(start);
    this.watch = new ClockWatch({
      settings: {
        newestFootageMs: 0,
        camera: {
          id: "front",
          name: "Front",
          source: { kind: "test", width: 320, height: 180, fps: 25 },
          geoLocation: null,
        },
      },
      clock: this.clock,
      clockState: () => this.state,
      log: logger("capture", "front"),
      send: (entry) => this.sent.push(entry),
    });
  }

  /** Sends an event as the session does. */
  event(kind: CameraEventEntry["kind"]): UnixMs {
    const atMs = this.clock.now();
    this.watch.noteEvent(eventEntry(0, { atMs, kind, detail: kind }));
    return atMs;
  }

  /** Kinds and sizes of what was sent. */
  get told(): unknown[] {
    return this.sent.map((entry) =>
      entry.type === "run-shift"
        ? [entry.run, entry.shiftMs]
        : entry.type === "event"
        ? entry.kind
        : entry.type
    );
  }
}

Deno.test("look() notes a step that came while nothing arrived, once", async () => {
  const world = new World("synchronised");
  await world.clock.advance(60_000);
  world.watch.look();
  deepStrictEqual(world.sent, []);
  world.clock.setWall(-HOUR_MS);
  await world.clock.advance(1_000);
  world.watch.look();
  world.watch.look();
  deepStrictEqual(world.told, ["clock-step"]);
  const [step] = world.sent as unknown as readonly CameraEventEntry[];
  strictEqual(step!.detail, "the wall clock was set by -3600000 ms");
});

Deno.test("noteStep() moves the runs of a wrong clock and notes its events again", async () => {
  const world = new World("not-synchronised");
  const startedMs = world.event("started");
  await world.clock.advance(2_000);
  world.watch.noteRun(1_000);
  const onlineMs = world.event("online");
  await world.clock.advance(58_000);
  world.clock.setWall(HOUR_MS);
  world.state = "synchronised";
  world.watch.noteStep(HOUR_MS);
  deepStrictEqual(world.told, [[1_000, HOUR_MS], "clock-step", "started", "online", "clock-step"]);
  const [, putRight, started, online] = world.sent as unknown as readonly CameraEventEntry[];
  deepStrictEqual([putRight!.atMs, putRight!.untilMs], [startedMs + HOUR_MS, world.clock.now()]);
  ok(putRight!.detail.endsWith("put right by 3600 s"), putRight!.detail);
  strictEqual(started!.atMs, startedMs + HOUR_MS);
  strictEqual(online!.atMs, onlineMs + HOUR_MS);
  // From here on the clock is right: another step moves nothing.
  world.sent.length = 0;
  world.watch.noteRun(2_000);
  world.clock.setWall(-HOUR_MS);
  world.watch.noteStep(-HOUR_MS);
  deepStrictEqual(world.told, ["clock-step"]);
});

Deno.test("putRight() waits for the time server's word, and adds up several steps", async () => {
  const world = new World("not-synchronised");
  world.event("started");
  world.watch.noteRun(1_000);
  world.clock.setWall(HOUR_MS);
  world.watch.noteStep(HOUR_MS);
  world.watch.noteRun(2_000);
  await world.clock.advance(60_000);
  world.clock.setWall(-5_000);
  world.watch.noteStep(-5_000);
  deepStrictEqual(world.told, ["clock-step", "clock-step"]);
  world.sent.length = 0;
  world.state = "synchronised";
  world.watch.putRight();
  deepStrictEqual(world.told, [], "asked again after some seconds only");
  await world.clock.advance(10_000);
  world.watch.putRight();
  deepStrictEqual(world.told.slice(0, 2), [[1_000, HOUR_MS - 5_000], [2_000, -5_000]]);
});

Deno.test("putRight() corrects a clock that began in 1970 without any time server", async () => {
  const world = new World("unknown", "1970-01-01T00:00:30Z");
  world.event("started");
  world.watch.noteRun(30_000);
  await world.clock.advance(20_000);
  const stepMs = Date.parse("2026-11-21T20:57:09Z") - world.clock.now();
  world.clock.setWall(stepMs);
  world.watch.look();
  deepStrictEqual(world.told[0], [30_000, stepMs]);
  deepStrictEqual(world.told.slice(1), ["clock-step", "started", "clock-step"]);
});

Deno.test("putRight() forgets what a clock recorded that turned out to be right", async () => {
  const world = new World("not-synchronised");
  world.watch.noteRun(1_000);
  world.state = "synchronised";
  world.watch.putRight();
  await world.clock.advance(10_000);
  world.clock.setWall(HOUR_MS);
  world.watch.look();
  deepStrictEqual(world.told, ["clock-step"]);
  strictEqual(unixMs(Math.round(world.clock.monotonic())), 15_000);
});
