// deno-lint-ignore-file no-console -- a bench prints its figures
/**
 * What a start costs with much recorded: opening the ledger, summing up the cameras
 * and finding where their numbers go on, after a clean stop.
 *
 * Run with `deno run --allow-all bench/start_up.ts [batches]`. Ends with 1 when the
 * target is missed.
 *
 * @module
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../src/base/clock.ts";
import { logger } from "../src/base/log.ts";
import { identifyRoot } from "../src/host/root_identity.ts";
import { DATABASE_PATH, openForWriting } from "../src/store/database.ts";
import { Ledger } from "../src/store/open_ledger.ts";
import { Reader } from "../src/store/reader.ts";

/** Most milliseconds that it may take. */
const TARGET_MS = 500;

const BATCHES = Number(Deno.args[0] ?? 1_000_000);

const CAMERAS = 4;

/** Batches of 10 s, one camera after the other, so that all days have some of each camera. */
const FILL = `
  with recursive
    counted(n) as (select 0 union all select n + 1 from counted where n < ${BATCHES - 1}),
    placed as (select n, 'camera' || (n % ${CAMERAS}) camera_id, n / ${CAMERAS} number from counted)
  insert into batches (camera_id, run, starting_frame_id, ending_frame_id, timestamp, start_ms,
    end_ms, frame_count, recording_path, recording_bytes, frames_path, frames_offset, frames_bytes,
    recording_sha256, frames_sha256, previous_chain, chain, stills_bytes)
  select camera_id, 1, number * 250 + 1, number * 250 + 250,
    strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + number * 10, 'unixepoch'),
    (1700000000 + number * 10) * 1000, (1700000010 + number * 10) * 1000, 250,
    'data/recordings/' || camera_id || strftime('/%Y-%m-%d/%H/%M%S.mp4', 1700000000 + number * 10, 'unixepoch'),
    5000000, 'data/frames/' || camera_id || strftime('/%Y-%m-%d/%H.jsonl', 1700000000 + number * 10, 'unixepoch'),
    number % 360 * 77000, 77000,
    printf('%064x', n), printf('%064x', n), printf('%064x', n), printf('%064x', n + 1), 100000
  from placed`;

interface Figures {
  readonly fillMs: number;
  readonly ledgerMs: number;
  readonly openMs: number;
  readonly readMs: number;
  readonly rebuildMs: number;
}

async function measure(root: string): Promise<Figures> {
  const identity = await identifyRoot(root);
  const open = () =>
    new Ledger({ root, identity, now: () => systemClock.now(), log: logger("bench") });
  const fillMs = timed(() => {
    openForWriting(root).close();
    const database = new DatabaseSync(join(root, DATABASE_PATH));
    database.exec("pragma synchronous = off");
    for (let camera = 0; camera < CAMERAS; camera += 1) {
      database.exec(`insert into cameras values ('camera${camera}', 'Camera', 'test', 1, 2, 3)`);
      database.exec(
        `insert into runs values ('camera${camera}', 1, 'avc1', 2, 2, 9, 9, 'stopped', 0)`,
      );
    }
    database.exec(FILL);
    database.close();
  });
  // Writes the ledger files, as for a database of a version without them.
  const ledgerMs = timed(() => open()[Symbol.dispose]());
  const openMs = timed(() => {
    const ledger = open();
    ledger.prune();
    ledger[Symbol.dispose]();
  });
  const readMs = timed(() => {
    using reader = new Reader(root);
    for (const { cameraId } of reader.cameras()) {
      reader.newestFrameId(cameraId);
      reader.newestRun(cameraId);
    }
    if (reader.cameras().length !== CAMERAS) throw new Error("Cannot find all cameras");
  });
  await Deno.remove(join(root, DATABASE_PATH));
  const rebuildMs = timed(() => open()[Symbol.dispose]());
  return { fillMs, ledgerMs, openMs, readMs, rebuildMs };
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function report({ fillMs, ledgerMs, openMs, readMs, rebuildMs }: Figures): boolean {
  const lines = [
    ["make the database", fillMs],
    ["write the ledger files anew", ledgerMs],
    ["open the ledger after a clean stop", openMs],
    ["sum up the cameras, find their numbers", readMs],
    ["make the database again from the ledger", rebuildMs],
  ] as const;
  console.log(`${BATCHES} batches of ${CAMERAS} cameras\n`);
  for (const [name, ms] of lines) {
    console.log(`${name.padEnd(42)} ${ms.toFixed(0).padStart(8)} ms`);
  }
  const isMet = openMs + readMs <= TARGET_MS;
  const spent = (openMs + readMs).toFixed(0);
  console.log(`\ntarget: start within ${TARGET_MS} ms: ${spent} ms, ${isMet ? "pass" : "MISS"}`);
  return isMet;
}

if (import.meta.main) {
  const root = await Deno.makeTempDir({ prefix: "lookback-bench-" });
  let isMet = false;
  try {
    await Deno.mkdir(join(root, "data"), { recursive: true });
    isMet = report(await measure(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
  Deno.exit(isMet ? 0 : 1);
}
