import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { discoveryMessages } from "../../src/mqtt/home_assistant.ts";

/** Keys that are there, and those that may be. */
interface Keys {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/**
 * What every entity may have: `MQTT_ENTITY_COMMON_SCHEMA` and `MQTT_BASE_SCHEMA`, as far as old
 * versions and new ones have it (docs/design/mqtt.md names them): no `object_id`, which went, and
 * no `default_entity_id`, which took its place. `unique_id` is demanded by the device.
 */
const COMMON: Keys = {
  required: ["name", "unique_id", "device"],
  optional: [
    ...["availability", "availability_mode", "enabled_by_default", "encoding", "entity_category"],
    ...["icon", "json_attributes_template", "json_attributes_topic", "origin", "qos"],
  ],
};

/** What the schema of each platform has beyond that. */
const PLATFORMS: Readonly<Record<string, Keys>> = {
  "binary_sensor": {
    required: ["state_topic"],
    optional: [
      ...["device_class", "expire_after", "force_update", "off_delay", "payload_off", "payload_on"],
      "value_template",
    ],
  },
  sensor: {
    required: ["state_topic"],
    optional: [
      ...["device_class", "expire_after", "force_update", "last_reset_value_template"],
      ...["state_class", "suggested_display_precision", "unit_of_measurement", "value_template"],
    ],
  },
  // Or url_topic, which does not go with content_type.
  image: { required: ["image_topic"], optional: ["content_type", "image_encoding"] },
  switch: {
    required: ["command_topic"],
    optional: [
      ...["device_class", "optimistic", "payload_off", "payload_on", "retain"],
      ...["state_off", "state_on", "state_topic", "value_template"],
    ],
  },
  button: {
    required: ["command_topic"],
    optional: ["command_template", "device_class", "payload_press", "retain"],
  },
};

/** `MQTT_ENTITY_DEVICE_INFO_SCHEMA`: unknown keys are refused; one of two must identify it. */
const DEVICE: Keys = {
  required: ["identifiers"],
  optional: [
    ...["configuration_url", "connections", "hw_version", "manufacturer", "model", "name"],
    ...["suggested_area", "sw_version", "via_device"],
  ],
};

/** `MQTT_ORIGIN_INFO_SCHEMA`: unknown keys are refused. */
const ORIGIN: Keys = { required: ["name"], optional: ["support_url", "sw_version"] };

/** An entry of `availability`: unknown keys are refused. */
const AVAILABILITY: Keys = {
  required: ["topic"],
  optional: ["payload_available", "payload_not_available", "value_template"],
};

/** What keys may say that have a list of words: the platform and the key, and the words used. */
const WORDS: Readonly<Record<string, readonly unknown[]>> = {
  "binary_sensor device_class": ["connectivity", "motion", "occupancy"],
  // A frame rate has no class of its own; without one the unit is free.
  "sensor device_class": [],
  "sensor state_class": ["measurement", "measurement_angle", "total", "total_increasing"],
  "sensor entity_category": ["diagnostic"],
  // "config" is refused for what only tells.
  "binary_sensor entity_category": ["diagnostic"],
  "switch entity_category": ["config", "diagnostic"],
  "button entity_category": ["config", "diagnostic"],
  "image content_type": ["image/jpeg"],
};

function conforms(value: Readonly<Record<string, unknown>>, { required, optional }: Keys): void {
  const keys = Object.keys(value);
  deepStrictEqual(required.filter((each) => !keys.includes(each)), [], "missing");
  const known = [...required, ...optional];
  deepStrictEqual(keys.filter((each) => !known.includes(each)), [], "unknown");
}

/** The names of an object's keys whose values have another type than the schema wants. */
function wronglyTyped(payload: Readonly<Record<string, unknown>>): readonly string[] {
  const others: Readonly<Record<string, (value: unknown) => boolean>> = {
    device: (value) => typeof value === "object",
    origin: (value) => typeof value === "object",
    availability: Array.isArray,
    qos: (value) => [0, 1, 2].includes(value as number),
  };
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  return Object.entries(payload).flatMap(([key, value]) =>
    (others[key] ?? isText)(value) ? [] : [key]
  );
}

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
    const platform = PLATFORMS[component]!;
    conforms(payload, {
      required: [...COMMON.required, ...platform.required],
      optional: [...COMMON.optional, ...platform.optional],
    });
    deepStrictEqual(wronglyTyped(payload), []);
    const device = payload.device as Record<string, unknown>;
    conforms(device, DEVICE);
    deepStrictEqual(device.identifiers, ["lookback_0b7c5a52_front-2"]);
    conforms(payload.origin as Record<string, unknown>, ORIGIN);
    for (const each of payload.availability as Record<string, unknown>[]) {
      conforms(each, AVAILABILITY);
      strictEqual(each.topic, "site/system/health/mqtt");
    }
    for (const [key, value] of Object.entries(payload)) {
      const words = WORDS[`${component} ${key}`];
      if (words !== undefined) ok(words.includes(value), `${key}: ${value}`);
      if (key.endsWith("_topic")) match(String(value), /^site\/[^#+]+$/);
    }
  });
}

/** What Home Assistant makes of our templates, as far as they go: Jinja's "if" in one line. */
function rendered(template: unknown, payload: string): unknown {
  const [, yes, condition = "", no] = /^\{\{ (\S+) if (.*) else (\S+) \}\}$/.exec(
    String(template),
  )!;
  const script = condition.replaceAll("value_json is defined", "value_json !== undefined")
    .replaceAll(/("(?:[^"\\]|\\.)*") in (\S+)/g, "$2.includes($1)")
    .replaceAll(" and ", " && ");
  const read = (text: string) => new Function("value_json", `return ${text}`);
  const value = payload === "" ? undefined : JSON.parse(payload);
  return read(read(script)(value) ? yes! : no!)(value);
}

Deno.test("templates of discoveryMessages() read what is said, and what is taken back is unknown", () => {
  const templateOf = (key: string) =>
    entities({ ...CAMERA, classes: ['the "tall" one', "dog"] })
      .find((each) => each.key === key)!.payload.value_template;
  const status = (state: string) => JSON.stringify({ state, fps: 24.9 });
  strictEqual(rendered(templateOf("connectivity"), status("online")), "ON");
  strictEqual(rendered(templateOf("connectivity"), status("stalled")), "OFF");
  strictEqual(rendered(templateOf("connectivity"), ""), "OFF");
  strictEqual(rendered(templateOf("fps"), status("online")), 24.9);
  strictEqual(rendered(templateOf("fps"), ""), "None");
  const seen = JSON.stringify({ motion: true, classes: ['the "tall" one'] });
  strictEqual(rendered(templateOf("object_the_tall_one"), seen), "ON");
  strictEqual(rendered(templateOf("object_dog"), seen), "OFF");
  strictEqual(rendered(templateOf("motion"), seen), "ON");
  strictEqual(rendered(templateOf("recording"), '{"recording_enabled":false}'), "OFF");
  const [{ payload }] = entities() as [ReturnType<typeof entities>[number]];
  const [availability] = payload.availability as [{ readonly value_template: string }];
  const available = (text: string) => rendered(availability.value_template, text);
  deepStrictEqual(
    [available('{"state":"warning"}'), available('{"state":"offline"}'), available("")],
    ["online", "offline", "offline"],
  );
});

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
  // Names of any language, which are all the same in the letters that a topic may have.
  deepStrictEqual(keys(["собака", "кошка", "car", "car"]), [
    ...["motion", "object_", "object__2", "object_car"],
  ]);
  deepStrictEqual(keys(undefined), []);
});

Deno.test("each entity has an id of its own", () => {
  const ids = [...entities(), ...entities({ ...CAMERA, cameraId: "yard" })]
    .map(({ payload }) => payload.unique_id);
  strictEqual(new Set(ids).size, ids.length);
});
