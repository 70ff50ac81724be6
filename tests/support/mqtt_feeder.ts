/**
 * The main thread's hold on the MQTT Worker in a process of its own, told of things that
 * never happened: what is said to the broker can be counted, and the process be killed.
 *
 * Run as `deno run mqtt_feeder.ts JSON` with {@linkcode FeederPlan}. Each line of standard
 * input is a number to tell on to; its end ends the process in order.
 *
 * @module
 */

import { parseConfig } from "../../config.ts";
import { Mqtt, mqttPlan } from "../../src/app/mqtt/mqtt.ts";
import type { WebReport } from "../../src/app/web/messages.ts";
import { systemClock } from "../../src/base/clock.ts";
import { formatRecord } from "../../src/base/log_format.ts";
import { unixMs } from "../../src/base/units.ts";
import type { MqttSettings } from "../../src/mqtt/settings.ts";
import { madeAlert, seenEvent } from "../mqtt/made_up.ts";
import { PASSWORD, USER } from "./mosquitto.ts";

export interface FeederPlan {
  readonly root: string;
  readonly url: string;
  readonly cameras: number;
  /** Number of the first happening: each is an event and a critical alert. */
  readonly from: number;
  /** Time from one to the next. */
  readonly everyMs: number;
}

/** A report of cameras that are all well. */
export function wellReport(cameraIds: readonly string[]): WebReport {
  return {
    atMs: systemClock.now(),
    cameras: cameraIds.map((cameraId) => ({
      silentMs: 0,
      status: {
        ...{ cameraId, state: "recording", cause: null, detail: "", fps: 25 },
        ...{ bitsPerSecond: 4_000_000, frames: 1_000, batches: 4, bytes: 9_000_000 },
        ...{ stills: 40, stillsLost: 0, lastStillMs: null, restarts: 0, rowsPending: 0 },
        ...{ rowsRefused: 0, queuedBytes: 0 },
      },
    })),
    writer: { rows: 1, commits: 1, lastCommitMs: 1, waiting: 0, restarts: 0, silentMs: 0 },
    vision: [],
    missingPictures: { lost: 0, leftOut: 0 },
    detectorRestarts: 0,
    failures: { vision: 0, upkeep: 0, web: 0 },
    alertFaults: [],
  };
}

export function cameraIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `cam-${index}`);
}

/** A hold on the Worker, as recording has it. */
export function openFeeder(
  { root, url, cameras }: Pick<FeederPlan, "root" | "url" | "cameras">,
  settings: Partial<MqttSettings> = {},
  onLine: (line: string) => void = () => {},
): Mqtt {
  const ids = cameraIds(cameras);
  const yaml = JSON.stringify({
    storage: { root },
    cameras: ids.map((id) => ({ id, source: "test://320x240@10" })),
    mqtt: { enabled: true, url, user: USER, password: PASSWORD },
  });
  const plan = mqttPlan(parseConfig(yaml, { path: "none.yaml", cwd: root }))!;
  const mqtt = new Mqtt({
    root,
    identity: "0b7c5a52-9d0e-4f3a-8a39-6f2d3c1b7e10",
    clock: systemClock,
    onLog: (record) => onLine(formatRecord("plain", record)),
    report: () => ({ report: wellReport(ids), viewers: {} }),
  });
  mqtt.reload({ ...plan, configPath: null, mqtt: { ...plan.mqtt, ...settings } });
  return mqtt;
}

/** One thing that happens: an event, and a critical alert of it. */
export function feed(mqtt: Mqtt, number: number, cameras: number): void {
  const cameraId = `cam-${number % cameras}`;
  const startMs = unixMs(1_795_294_629_000 + number);
  const eventId = `${cameraId}-${number}`;
  mqtt.event({ change: "begun", event: seenEvent({ eventId, cameraId, startMs }) });
  mqtt.sink.send(madeAlert({ alertId: `alert-${number}`, eventId, cameraId, startMs }));
}

/** Lines of standard input, until it ends. */
async function* lines(): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

if (import.meta.main) {
  const plan: FeederPlan = JSON.parse(Deno.args[0]!);
  const mqtt = openFeeder(plan);
  let number = plan.from;
  for await (const line of lines()) {
    for (const to = Number(line); number < to; number += 1) {
      feed(mqtt, number, plan.cameras);
      await systemClock.sleep(plan.everyMs, new AbortController().signal);
    }
  }
  await mqtt.stop();
}
