import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { discoveryMessages } from "../../src/mqtt/home_assistant.ts";

/** What all entities may have (Home Assistant's documentation of its MQTT integration). */
const COMMON = [
  ...["availability", "availability_mode", "device", "enabled_by_default", "entity_category"],
  ...["icon", "json_attributes_template", "json_attributes_topic", "name", "object_id", "origin"],
  "unique_id",
];

/** What its documentation has for each kind: what must be there, and what may be. */
const DOCUMENTED: Readonly<
  Record<string, { readonly required: readonly string[]; readonly optional: readonly string[] }>
> = {
  "binary_sensor": {
    required: ["state_topic"],
    optional: [
      ...["device_class", "expire_after", "force_update", "off_delay", "payload_off", "payload_on"],
      ...["qos", "value_template"],
    ],
  },
  sensor: {
    required: ["state_topic"],
    optional: [
      ...["device_class", "expire_after", "force_update", "qos", "state_class"],
      ...["unit_of_measurement", "value_template"],
    ],
  },
  image: {
    required: ["image_topic"],
    optional: ["content_type", "encoding", "image_encoding"],
  },
  switch: {
    required: ["command_topic"],
    optional: [
      ...["device_class", "optimistic", "payload_off", "payload_on", "qos", "retain", "state_off"],
      ...["state_on", "state_topic", "value_template"],
    ],
  },
  button: {
    required: ["command_topic"],
    optional: ["command_template", "device_class", "payload_press", "qos", "retain"],
  },
};

const DEVICE_KEYS = [
  ...["configuration_url", "connections", "hw_version", "identifiers", "manufacturer", "model"],
  ...["name", "suggested_area", "sw_version", "via_device"],
];

const AVAILABILITY_KEYS = [
  ...["payload_available", "payload_not_available", "topic", "value_template"],
];

/** Device classes of Home Assistant's binary sensors that are used here. */
const DEVICE_CLASSES = ["connectivity", "motion", "occupancy"];

const CAMERA = { cameraId: "front-2", name: "Front door", classes: null };
const PLACE = { boxId: "0b7c5a52", version: "0.1.0", prefix: "site/", allowsCommands: true };

function entities(camera: Parameters<typeof discoveryMessages>[0] = CAMERA, place = PLACE) {
  return discoveryMessages(camera, place).map(({ topic, payload, retain, isBare }) => ({
    ...{ topic, retain, isBare },
    component: topic.split("/")[1]!,
    key: topic.split("/")[3]!,
    payload: JSON.parse(String(payload)) as Record<string, unknown>,
  }));
}

Deno.test("discoveryMessages() has the entities of a camera", () => {
  deepStrictEqual(entities().map(({ component, key }) => `${component} ${key}`), [
    "binary_sensor connectivity",
    "sensor fps",
    "binary_sensor motion",
    "binary_sensor object_person",
    "binary_sensor object_vehicle",
    "binary_sensor object_animal",
    "image last_event",
    "switch recording",
    "button export",
  ]);
});

for (const { component, key, topic, payload, retain, isBare } of entities()) {
  Deno.test(`the ${component} ${key} is one as Home Assistant documents it`, () => {
    strictEqual(topic, `homeassistant/${component}/lookback_0b7c5a52_front-2/${key}/config`);
    ok(topic.split("/").slice(1).every((level) => /^[a-zA-Z0-9_-]+$/.test(level)));
    ok(retain && isBare);
    const { required, optional } = DOCUMENTED[component]!;
    for (const each of [...required, "unique_id", "device", "name"]) ok(each in payload, each);
    const known = [...COMMON, ...required, ...optional];
    deepStrictEqual(Object.keys(payload).filter((each) => !known.includes(each)), []);
    const device = payload.device as Record<string, unknown>;
    deepStrictEqual(Object.keys(device).filter((each) => !DEVICE_KEYS.includes(each)), []);
    // At least one of the two identifies the device.
    deepStrictEqual(device.identifiers, ["lookback_0b7c5a52_front-2"]);
    for (const each of payload.availability as Record<string, unknown>[]) {
      ok("topic" in each);
      deepStrictEqual(Object.keys(each).filter((name) => !AVAILABILITY_KEYS.includes(name)), []);
    }
    const { device_class: deviceClass, entity_category: category } = payload;
    if (component === "binary_sensor") ok(DEVICE_CLASSES.includes(String(deviceClass)));
    ok([undefined, "diagnostic", "config"].includes(category as undefined));
    for (const [name, value] of Object.entries(payload)) {
      if (name.endsWith("_topic")) ok(String(value).startsWith("site/"), name);
    }
  });
}

Deno.test("discoveryMessages() offers nothing to do where commands are not allowed", () => {
  const kinds = entities(CAMERA, { ...PLACE, allowsCommands: false }).map((each) => each.component);
  ok(!kinds.includes("switch") && !kinds.includes("button"));
});

Deno.test("discoveryMessages() has sensors for what is looked for, and none where nothing is", () => {
  const keys = (classes: readonly string[] | null | undefined) =>
    entities({ ...CAMERA, classes }).map(({ key }) => key).filter((key) =>
      /object|motion/.test(key)
    );
  deepStrictEqual(keys(["traffic light"]), ["motion", "object_traffic_light"]);
  deepStrictEqual(keys(undefined), []);
});

Deno.test("each entity has an id of its own", () => {
  const ids = [...entities(), ...entities({ ...CAMERA, cameraId: "yard" })]
    .map(({ payload }) => payload.unique_id);
  strictEqual(new Set(ids).size, ids.length);
});
