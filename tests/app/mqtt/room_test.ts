/**
 * What the MQTT Worker has, without a Worker: what the broker keeps when cameras go and
 * Lookback ends, and what is not allowed.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { mqttPlan } from "../../../src/app/mqtt/mqtt.ts";
import type { FromMqtt } from "../../../src/app/mqtt/messages.ts";
import { MqttRoom, type MqttRoomCalls } from "../../../src/app/mqtt/room.ts";
import type { ReloadAnswer } from "../../../src/app/reload_calls.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { madeAlert, seenEvent } from "../../mqtt/made_up.ts";
import {
  type Broker,
  listenTo,
  PASSWORD,
  say,
  startBroker,
  USER,
} from "../../support/mosquitto.ts";
import { wellReport } from "../../support/mqtt_feeder.ts";
import { tempFolder } from "../../support/temp_folder.ts";
import { until } from "../../support/until.ts";

/** A room with these cameras, which are looked at and all well. */
function openRoom(
  root: string,
  { url }: Broker,
  cameraIds: readonly string[],
  { prefix = "", calls = {} }: {
    readonly prefix?: string;
    /** Of a room that carries out what it is asked. */
    readonly calls?: Partial<MqttRoomCalls>;
  } = {},
) {
  const cameras = cameraIds.map((id) => ({ id, source: "test://320x240@10" }));
  const mqtt = {
    enabled: true,
    url,
    prefix,
    user: USER,
    password: PASSWORD,
    "home_assistant": true,
    "allow_commands": calls.reload !== undefined,
  };
  const vision = { enabled: true, detector: "motion" };
  const text = JSON.stringify({ cameras, vision, mqtt });
  const settings = parseConfig(text, { path: `${root}/none.yaml`, cwd: root });
  const configPath = calls.reload === undefined ? null : `${root}/lookback.yaml`;
  if (configPath !== null) Deno.writeTextFileSync(configPath, text);
  const plan = { ...mqttPlan(settings)!, configPath };
  const said: FromMqtt[] = [];
  const start = { root, identity: "0b7c5a52-9d0e", version: "1.2.3", plan };
  const room = MqttRoom.open(start, {
    clock: systemClock,
    post: (message) => said.push(message),
    reload: () => Promise.resolve({ ok: true, text: "read" }),
    ...calls,
  });
  room.takeReport({ report: wellReport(cameraIds), viewers: { [cameraIds[0]!]: 3 } });
  return { room, said, plan };
}

/** The topics that the broker keeps something for. */
async function keptTopics(broker: Broker, topic: string): Promise<string[]> {
  await using late = await listenTo(broker, { topics: [topic] });
  return late.heard.filter(({ retain }) => retain).map((each) => each.topic).toSorted();
}

Deno.test("MqttRoom takes back what the broker keeps of a camera that is gone, also after a restart", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const first = openRoom(folder.path, broker, ["front", "yard"]);
  await until(async () => (await keptTopics(broker, "+/yard/#")).length >= 4, {
    limitMs: 15_000,
    what: "the yard",
  });
  await first.room.close();
  const before = await keptTopics(broker, "homeassistant/#");
  ok(before.some((topic) => topic.includes("_yard/")));

  const second = openRoom(folder.path, broker, ["front"]);
  await until(async () => (await keptTopics(broker, "+/yard/#")).length === 0, {
    limitMs: 15_000,
    what: "the end of the yard",
  });
  const after = await keptTopics(broker, "homeassistant/#");
  deepStrictEqual(after, before.filter((topic) => !topic.includes("_yard/")));
  strictEqual(await stateOf(broker, "streams/front/status", "viewers"), 3);
  await second.room.close();
  strictEqual(await stateOf(broker, "cameras/front/status", "cause"), "lookback-stopped");
  strictEqual(await stateOf(broker, "streams/front/status", "online"), false);
});

Deno.test("MqttRoom takes back what the broker keeps at a prefix before, and leaves nothing with one that it leaves", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const open = (cameraIds: readonly string[], prefix: string) =>
    openRoom(folder.path, broker, cameraIds, { prefix });
  const isToldOf = (pattern: string) => async () =>
    (await keptTopics(broker, "#")).some((topic) => topic.startsWith(pattern));
  const first = open(["front", "yard"], "");
  await until(isToldOf("cameras/yard/configuration"), { limitMs: 15_000, what: "the yard" });
  await until(isToldOf("system/health/disk"), { limitMs: 15_000, what: "its health" });
  await first.room.close();

  const second = open(["front"], "site");
  const others = async () =>
    (await keptTopics(broker, "#")).filter((topic) => !/^(?:site|homeassistant)\//.test(topic));
  await until(async () => (await others()).length === 0, { limitMs: 15_000, what: "the old ones" });
  await until(isToldOf("site/cameras/front/configuration"), { limitMs: 15_000, what: "the new" });
  const kept = await keptTopics(broker, "#");
  ok(kept.includes("site/system/health/mqtt") && !kept.some((topic) => topic.includes("yard")));
  second.room.leave();
  await second.room.close();
  deepStrictEqual(await keptTopics(broker, "#"), []);
});

/** A field of the state that the broker keeps for a topic. */
async function stateOf(broker: Broker, topic: string, field: string): Promise<unknown> {
  await using late = await listenTo(broker, { topics: [topic] });
  const { payload } = await late.first((each) => each.retain && each.payload !== "", topic);
  return JSON.parse(payload)[field];
}

Deno.test("MqttRoom says what it has on disk, what is seen now, and refuses what is not allowed", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const { room, said } = openRoom(folder.path, broker, ["front"]);
  const topics = ["cameras/#", "alerts/#", "system/command/result"];
  await using listener = await listenTo(broker, { topics });
  await listener.first(({ topic }) => topic === "cameras/front/status", "the camera");
  room.takeHappening(1, { type: "event", change: { change: "begun", event: seenEvent() } });
  room.takeHappening(2, { type: "alert", alert: madeAlert() });
  await listener.first(({ topic }) => topic === "alerts/critical/front", "the alert");
  const kept = said.flatMap((message) => message.type === "kept" ? [message.number] : []);
  deepStrictEqual(kept, [1, 2]);
  ok(said.some((message) => message.type === "sights-wanted" && message.isWanted));
  const isPresence = ({ topic, payload }: { topic: string; payload: string }) =>
    topic === "cameras/front/presence" && payload.includes('"classes":["person"]');
  await listener.first(isPresence, "what is seen now");
  // The event goes on, and has a picture by now.
  await Deno.writeTextFile(`${folder.path}/seen.jpg`, "a picture");
  const best = { ...seenEvent().best, wholePath: "seen.jpg" };
  for (const number of [3, 4]) {
    room.takeHappening(number, {
      type: "event",
      change: { change: "updated", event: seenEvent({ best }) },
    });
  }
  await listener.first(({ payload }) => payload === "a picture", "the picture");

  await say(broker, { topic: "system/command", payload: '{"command":"status"}' });
  const { payload } = await listener.first(({ topic }) => topic.endsWith("/result"), "the answer");
  strictEqual(JSON.parse(payload).error.code, "not-allowed");
  strictEqual(listener.heard.filter(({ topic }) => topic.endsWith("event-image")).length, 1);
  await room.close();
});

Deno.test("MqttRoom tells no state of a camera that is gone, or is not looked at any more", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const cameraIds = ["front", "yard", "gate"];
  const { room, plan } = openRoom(folder.path, broker, cameraIds);
  await using listener = await listenTo(broker, { topics: ["cameras/+/event-image"] });
  await Deno.writeTextFile(`${folder.path}/seen.jpg`, "a picture");
  const tell = (change: "begun" | "ended") => {
    const best = { ...seenEvent().best, wholePath: change === "ended" ? "seen.jpg" : null };
    for (const [number, cameraId] of cameraIds.entries()) {
      const event = seenEvent({ cameraId, best });
      room.takeHappening(number, { type: "event", change: { change, event } });
    }
  };
  tell("begun");
  const [, yard, gate] = plan.cameras;
  room.takePlan({ ...plan, cameras: [{ ...yard!, vision: null }, gate!] });
  tell("ended");
  await listener.first(({ payload }) => payload === "a picture", "the picture of the gate");
  await room.close();
  const seen = (await keptTopics(broker, "cameras/#")).filter((topic) =>
    /presence|event-image/.test(topic)
  );
  deepStrictEqual(seen, ["cameras/gate/event-image", "cameras/gate/presence"]);
});

Deno.test("MqttRoom refuses changes of settings beyond those that may wait", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const reading = Promise.withResolvers<ReloadAnswer>();
  const asked = Promise.withResolvers<void>();
  const reload = () => {
    asked.resolve();
    return reading.promise;
  };
  const { room } = openRoom(folder.path, broker, ["front"], { calls: { reload } });
  await using listener = await listenTo(broker, { topics: ["cameras/front/configuration/#"] });
  // The camera has been told of: there is a connection, which hears.
  await listener.first(({ topic }) => topic.endsWith("/configuration"), "the settings");
  const set = () =>
    say(broker, { topic: "cameras/front/configuration/set", payload: '{"name":"Door"}' });
  await set();
  await asked.promise;
  await Promise.all(Array.from({ length: 21 }, set));
  await listener.first(({ payload }) => payload.includes('"busy"'), "the refusal");
  reading.resolve({ ok: true, text: "read" });
  const done = () => listener.heard.filter(({ payload }) => payload.includes('"ok":true')).length;
  await until(() => done() === 21, { limitMs: 10_000, what: "the others" });
  await room.close();
});
