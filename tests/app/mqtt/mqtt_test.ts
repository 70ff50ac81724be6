import { deepStrictEqual, ok } from "node:assert/strict";
import { parseConfig } from "../../../config.ts";
import { mqttPlan } from "../../../src/app/mqtt/mqtt.ts";
import { type Broker, listenTo, PASSWORD, startBroker, USER } from "../../support/mosquitto.ts";
import { cameraIds, openFeeder } from "../../support/mqtt_feeder.ts";
import { tempFolder } from "../../support/temp_folder.ts";
import { until } from "../../support/until.ts";

async function keptTopics(broker: Broker): Promise<readonly string[]> {
  await using late = await listenTo(broker, { topics: ["#"] });
  return late.heard.filter(({ retain }) => retain).map(({ topic }) => topic);
}

function planWith(url: string, vision: object = {}) {
  const cameras = cameraIds(2).map((id) => ({ id, source: "test://320x240@10" }));
  const text = JSON.stringify({ cameras, vision, mqtt: { enabled: true, url } });
  return mqttPlan(parseConfig(text, { path: "none.yaml", cwd: "/" }))!;
}

Deno.test("Mqtt.reload() with another broker leaves nothing with the one before", async () => {
  await using folder = await tempFolder();
  await using other = await tempFolder();
  await using first = await startBroker({ folder: folder.path });
  await using second = await startBroker({ folder: other.path });
  const mqtt = openFeeder({ root: folder.path, url: first.url, cameras: 2 });
  await using _stopped = { [Symbol.asyncDispose]: () => mqtt.stop() };
  await until(async () => (await keptTopics(first)).length >= 12, { limitMs: 15_000, what: "all" });
  const login = { user: USER, password: { kind: "text", text: PASSWORD } } as const;
  const plan = planWith(second.url);
  mqtt.reload({ ...plan, configPath: null, mqtt: { ...plan.mqtt, ...login } });
  await until(async () => (await keptTopics(second)).includes("cameras/cam-1/status"), {
    limitMs: 15_000,
    what: "the other broker",
  });
  deepStrictEqual(await keptTopics(first), []);
});

Deno.test("Mqtt.reload() with another user takes nothing back", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path, hasPassword: false });
  const mqtt = openFeeder({ root: folder.path, url: broker.url, cameras: 1 });
  await using _stopped = { [Symbol.asyncDispose]: () => mqtt.stop() };
  await using listener = await listenTo(broker, { topics: ["cameras/cam-0/status"] });
  await listener.first(({ payload }) => payload.includes("online"), "the camera");
  const plan = planWith(broker.url.replace("//", "//other@"));
  mqtt.reload({ ...plan, configPath: null });
  await listener.first(({ payload }) => payload.includes("lookback-stopped"), "the end");
  const again = () => listener.heard.at(-1)!.payload.includes("online");
  await until(again, { limitMs: 15_000, what: "the other user" });
  ok(listener.heard.every(({ payload }) => payload !== ""));
});

Deno.test("mqttPlan() knows of no things where only movement is looked for", () => {
  const classesOf = (detector: string) =>
    planWith("mqtt://127.0.0.1", { enabled: true, detector }).cameras.map(({ vision }) =>
      vision?.classes
    );
  deepStrictEqual(classesOf("motion"), [[], []]);
  deepStrictEqual(classesOf("builtin"), [null, null]);
  ok(planWith("mqtt://127.0.0.1").cameras.every(({ vision }) => vision === null));
});
