import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { monotonicMs } from "../../src/base/units.ts";
import { asyncapiDocument } from "../../src/mqtt/asyncapi.ts";
import {
  cameraWill,
  configurationMessage,
  resultsMessage,
  statusMessage,
  streamMessage,
  telemetryMessage,
} from "../../src/mqtt/camera_messages.ts";
import { payloadTables, topicTable } from "../../src/mqtt/doc_tables.ts";
import {
  alertMessages,
  commandResultMessage,
  configurationResultMessage,
  eventMessage,
} from "../../src/mqtt/event_messages.ts";
import { EventPace } from "../../src/mqtt/event_pace.ts";
import { boxWill, healthMessage } from "../../src/mqtt/health_messages.ts";
import type { Message } from "../../src/mqtt/message.ts";
import { Presence, presenceMessage } from "../../src/mqtt/presence.ts";
import { RetainedStates } from "../../src/mqtt/retained_states.ts";
import { pauseMs } from "../../src/mqtt/retry.ts";
import { StateNews } from "../../src/mqtt/state_news.ts";
import { topicOf, type TopicRow, TOPICS, valuesIn } from "../../src/mqtt/topics.ts";
import { AT, madeAlert, seenEvent } from "./made_up.ts";

const CAMERA = {
  cameraId: "front",
  state: "online",
  sinceMs: AT,
  cause: null,
  detail: "",
  fps: 24.987,
  bitsPerSecond: 4_000_000.4,
} as const;

const NUMBERS = {
  ...{ cameraId: "front", fps: 25, bitsPerSecond: 8_000, frames: 100 },
  ...{ queuedBytes: 500, rowsPending: 1, restarts: 2 },
};

const SIGHT = {
  cameraId: "front",
  atMs: AT,
  frame: { run: 7, pts: 90_000 },
  moving: [{ x: 0, y: 0, width: 1, height: 1 }],
  detections: [{
    class: "person",
    score: 0.91234,
    box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
  }],
};

const RESULT = {
  cameraId: null,
  correlationId: "a1",
  command: "status",
  result: {},
  error: null,
};

const SET = { cameraId: "front", correlationId: null, ok: false, applied: null, text: null };

const CONFIG = {
  ...{ cameraId: "front", name: "Front", isRecorded: true, stillsEnabled: true },
  vision: { sensitivity: 0.8, fps: 5 },
  settings: { id: "front", source: "rtsp://user:***@192.0.2.10/" },
};

const MESSAGES: readonly { readonly row: TopicRow; readonly message: Message }[] = [
  { row: TOPICS.cameraStatus, message: statusMessage(CAMERA, AT) },
  { row: TOPICS.cameraStatus, message: cameraWill("front", AT) },
  {
    row: TOPICS.telemetry,
    message: telemetryMessage(NUMBERS, { cpuPercent: 12, temperatureCelsius: null }, AT),
  },
  { row: TOPICS.events, message: eventMessage("start", seenEvent(), AT) },
  { row: TOPICS.events, message: eventMessage("end", seenEvent({ endMs: AT }), AT) },
  { row: TOPICS.alerts, message: alertMessages(madeAlert({ priority: "info" }))[0]! },
  { row: TOPICS.alerts, message: alertMessages(madeAlert())[0]! },
  { row: TOPICS.criticalEvents, message: alertMessages(madeAlert())[1]! },
  { row: TOPICS.configuration, message: configurationMessage(CONFIG, AT) },
  {
    row: TOPICS.configurationResult,
    message: configurationResultMessage({ ...SET, error: { code: "invalid", text: "no" } }, AT),
  },
  {
    row: TOPICS.streamStatus,
    message: streamMessage({
      ...{ cameraId: "front", isOnline: true, codec: "avc1", width: 640, height: 360 },
      ...{ keyEveryMs: 2_000, viewers: 1 },
    }, AT),
  },
  { row: TOPICS.results, message: resultsMessage(SIGHT) },
  { row: TOPICS.health, message: boxWill(AT) },
  {
    row: TOPICS.health,
    message: healthMessage({ component: "disk", state: "fault", detail: "full" }, AT),
  },
  { row: TOPICS.commandResult, message: commandResultMessage({ ...RESULT, state: "done" }, AT) },
  {
    row: TOPICS.presence,
    message: presenceMessage({ cameraId: "front", isMotion: true, classes: ["person"] }, AT),
  },
];

for (const { row, message } of MESSAGES) {
  Deno.test(`a message for ${message.topic} is what the table of topics says`, () => {
    ok(valuesIn(row, message.topic) !== undefined);
    ok(row.qos.includes(message.qos));
    strictEqual(message.retain, row.retain);
    const payload = JSON.parse(String(message.payload));
    const { error, data } = row.schema!.safeParse(payload);
    strictEqual(error, undefined);
    // Nothing that the documents do not have.
    deepStrictEqual(data, payload);
    match(payload.timestamp, /^2026-11-21T20:57:09\.000Z$/);
  });
}

Deno.test("alertMessages() sends what is critical exactly once, and as an event of its camera", () => {
  const sent = (priority: "info" | "warning" | "critical") =>
    alertMessages(madeAlert({ priority })).map(({ topic, qos }) => [topic, qos]);
  deepStrictEqual(sent("info"), [["alerts/info/front", 1]]);
  deepStrictEqual(sent("warning"), [["alerts/warning/front", 1]]);
  deepStrictEqual(sent("critical"), [
    ["alerts/critical/front", 2],
    ["cameras/front/critical-events", 1],
  ]);
});

Deno.test("docs/mqtt.md has the tables that the schemas make", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/mqtt.md", import.meta.url));
  ok(page.includes(topicTable()), topicTable());
  ok(page.includes(payloadTables()), payloadTables());
});

Deno.test("asyncapiDocument() has a channel, an operation and a message for each topic", () => {
  const document = asyncapiDocument({
    version: "1.2.3",
    prefix: "site/",
    brokerUrl: "mqtts://192.0.2.1:8883",
  });
  const text = JSON.stringify(document);
  const { channels, operations, components, servers } = JSON.parse(text);
  const keys = Object.keys(TOPICS);
  deepStrictEqual(Object.keys(channels), keys);
  deepStrictEqual(Object.keys(operations), keys);
  deepStrictEqual(Object.keys(components.messages), keys);
  strictEqual(channels.events.address, "site/cameras/{id}/events");
  deepStrictEqual(Object.keys(channels.alerts.parameters), ["priority", "id"]);
  deepStrictEqual(servers.broker, {
    host: "192.0.2.1:8883",
    protocol: "secure-mqtt",
    protocolVersion: "5.0",
  });
  // Every reference leads somewhere.
  for (const [, reference = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = reference.split("/").reduce((node, key) => node?.[key], JSON.parse(text));
    ok(found !== undefined, reference);
  }
});

Deno.test("topicOf() and valuesIn() are each other's opposite, and level counts", () => {
  const topic = topicOf(TOPICS.alerts, { priority: "info", id: "front" });
  deepStrictEqual(valuesIn(TOPICS.alerts, topic), { priority: "info", id: "front" });
  strictEqual(valuesIn(TOPICS.alerts, "alerts/info"), undefined);
  strictEqual(valuesIn(TOPICS.cameraStatus, "cameras/front/telemetry"), undefined);
});

Deno.test("pauseMs() doubles up to 30 s, and chance takes half of it at most", () => {
  deepStrictEqual([1, 2, 3, 6, 60].map((failures) => pauseMs(failures, 0)), [
    ...[1_000, 2_000, 4_000, 30_000, 30_000],
  ]);
  strictEqual(pauseMs(2, 0.5), 1_500);
});

Deno.test("EventPace lets a start and an end pass, and one update a second", () => {
  const pace = new EventPace();
  const passes = (phase: "start" | "update" | "end", atMs: number) =>
    pace.passes("a", phase, monotonicMs(atMs));
  deepStrictEqual(
    [
      ...[passes("start", 0), passes("update", 500), passes("update", 1_000)],
      ...[passes("update", 1_999), passes("update", 2_000), passes("end", 2_001)],
    ],
    [true, false, true, false, true, true],
  );
});

Deno.test("StateNews tells another state at once, and numbers rarely and when they moved", () => {
  const news = new StateNews();
  const isNews = (text: string, number: number, atMs: number) =>
    news.isNews("a", { text, numbers: [number] }, monotonicMs(atMs));
  ok(isNews("online", 0, 0));
  ok(isNews("online", 25, 1), "from nothing to something");
  ok(!isNews("online", 15, 9_000));
  ok(!isNews("online", 25.1, 20_000));
  ok(isNews("online", 15, 20_001));
  ok(isNews("offline", 15, 20_002));
});

Deno.test("RetainedStates keeps the newest of each topic until it has arrived", () => {
  const states = new RetainedStates();
  const of = (topic: string, payload: string): Message => ({
    topic,
    payload,
    qos: 1,
    retain: true,
  });
  const [first, second] = [of("a", "1"), of("a", "2")];
  states.set(first);
  states.set(of("b", "1"));
  strictEqual(states.waiting, 2);
  strictEqual(states.take(), first);
  states.set(second);
  states.putBack(first);
  deepStrictEqual([states.take()?.topic, states.take(), states.take()], ["b", second, undefined]);
  states.resendAll();
  strictEqual(states.waiting, 2);
  states.remove("a");
  const removal = states.take()!;
  states.take();
  strictEqual(removal.payload, "");
  states.arrived(removal);
  states.resend("a");
  strictEqual(states.waiting, 0);
});

Deno.test("Presence says what is seen now, and only when that has changed", () => {
  const presence = new Presence();
  const person = seenEvent();
  const second = seenEvent({ eventId: "front-2" });
  const motion = seenEvent({ eventId: "front-3", kind: "motion_detected", class: null });
  const front = { cameraId: "front" };
  deepStrictEqual(presence.take("start", person), {
    ...front,
    isMotion: true,
    classes: ["person"],
  });
  strictEqual(presence.take("update", person), undefined);
  strictEqual(presence.take("start", second), undefined);
  strictEqual(presence.take("start", motion), undefined);
  strictEqual(presence.take("end", person), undefined);
  deepStrictEqual(presence.take("end", second), { ...front, isMotion: true, classes: [] });
  deepStrictEqual(presence.take("end", motion), { ...front, isMotion: false, classes: [] });
});
