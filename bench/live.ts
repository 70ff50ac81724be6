// deno-lint-ignore-file no-console
/**
 * Live pictures as a viewer gets them: how late they are by each protocol, how long
 * the first one takes, and what a viewer costs, with fragments of several lengths.
 *
 * A camera on this box writes the time into each picture; the page in a real browser
 * reads it back when the picture comes up. Encoder, recorder, network, decoder and
 * compositor are in it; a lens, a screen and a real network are not. All run on this
 * box, so it should be quiet, and two cores are busy with 16 viewers.
 *
 * Run at the repository's top:
 *   deno run --allow-all bench/live.ts [short|long] [how many settings]
 *
 * Out: tables for people, in Markdown.
 *
 * @module
 */

import type { Page } from "playwright-core";
import { quantile } from "../src/bench/figure.ts";
import { pause } from "../src/bench/lookback_process.ts";
import { startBrowser } from "../tests/support/browser.ts";
import { startClockCamera } from "../tests/support/clock_camera.ts";
import { READ_CLOCK } from "../tests/support/clock_picture.ts";
import { enterFirst, servePage } from "../tests/support/served_page.ts";
import { VIEWER_SCRIPTS } from "./live_viewers.ts";

const CAMERA_ID = "cam";

/** What most cameras send, and its size. */
const SIZE = { width: 1_280, height: 720 } as const;
const BITS_PER_SECOND = 3_000_000;

/** Until a player has found its distance to the newest frame, in milliseconds. */
const SETTLE_MS = 6_000;

const CLOCK_SETTLES_MS = 10_000;

/** A camera's stream goes on for 5 s after its last viewer: then a join is one from cold. */
const COLD_MS = 5_600;

/** As many ticks of the processor's clock a second as Linux has on all its machines. */
const TICKS_PER_SECOND = 100;

const PROTOCOLS = ["whep", "mse", "hls"] as const;
type Protocol = typeof PROTOCOLS[number];

/** What the issue asks for, in milliseconds. */
const TARGETS: Readonly<Record<Protocol, number>> = { whep: 200, mse: 300, hls: 1_200 };
const FIRST_TARGET_MS = 300;

const DEFAULT_FRAGMENT_MS = 120;
const FRAGMENTS_MS = [DEFAULT_FRAGMENT_MS, 200, 40];

/** One Lookback with one camera. */
interface Setting {
  readonly fragmentMs: number;
  readonly keySeconds: number;
  readonly hasAudio: boolean;
  /** Viewers at once, each tried with every protocol. */
  readonly viewers: readonly number[];
  readonly joins: number;
  readonly measureMs: number;
}

interface DelayRow {
  readonly protocol: Protocol;
  readonly viewers: number;
  readonly delaysMs: readonly number[];
  /** Of Lookback's process, beyond what it takes without viewers, in percent of a core. */
  readonly cpuPercent: number;
  readonly rssMb: number;
}

interface JoinRow {
  readonly protocol: Protocol;
  readonly firstMs: readonly number[];
  readonly nowMs: readonly number[];
}

/** What is set by default, and what else was considered, with one viewer. */
function settingsOf(form: "short" | "long"): Setting[] {
  const few = { viewers: [1], joins: 2, measureMs: 6_000, keySeconds: 4, hasAudio: false };
  if (form === "short") return FRAGMENTS_MS.map((fragmentMs) => ({ ...few, fragmentMs }));
  const one = { ...few, joins: 6, measureMs: 12_000 };
  return [
    { ...one, fragmentMs: DEFAULT_FRAGMENT_MS, viewers: [1, 4, 16] },
    ...FRAGMENTS_MS.filter((fragmentMs) => fragmentMs !== DEFAULT_FRAGMENT_MS)
      .map((fragmentMs) => ({ ...one, fragmentMs })),
    ...FRAGMENTS_MS.map((fragmentMs) => ({ ...one, keySeconds: 1, fragmentMs, hasAudio: true })),
  ];
}

async function measure(setting: Setting): Promise<{ delays: DelayRow[]; joins: JoinRow[] }> {
  const root = await Deno.makeTempDir({ prefix: "live-bench-" });
  try {
    await using camera = startClockCamera({
      size: SIZE,
      bitsPerSecond: BITS_PER_SECOND,
      keyEvery: setting.keySeconds * 25,
      hasAudio: setting.hasAudio,
    });
    await using served = await servePage(
      root,
      `recorder: { fragment_ms: ${setting.fragmentMs} }\n` +
        `cameras:\n  - { id: ${CAMERA_ID}, source: "${camera.url}" }\n`,
    );
    await using browser = await startBrowser({ scripts: [READ_CLOCK, ...VIEWER_SCRIPTS] });
    const { page, context } = browser;
    await enterFirst(page, served);
    const crowd = await context.newPage();
    await crowd.goto(`${served.url}#/account`);
    // A page behind another one is drawn once a second.
    await page.bringToFront();
    await page.goto(`${served.url}#/camera/${CAMERA_ID}`);
    await page.waitForSelector(".live[data-phase=playing]");
    // A recorder learns from what arrives when a frame was made.
    await pause(CLOCK_SETTLES_MS);
    const joins = await measureJoins(page, setting);
    const delays = await measureDelays({ page, crowd, pid: served.running.pid }, setting);
    return { delays, joins };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function measureJoins(page: Page, { joins }: Setting): Promise<JoinRow[]> {
  const rows: JoinRow[] = [];
  for (const protocol of PROTOCOLS) {
    const took: { firstMs: number; nowMs: number }[] = [];
    // The first one of all loads the player.
    for (let number = 0; number <= joins; number += 1) {
      await page.selectOption(".live-line select", "still");
      await pause(COLD_MS);
      took.push(await page.evaluate(`joinBy("${protocol}")`));
    }
    const counted = took.slice(1);
    rows.push({
      protocol,
      firstMs: counted.map(({ firstMs }) => firstMs),
      nowMs: counted.map(({ nowMs }) => nowMs),
    });
  }
  return rows;
}

interface Watched {
  readonly page: Page;
  readonly crowd: Page;
  readonly pid: number;
}

async function measureDelays(
  { page, crowd, pid }: Watched,
  { viewers, measureMs }: Setting,
): Promise<DelayRow[]> {
  const rows: DelayRow[] = [];
  // Nobody watches.
  await page.evaluate(`location.hash = "#/account"`);
  await pause(COLD_MS);
  const idle = await whileWaiting(pid, () => pause(measureMs));
  await page.evaluate(`location.hash = "#/camera/${CAMERA_ID}"`);
  await page.waitForSelector(".live[data-phase=playing]");
  for (const protocol of PROTOCOLS) {
    for (const count of viewers) {
      await page.selectOption(".live-line select", protocol);
      await crowd.evaluate(`addViewers("${CAMERA_ID}", "${protocol}", ${count - 1})`);
      await pause(SETTLE_MS);
      const { cpuPercent, rssMb, value } = await whileWaiting(
        pid,
        () =>
          page.evaluate<number[]>(
            `delaysOf(document.querySelector(".live video"), ${measureMs})`,
          ),
      );
      rows.push({
        protocol,
        viewers: count,
        delaysMs: value,
        cpuPercent: cpuPercent - idle.cpuPercent,
        rssMb: rssMb - idle.rssMb,
      });
      await crowd.evaluate("endViewers()");
      await page.selectOption(".live-line select", "still");
      await pause(COLD_MS);
    }
  }
  return rows;
}

/** What Lookback's process takes meanwhile; its recorders are processes of their own. */
async function whileWaiting<T>(
  pid: number,
  wait: () => Promise<T>,
): Promise<{ readonly cpuPercent: number; readonly rssMb: number; readonly value: T }> {
  const [before, startedAt] = [await cpuSeconds(pid), performance.now()];
  const value = await wait();
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuPercent = (await cpuSeconds(pid) - before) / seconds * 100;
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return { cpuPercent, rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024, value };
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function print({ fragmentMs, keySeconds, hasAudio }: Setting, measured: {
  readonly delays: readonly DelayRow[];
  readonly joins: readonly JoinRow[];
}): void {
  const audio = hasAudio ? ", with audio" : "";
  console.log(`\n## Fragments of ${fragmentMs} ms, key frames ${keySeconds} s apart${audio}\n`);
  console.log("| protocol | viewers | delay p50 / p95 ms | target | frames | CPU | memory |");
  console.log("|---|---|---|---|---|---|---|");
  for (const { protocol, viewers, delaysMs, cpuPercent, rssMb } of measured.delays) {
    const [p50, p95] = [quantile(delaysMs, 0.5), quantile(delaysMs, 0.95)];
    const verdict = p50 <= TARGETS[protocol] ? "met" : "MISSED";
    console.log(
      `| ${protocol} | ${viewers} | ${p50.toFixed(0)} / ${p95.toFixed(0)} | ` +
        `${TARGETS[protocol]}: ${verdict} | ${delaysMs.length} | ` +
        `${cpuPercent.toFixed(1)} % (${(cpuPercent / viewers).toFixed(2)} a viewer) | ` +
        `${rssMb.toFixed(0)} MB (${(rssMb / viewers).toFixed(1)} a viewer) |`,
    );
  }
  console.log("\n| protocol | first picture p50 / max ms | target | picture of now p50 / max ms |");
  console.log("|---|---|---|---|");
  for (const { protocol, firstMs, nowMs } of measured.joins) {
    const text = (values: readonly number[]) =>
      `${quantile(values, 0.5).toFixed(0)} / ${Math.max(...values).toFixed(0)}`;
    const verdict = quantile(firstMs, 0.5) <= FIRST_TARGET_MS ? "met" : "MISSED";
    console.log(
      `| ${protocol} | ${text(firstMs)} | ${FIRST_TARGET_MS}: ${verdict} | ${text(nowMs)} |`,
    );
  }
}

if (import.meta.main) {
  const form = Deno.args[0] === "short" ? "short" : "long";
  const count = Number(Deno.args[1] ?? Infinity);
  for (const setting of settingsOf(form).slice(0, count)) print(setting, await measure(setting));
}
