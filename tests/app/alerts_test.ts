import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { type AlertPlan, Alerts } from "../../src/app/alerts.ts";
import type { WebhookSettings } from "../../src/alert/settings.ts";
import { QUEUE_FOLDER } from "../../src/alert/shelf.ts";
import { unixMs } from "../../src/base/units.ts";
import type { CameraState, CameraStatus } from "../../src/capture/messages.ts";
import { namesIn } from "../../src/host/files.ts";
import type { Alert, AlertRule } from "../../src/model/alert.ts";
import type { AlertSink } from "../../src/model/alert_sink.ts";
import type { GapCause } from "../../src/model/ledger.ts";
import { PRIORITIES, type Priority } from "../../src/model/vision_settings.ts";
import { aRule, aVisit, START_MS } from "../alert/made_up.ts";
import { startReceiver } from "../alert/receiver.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

/** A way out that keeps what it gets, as a room of its own would make it. */
class Kept implements AlertSink {
  readonly name = "kept";
  readonly alerts: Alert[] = [];
  readonly counters = { delivered: 0, waiting: 0, dropped: 0, fault: null };

  constructor(readonly priorities: readonly Priority[] = PRIORITIES) {}

  get told(): string[] {
    return this.alerts.map(({ rule, text }) => `${rule}: ${text}`);
  }

  send(alert: Alert): void {
    this.alerts.push(alert);
  }

  async stop(): Promise<void> {}
}

function planOf(rules: readonly Partial<AlertRule>[], plan: Partial<AlertPlan> = {}): AlertPlan {
  return {
    rules: rules.map(aRule),
    webhooks: [],
    commands: [],
    log: false,
    cameraNames: { front: "Front door" },
    ...plan,
  };
}

function webhook(name: string, url: string): WebhookSettings {
  const priorities = PRIORITIES;
  return { name, url, secret: null, caPath: null, priorities, timeoutMs: 5_000 };
}

function status(state: CameraState, cause: GapCause | null = null): CameraStatus {
  return {
    cameraId: "front",
    state,
    cause,
    detail: "",
    fps: 0,
    bitsPerSecond: 0,
    frames: 0,
    batches: 0,
    bytes: 0,
    stills: 0,
    stillsLost: 0,
    lastStillMs: null,
    restarts: 0,
    rowsPending: 0,
    rowsRefused: 0,
    queuedBytes: 0,
  };
}

async function world(plan: AlertPlan, kept = new Kept()) {
  const folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const clock = new FakeClock();
  const alerts = new Alerts({ root: folder.path, plan, clock, others: [kept] });
  return {
    root: folder.path,
    clock,
    alerts,
    kept,
    async [Symbol.asyncDispose]() {
      await alerts.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test("take() hands a visit's alert once to the ways out that want its priority", async () => {
  const plan = planOf([{ name: "people", priority: "warning", minMs: 1_000 }]);
  const grave = new Kept(["critical"]);
  await using graveOnly = await world(plan, grave);
  await using each = await world(plan);
  const visit = aVisit();
  const lasting = aVisit({
    trace: [...visit.trace, { ...visit.trace[0]!, atMs: unixMs(START_MS + 1_200) }],
  });
  for (const { alerts } of [each, graveOnly]) {
    for (const event of [visit, lasting, { ...lasting, endMs: unixMs(START_MS + 2_000) }]) {
      alerts.take({ type: "vision", event });
    }
  }
  deepStrictEqual(each.kept.told, ["people: Person seen by Front door"]);
  strictEqual(each.kept.alerts[0]?.eventId, visit.eventId);
  deepStrictEqual(grave.told, []);
});

Deno.test("takeStatus() tells of an outage when it has lasted, and of its end", async () => {
  const kinds = ["camera_offline", "camera_online"] as const;
  await using each = await world(planOf([
    { name: "long", kinds, minMs: 60_000 },
    { name: "any", kinds: ["camera_offline"] },
  ]));
  const { alerts, kept, clock } = each;
  alerts.takeStatus(status("recording"));
  for (let second = 0; second < 3; second += 1) {
    alerts.takeStatus(status("waiting", "camera-unreachable"));
    await clock.advance(1_000);
  }
  deepStrictEqual(kept.told, ["any: Front door gives no picture"]);
  await clock.advance(56_000);
  strictEqual(kept.alerts.length, 1);
  await clock.advance(6_000);
  deepStrictEqual(kept.told.slice(1), ["long: Front door gives no picture"]);
  strictEqual(clock.sleeping, 0);
  alerts.takeStatus(status("starting"));
  alerts.takeStatus(status("recording"));
  deepStrictEqual(kept.told.slice(2), ["long: Front door gives a picture again"]);
  strictEqual(kept.alerts[2]?.cause, "camera-unreachable");
});

Deno.test("takeStatus() takes a short outage for none where the rule says so", async () => {
  const kinds = ["camera_offline", "camera_online"] as const;
  await using each = await world(planOf([{ kinds, minMs: 60_000 }]));
  const { alerts, kept, clock } = each;
  alerts.takeStatus(status("waiting"));
  await clock.advance(20_000);
  alerts.takeStatus(status("recording"));
  await clock.advance(100_000);
  deepStrictEqual(kept.told, []);
  strictEqual(clock.sleeping, 0);
});

Deno.test("takeStatus() calls a full disk a gap, and a camera that is stopped nothing", async () => {
  const kinds = ["camera_offline", "camera_online", "recording_gap"] as const;
  await using each = await world(planOf([{ kinds }]));
  const { alerts, kept } = each;
  alerts.takeStatus(status("paused", "disk-full"));
  alerts.takeStatus(status("recording"));
  alerts.takeStatus(status("stopped"));
  deepStrictEqual(kept.told, ["people: Footage of Front door is missing"]);
});

Deno.test("reload() changes rules and ways out, and loses nothing that waits", async () => {
  await using receiver = startReceiver(() => 200);
  const nowhere = webhook("home", "http://127.0.0.1:1/");
  await using each = await world(planOf([{ name: "a" }], { webhooks: [nowhere] }));
  const { alerts, kept, clock } = each;
  alerts.take({ type: "vision", event: aVisit({ eventId: "1" }) });
  await until(() => clock.sleeping === 1, { limitMs: 5_000, what: "a pause" });
  alerts.reload(planOf([{ name: "b" }]));
  deepStrictEqual(alerts.counters.map(({ name }) => name), ["kept"]);
  alerts.reload(planOf([{ name: "b" }], { webhooks: [webhook("home", receiver.url)] }));
  alerts.take({ type: "vision", event: aVisit({ eventId: "2" }) });
  await receiver.reached(2);
  deepStrictEqual(receiver.ids, ["1-a", "2-b"]);
  deepStrictEqual(kept.alerts.map(({ alertId }) => alertId), ["1-a", "2-b"]);
});

Deno.test("Alerts forgets what waits for a receiver that is gone, when it is a day old", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const parts = { root: folder.path, plan: planOf([{}]) };
  const plan = planOf([{}], { webhooks: [webhook("old", "http://127.0.0.1:1/")] });
  const first = new Alerts({ ...parts, plan, clock: new FakeClock("2026-11-21T20:00:00Z") });
  first.take({ type: "vision", event: aVisit() });
  await first.stop();
  const left = () => namesIn(join(folder.path, QUEUE_FOLDER, "old"));
  for (const { day, count } of [{ day: "22T19", count: 1 }, { day: "22T21", count: 0 }]) {
    await new Alerts({ ...parts, clock: new FakeClock(`2026-11-${day}:00:00Z`) }).stop();
    strictEqual((await left()).length, count);
  }
});

Deno.test("take() never throws, and takes nothing after stop()", async () => {
  const each = await world(planOf([{}]));
  each.alerts.take({ type: "vision", event: { ...aVisit(), crossings: null as never } });
  await each.alerts.stop();
  each.alerts.take({ type: "vision", event: aVisit() });
  deepStrictEqual(each.kept.told, []);
  ok(each.alerts.counters.length === 1);
  await each[Symbol.asyncDispose]();
});
