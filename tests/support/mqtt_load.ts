/**
 * What it costs to tell a broker what many cameras see: a process of its own says it, and
 * mosquitto_sub counts what arrives.
 *
 * Run as `deno run mqtt_load.ts JSON` with {@linkcode LoadWish} and the broker's url it is
 * that process.
 *
 * @module
 */

import process from "node:process";
import { systemClock } from "../../src/base/clock.ts";
import { type Broker, listenTo } from "./mosquitto.ts";
import { cameraIds, openFeeder } from "./mqtt_feeder.ts";
import { until } from "./until.ts";

export interface LoadWish {
  readonly root: string;
  readonly cameras: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** What the process says of itself. */
interface Cost {
  readonly said: number;
  /** Of one processor, in per cent: the Worker, and the thread that feeds it. */
  readonly cpuPercent: number;
  /** Memory before the Worker was there, with it connected, and at the end, in bytes. */
  readonly rssBytes: readonly [before: number, connected: number, after: number];
}

export interface Load extends Cost {
  readonly heard: number;
}

const never = new AbortController().signal;

/** Publishes for some seconds, and counts what a subscriber hears. */
export async function measureResults(broker: Broker, wish: LoadWish): Promise<Load> {
  await using listener = await listenTo(broker, { topics: ["analytics/+/results"] });
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-read", "--allow-write", "--allow-run", "--allow-env"],
      ...["--allow-sys", "--allow-net", "--allow-ffi", new URL(import.meta.url).pathname],
      JSON.stringify({ ...wish, url: broker.url }),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the process that publishes failed");
  const cost: Cost = JSON.parse(new TextDecoder().decode(stdout));
  const all = { limitMs: 3_000, what: "all results" };
  await until(() => listener.heard.length >= cost.said, all).catch(() => {});
  return { ...cost, heard: listener.heard.length };
}

async function publish({ root, url, cameras, perSecond, seconds }: LoadWish & { url: string }) {
  const before = Deno.memoryUsage().rss;
  const mqtt = openFeeder({ root, url, cameras });
  // States of all cameras have arrived: all of it is connected.
  await until(() => mqtt.sink.counters.delivered >= 2 * cameras, {
    limitMs: 30_000,
    what: "all cameras",
  });
  await systemClock.sleep(500, never);
  const connected = Deno.memoryUsage().rss;
  const cpuBefore = process.cpuUsage();
  const beganAt = performance.now();
  const ids = cameraIds(cameras);
  for (let turn = 0; turn < perSecond * seconds; turn += 1) {
    for (const cameraId of ids) mqtt.sight(sightOf(cameraId, turn));
    const nextMs = (turn + 1) * 1_000 / perSecond - (performance.now() - beganAt);
    await systemClock.sleep(Math.max(0, nextMs), never);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const tookMs = performance.now() - beganAt;
  const after = Deno.memoryUsage().rss;
  await mqtt.stop();
  const cpuPercent = Math.round((user + system) / tookMs) / 10;
  return {
    said: ids.length * perSecond * seconds,
    cpuPercent,
    rssBytes: [before, connected, after],
  };
}

function sightOf(cameraId: string, turn: number) {
  const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
  return {
    cameraId,
    atMs: systemClock.now(),
    frame: { run: 1, pts: turn * 18_000 },
    moving: [box],
    detections: [
      { class: "person", score: 0.9, box },
      { class: "vehicle", score: 0.7, box: { ...box, x: 0.5 } },
    ],
  };
}

if (import.meta.main) {
  const cost = await publish(JSON.parse(Deno.args[0]!));
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(cost)));
}
