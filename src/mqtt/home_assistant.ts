/**
 * How Home Assistant finds the cameras by itself: a device for each, with what can be
 * seen of it and what can be done (MQTT discovery).
 *
 * In:   cameras. Out: one message for each entity.
 * Not here: when they are sent and taken back (src/app/mqtt/states.ts).
 *
 * Templates are tried with empty payloads too, because a state that is taken back is
 * one: `value_json` is not defined then.
 *
 * Design: docs/design/mqtt.md, "Home Assistant"
 *
 * Pure.
 *
 * @module
 */

import type { Message } from "./message.ts";
import { topicOf, TOPICS } from "./topics.ts";

/** In front of all that Home Assistant reads, as it is set up by default. */
const DISCOVERY_PREFIX = "homeassistant";

/** Classes that have a sensor where the settings name none. */
const USUAL_CLASSES = ["person", "vehicle", "animal"] as const;

/** Length of the film that the export button asks for, in seconds. */
const BUTTON_SECONDS = 60;

export interface DiscoveredCamera {
  readonly cameraId: string;
  readonly name: string;
  /** Classes that count; null for all. Undefined where nothing is looked at. */
  readonly classes: readonly string[] | null | undefined;
}

export interface DiscoveryPlace {
  /** Unique and lasting: the storage root's id. */
  readonly boxId: string;
  readonly version: string;
  readonly prefix: string;
  readonly allowsCommands: boolean;
}

/** An entity before what all of them have. */
interface Entity {
  readonly component: "binary_sensor" | "sensor" | "image" | "switch" | "button";
  /** Lower-case letters, digits and "_". */
  readonly key: string;
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** All that Home Assistant is to know of a camera. Their topics stand without the prefix. */
export function discoveryMessages(
  camera: DiscoveredCamera,
  place: DiscoveryPlace,
): readonly Message[] {
  const entities = [
    ...statusEntities(camera, place),
    ...seenEntities(camera, place),
    ...(place.allowsCommands ? commandEntities(camera, place) : []),
  ];
  return entities.map((entity) => toMessage(entity, camera, place));
}

function statusEntities(
  { cameraId }: DiscoveredCamera,
  { prefix }: DiscoveryPlace,
): readonly Entity[] {
  const stateTopic = `${prefix}${topicOf(TOPICS.cameraStatus, { id: cameraId })}`;
  return [
    {
      component: "binary_sensor",
      key: "connectivity",
      name: "Connectivity",
      options: {
        device_class: "connectivity",
        entity_category: "diagnostic",
        state_topic: stateTopic,
        value_template: onOff("value_json.state == 'online'"),
        qos: 1,
      },
    },
    {
      component: "sensor",
      key: "fps",
      name: "Frames per second",
      options: {
        entity_category: "diagnostic",
        state_topic: stateTopic,
        state_class: "measurement",
        unit_of_measurement: "fps",
        // "None" is what is not known.
        value_template: "{{ value_json.fps if value_json is defined else 'None' }}",
        qos: 1,
      },
    },
  ];
}

function seenEntities(
  { cameraId, classes }: DiscoveredCamera,
  { prefix }: DiscoveryPlace,
): readonly Entity[] {
  if (classes === undefined) return [];
  const stateTopic = `${prefix}${topicOf(TOPICS.presence, { id: cameraId })}`;
  const keys = new KeyMaker();
  const sensors = [...new Set(classes ?? USUAL_CLASSES)].map((each): Entity => ({
    component: "binary_sensor",
    key: keys.keyOf(`object_${each}`),
    name: each.replace(/^./u, (letter) => letter.toUpperCase()),
    options: {
      device_class: "occupancy",
      state_topic: stateTopic,
      // The class stands in the template as a text of its own language: quotes can't end it.
      value_template: onOff(`${JSON.stringify(each)} in value_json.classes`),
      qos: 1,
    },
  }));
  return [
    {
      component: "binary_sensor",
      key: "motion",
      name: "Motion",
      options: {
        device_class: "motion",
        state_topic: stateTopic,
        value_template: onOff("value_json.motion"),
        qos: 1,
      },
    },
    ...sensors,
    {
      component: "image",
      key: "last_event",
      name: "Last event",
      options: {
        image_topic: `${prefix}${topicOf(TOPICS.eventImage, { id: cameraId })}`,
        content_type: "image/jpeg",
      },
    },
  ];
}

function commandEntities(
  { cameraId }: DiscoveredCamera,
  { prefix }: DiscoveryPlace,
): readonly Entity[] {
  const press = { command: "export", "camera_id": cameraId, seconds: BUTTON_SECONDS };
  return [
    {
      component: "switch",
      key: "recording",
      name: "Recording",
      options: {
        command_topic: `${prefix}${topicOf(TOPICS.configurationSet, { id: cameraId })}`,
        state_topic: `${prefix}${topicOf(TOPICS.configuration, { id: cameraId })}`,
        value_template: onOff("value_json.recording_enabled"),
        payload_on: JSON.stringify({ recording_enabled: true }),
        payload_off: JSON.stringify({ recording_enabled: false }),
        state_on: "ON",
        state_off: "OFF",
        qos: 2,
      },
    },
    {
      component: "button",
      key: "export",
      name: "Export the last minute",
      options: {
        command_topic: `${prefix}${topicOf(TOPICS.command)}`,
        payload_press: JSON.stringify(press),
        qos: 1,
      },
    },
  ];
}

/** A template for what is "ON" or "OFF". */
function onOff(condition: string): string {
  return `{{ 'ON' if value_json is defined and ${condition} else 'OFF' }}`;
}

/** Keys as topics and ids may have them, each once: names of things may be of any language. */
class KeyMaker {
  readonly #taken = new Set<string>();

  keyOf(name: string): string {
    const key = name.replaceAll(/[^a-z0-9]+/g, "_");
    for (let number = 1;; number += 1) {
      const free = number === 1 ? key : `${key}_${number}`;
      if (this.#taken.has(free)) continue;
      this.#taken.add(free);
      return free;
    }
  }
}

function toMessage(
  { component, key, name, options }: Entity,
  { cameraId, name: cameraName }: DiscoveredCamera,
  { boxId, version, prefix }: DiscoveryPlace,
): Message {
  const node = `lookback_${boxId}_${cameraId}`.replaceAll(/[^\w-]/g, "_");
  const payload = {
    name,
    "unique_id": `${node}_${key}`,
    device: {
      identifiers: [node],
      name: cameraName,
      manufacturer: "Lookback",
      model: "Recorded camera",
      sw_version: version,
    },
    origin: { name: "Lookback", sw_version: version },
    availability: [{
      topic: `${prefix}${topicOf(TOPICS.health, { component: "mqtt" })}`,
      value_template: "{{ 'online' if value_json is defined and value_json.state != 'offline' " +
        "else 'offline' }}",
    }],
    ...options,
  };
  return {
    topic: `${DISCOVERY_PREFIX}/${component}/${node}/${key}/config`,
    payload: JSON.stringify(payload),
    qos: 1,
    retain: true,
    isBare: true,
  };
}
