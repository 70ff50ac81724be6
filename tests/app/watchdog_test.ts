import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type CameraPulse,
  cameraPulse,
  type CameraReport,
  decideNotices,
  HUNG_MS,
  keepWatch,
  NOTHING_SENT,
  type Pulse,
  READY_LIMIT_MS,
  type Sent,
} from "../../src/app/watchdog.ts";
import { logger } from "../../src/base/log.ts";
import { type MonotonicMs, monotonicMs } from "../../src/base/units.ts";
import type { Notifier } from "../../src/host/notify_socket.ts";
import { FakeClock } from "../support/fake_clock.ts";

const START_MS = 5_000;

/** Monotonic time some milliseconds after the start. */
function after(elapsedMs: number): MonotonicMs {
  return monotonicMs(START_MS + elapsedMs);
}

function camera(changes: Partial<CameraPulse> = {}): CameraPulse {
  return {
    id: "front",
    heardAtMs: after(60_000),
    state: "recording",
    fps: 25,
    hasRecorded: true,
    hasFailed: false,
    ...changes,
  };
}

const STARTING = camera({ state: "starting", fps: 0, hasRecorded: false });

/** A minute after the start, all well. */
function pulse(changes: Partial<Pulse> = {}): Pulse {
  return {
    nowMs: after(60_000),
    startedAtMs: after(0),
    writerHeardAtMs: after(60_000),
    cameras: [camera(), camera({ id: "yard" })],
    ...changes,
  };
}

/** Ready, fed and shown at an instant. */
function sentAt(atMs: MonotonicMs): Sent {
  const status = { line: "2 of 2 cameras recording, 50.0 fps", recording: 2, atMs };
  return { isReady: true, fedAtMs: atMs, status };
}

const READINESS = [
  { name: "once every camera has recorded", cameras: [camera(), camera()], isReady: true },
  { name: "not while one camera is starting", cameras: [camera(), STARTING], isReady: false },
  {
    name: "when one camera has recorded and the other has failed",
    cameras: [camera(), camera({ state: "waiting", hasRecorded: false, hasFailed: true })],
    isReady: true,
  },
  {
    name: "when a camera that has failed is being tried again",
    cameras: [{ ...STARTING, hasFailed: true }],
    isReady: true,
  },
] as const;

for (const { name, cameras, isReady } of READINESS) {
  Deno.test(`decideNotices() says that the service is ready ${name}`, () => {
    const now = pulse({ cameras, nowMs: after(2_000), writerHeardAtMs: after(2_000) });
    const { notices, sent } = decideNotices(now, { sent: NOTHING_SENT, watchdogIntervalMs: null });
    strictEqual(notices.some(({ type }) => type === "ready"), isReady);
    strictEqual(sent.isReady, isReady);
  });
}

Deno.test("decideNotices() stops waiting for a camera that neither records nor fails", () => {
  const decideAt = (nowMs: MonotonicMs) => {
    const cameras = [{ ...STARTING, heardAtMs: nowMs }];
    const now = pulse({ cameras, nowMs, writerHeardAtMs: nowMs });
    return decideNotices(now, { sent: NOTHING_SENT, watchdogIntervalMs: null }).sent.isReady;
  };
  strictEqual(decideAt(after(READY_LIMIT_MS - 1)), false);
  strictEqual(decideAt(after(READY_LIMIT_MS)), true);
});

Deno.test("decideNotices() says once that the service is ready, with the status, and feeds the watchdog", () => {
  const before = { sent: NOTHING_SENT, watchdogIntervalMs: 10_000 };
  const first = decideNotices(pulse(), before);
  deepStrictEqual(first.notices, [
    { type: "ready", status: "2 of 2 cameras recording, 50.0 fps" },
    { type: "watchdog" },
  ]);
  deepStrictEqual(decideNotices(pulse(), { ...before, sent: first.sent }).notices, []);
});

const FEEDING = [
  { name: "feeds it when half the limit has passed", elapsedMs: 10_000, isFed: true },
  { name: "feeds it when the next look would be too late", elapsedMs: 9_501, isFed: true },
  { name: "does not feed it before", elapsedMs: 9_000, isFed: false },
  {
    name: "does not feed it when the writer is silent",
    elapsedMs: 10_000,
    changes: { writerHeardAtMs: after(60_000 - HUNG_MS - 1) },
    isFed: false,
    complaint: "the writer is silent for 10 s",
  },
  {
    name: "feeds it when the writer was heard just in time",
    elapsedMs: 10_000,
    changes: { writerHeardAtMs: after(60_000 - HUNG_MS) },
    isFed: true,
  },
  {
    name: "does not feed it when a camera's Worker hangs",
    elapsedMs: 10_000,
    changes: { cameras: [camera(), camera({ id: "yard", heardAtMs: after(45_000) })] },
    isFed: false,
    complaint: 'camera "yard" is silent for 15 s',
  },
  {
    name: "does not feed it when a Worker hangs before it has recorded",
    elapsedMs: 10_000,
    changes: { cameras: [{ ...STARTING, heardAtMs: after(45_000) }] },
    isFed: false,
    complaint: 'camera "front" is silent for 15 s',
  },
  {
    name: "feeds it when cameras that say nothing have ended, stopped or are to be started again",
    elapsedMs: 10_000,
    changes: {
      cameras: (["ended", "stopped", "restarting"] as const).map((state) =>
        camera({ state, heardAtMs: after(0) })
      ),
    },
    isFed: true,
  },
  {
    name: "feeds it when a camera can't be reached",
    elapsedMs: 10_000,
    changes: { cameras: [camera({ state: "waiting", hasFailed: true })] },
    isFed: true,
  },
] as const;

for (const { name, elapsedMs, isFed, ...more } of FEEDING) {
  Deno.test(`decideNotices() has a watchdog and ${name}`, () => {
    const now = pulse("changes" in more ? more.changes : {});
    const sent = sentAt(monotonicMs(now.nowMs - elapsedMs));
    const { notices, complaint } = decideNotices(now, { sent, watchdogIntervalMs: 10_000 });
    strictEqual(notices.some(({ type }) => type === "watchdog"), isFed);
    strictEqual(complaint, "complaint" in more ? more.complaint : null);
  });
}

Deno.test("decideNotices() feeds no watchdog when there is none", () => {
  const sent = sentAt(after(0));
  const { notices } = decideNotices(pulse(), { sent, watchdogIntervalMs: null });
  deepStrictEqual(notices, []);
});

const ONE_UP = [camera(), camera({ id: "yard", state: "waiting", fps: 0, hasFailed: true })];
const SLOWER = [camera({ fps: 24.4 }), camera({ id: "yard" })];

const STATUS_LINES = [
  { name: "at once when a camera is lost", cameras: ONE_UP, elapsedMs: 1_000, sent: true },
  { name: "after 5 s when only rates changed", cameras: SLOWER, elapsedMs: 5_000, sent: true },
  { name: "not sooner when only rates changed", cameras: SLOWER, elapsedMs: 4_000, sent: false },
  { name: "not when nothing changed", cameras: pulse().cameras, elapsedMs: 50_000, sent: false },
] as const;

for (const { name, cameras, elapsedMs, sent: isSent } of STATUS_LINES) {
  Deno.test(`decideNotices() sends the status line ${name}`, () => {
    const sent = sentAt(after(60_000 - elapsedMs));
    const decision = decideNotices(pulse({ cameras }), { sent, watchdogIntervalMs: null });
    strictEqual(decision.notices.some(({ type }) => type === "status"), isSent);
  });
}

Deno.test("decideNotices() names in the status line what is starting and what hangs", () => {
  const lineOf = (now: Pulse) => {
    const [notice] = decideNotices(now, { sent: NOTHING_SENT, watchdogIntervalMs: null }).notices;
    return notice?.type === "status" ? notice.line : "";
  };
  const nowMs = after(12_000);
  const cameras = [camera({ heardAtMs: nowMs }), { ...STARTING, heardAtMs: nowMs }];
  const starting = pulse({ nowMs, writerHeardAtMs: nowMs, cameras });
  strictEqual(lineOf(starting), "starting: 1 of 2 cameras recording, 25.0 fps");
  strictEqual(
    lineOf({ ...starting, writerHeardAtMs: after(0) }),
    "starting: 1 of 2 cameras recording, 25.0 fps; the writer is silent for 12 s",
  );
});

const STATUS = { state: "recording", fps: 25, frames: 250, restarts: 0 } as const;

const REPORTS: readonly {
  readonly name: string;
  readonly report: Partial<CameraReport>;
  readonly pulse: Partial<CameraPulse>;
}[] = [
  { name: "has recorded when it counts frames", report: {}, pulse: { hasRecorded: true } },
  {
    name: "is starting before its first report",
    report: { status: undefined },
    pulse: { state: "starting", fps: 0, hasRecorded: false, hasFailed: false },
  },
  {
    name: "has failed while it waits to be tried again",
    report: { status: { ...STATUS, state: "waiting", frames: 0 } },
    pulse: { state: "waiting", hasRecorded: false, hasFailed: true },
  },
  {
    name: "has failed when it is tried again",
    report: { status: { ...STATUS, state: "starting", frames: 0, restarts: 1 } },
    pulse: { state: "starting", hasRecorded: false, hasFailed: true },
  },
  {
    name: "is restarting while no Worker runs for it",
    report: { isWorkerUp: false, workerFailures: 1 },
    pulse: { state: "restarting", hasFailed: true },
  },
  {
    name: "has ended when its Worker is gone for good",
    report: { status: { ...STATUS, state: "ended" }, isWorkerUp: false },
    pulse: { state: "ended", hasFailed: true },
  },
];

for (const { name, report, pulse: expected } of REPORTS) {
  Deno.test(`cameraPulse() says that a camera ${name}`, () => {
    const heardAtMs = after(60_000);
    const usual = { id: "front", status: STATUS, heardAtMs, isWorkerUp: true, workerFailures: 0 };
    deepStrictEqual(cameraPulse({ ...usual, ...report }), camera(expected));
  });
}

/** Writes down what systemd would be told, and when. */
class NotedNotifier implements Notifier {
  readonly notes: string[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, readonly watchdogIntervalMs: number | null) {
    this.#clock = clock;
  }

  readonly ready = () => this.#note("READY");
  readonly status = () => {};
  readonly stopping = () => this.#note("STOPPING");
  readonly reloading = () => this.#note("RELOADING");
  readonly watchdog = () => this.#note("WATCHDOG");
  [Symbol.dispose](): void {}

  #note(what: string): void {
    this.notes.push(`${(this.#clock.monotonic() - START_MS) / 1_000} s ${what}`);
  }
}

Deno.test("keepWatch() feeds at half the limit, not while the writer is blocked, and tells the stop", async () => {
  const clock = new FakeClock();
  const notifier = new NotedNotifier(clock, 5_000);
  const stopping = new AbortController();
  let blockedAtMs = Infinity;
  const readPulse = (): Pulse => {
    const nowMs = clock.monotonic();
    const writerHeardAtMs = monotonicMs(Math.min(nowMs, blockedAtMs));
    return {
      nowMs,
      startedAtMs: after(0),
      writerHeardAtMs,
      cameras: [camera({ heardAtMs: nowMs })],
    };
  };
  const log = logger("test");
  const watching = keepWatch({ notifier, clock, log, readPulse, signal: stopping.signal });
  await clock.advance(11_000);
  blockedAtMs = clock.monotonic();
  await clock.advance(60_000);
  blockedAtMs = Infinity;
  await clock.advance(1_000);
  stopping.abort();
  await watching;
  // The writer counts as blocked once it has been silent for HUNG_MS, at 21 s.
  deepStrictEqual(notifier.notes, [
    ...["0 s READY", "0 s WATCHDOG", "5 s WATCHDOG", "10 s WATCHDOG", "15 s WATCHDOG"],
    ...["20 s WATCHDOG", "72 s WATCHDOG", "72 s STOPPING"],
  ]);
});

Deno.test("keepWatch() looks five times a second until the service is ready", async () => {
  const clock = new FakeClock();
  const notifier = new NotedNotifier(clock, null);
  const stopping = new AbortController();
  const readPulse = () => {
    const nowMs = clock.monotonic();
    const hasRecorded = nowMs >= START_MS + 400;
    const cameras = [camera({ heardAtMs: nowMs, hasRecorded })];
    return pulse({ nowMs, startedAtMs: after(0), writerHeardAtMs: nowMs, cameras });
  };
  const log = logger("test");
  const watching = keepWatch({ notifier, clock, log, readPulse, signal: stopping.signal });
  await clock.advance(2_000);
  stopping.abort();
  await watching;
  deepStrictEqual(notifier.notes, ["0.4 s READY", "2 s STOPPING"]);
  deepStrictEqual(clock.slept, [200, 200, 1_000, 1_000]);
});

Deno.test("keepWatch() looks more often than once a second when the watchdog is that impatient", async () => {
  const clock = new FakeClock();
  const notifier = new NotedNotifier(clock, 250);
  const stopping = new AbortController();
  const readPulse = () => {
    const nowMs = clock.monotonic();
    return pulse({ nowMs, writerHeardAtMs: nowMs, cameras: [camera({ heardAtMs: nowMs })] });
  };
  const log = logger("test");
  const watching = keepWatch({ notifier, clock, log, readPulse, signal: stopping.signal });
  await clock.advance(1_000);
  stopping.abort();
  await watching;
  strictEqual(notifier.notes.filter((note) => note.endsWith("WATCHDOG")).length, 5);
  ok(clock.slept.every((durationMs) => durationMs === 250));
});
