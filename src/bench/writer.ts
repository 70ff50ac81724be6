/**
 * Measures the single writer: how many rows it takes, how long a commit lasts and how
 * many entries wait with sixty-four cameras, on this disk and on one that syncs slowly.
 *
 * Design: docs/performance.md
 *
 * @module
 */

import { join } from "node:path";
import { makeArchiveClip, readArchiveClip, type RecordedStream } from "./archive_clip.ts";
import { type Figure, median, quantile, type Section } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import { burst } from "./writer_burst.ts";
import { type CrowdFigures, recordCrowd } from "./writer_crowd.ts";
import { type Commit, WriterLine } from "./writer_line.ts";
import { slowSyncs } from "./writer_slow_disk.ts";

const CAMERAS = 64;

/** How much longer every sync takes on the slow disk, in milliseconds. */
const SLOW_MS = 500;

/** How long the cameras record, in milliseconds; their first 10 s are not looked at. */
const CROWD_MS = { short: 22_000, long: 180_000 } as const;

const ROUNDS = 5;

/** Batches of each camera in one burst: ten thousand rows in all. */
const BURST_BATCHES = 156;

/**
 * A fragment that is in its file before the next one comes has not been noticed by
 * anybody; it comes after 120 ms, and a quarter of that leaves room for everything else.
 */
const MOST_TAKE_MS = 30;

/** More entries than this have queued up, and would go on to. */
const MOST_WAITING = 2 * CAMERAS;

export async function measureWriter(options: MeasureOptions): Promise<Section> {
  const root = await Deno.makeTempDir({ dir: options.folder, prefix: "writer-" });
  try {
    const sync = await timeSyncs(root);
    options.onProgress(`${CAMERAS} cameras' rows through one writer`);
    const rows = await burstRates(join(root, "burst"));
    const clip = await makeArchiveClip(options.folder, options.ffmpegPath);
    const stream = await readArchiveClip(clip, options.ffmpegPath);
    const crowd = { stream, forMs: CROWD_MS[options.form] };
    options.onProgress(`${CAMERAS} cameras and one writer on this disk`);
    const asIs = await crowdOn(join(root, "as-is"), { ...crowd, extraMs: 0 });
    options.onProgress(`${CAMERAS} cameras and one writer, syncs ${SLOW_MS} ms longer`);
    const slow = await crowdOn(join(root, "slow"), { ...crowd, extraMs: SLOW_MS });
    return section({ sync, rows, asIs, slow, forMs: crowd.forMs });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** What the disk itself takes to make a small change durable, in milliseconds. */
async function timeSyncs(folder: string): Promise<number[]> {
  using file = await Deno.open(join(folder, "probe"), { write: true, create: true });
  const bytes = new Uint8Array(4_096);
  return Array.from({ length: 50 }, () => {
    const startedAt = performance.now();
    file.writeSync(bytes);
    file.syncSync();
    return performance.now() - startedAt;
  });
}

async function burstRates(root: string): Promise<number[]> {
  await Deno.mkdir(join(root, "data"), { recursive: true });
  const line = await WriterLine.open(root, 0);
  try {
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.push(await burst(line, { cameras: CAMERAS, batches: BURST_BATCHES, round }));
    }
    return rates;
  } finally {
    await line.close();
  }
}

interface CrowdResult extends CrowdFigures {
  readonly commits: readonly Commit[];
  readonly complaints: readonly string[];
}

async function crowdOn(
  root: string,
  of: { readonly stream: RecordedStream; readonly forMs: number; readonly extraMs: number },
): Promise<CrowdResult> {
  await Deno.mkdir(join(root, "data"), { recursive: true });
  const line = await WriterLine.open(root, of.extraMs);
  try {
    using _slow = of.extraMs > 0 ? slowSyncs(of.extraMs) : undefined;
    const figures = await recordCrowd({ ...of, root, line, cameras: CAMERAS });
    return { ...figures, commits: line.commits, complaints: line.complaints };
  } finally {
    await line.close();
    // Two of these are more than some disks have.
    await Deno.remove(root, { recursive: true });
  }
}

interface Measured {
  readonly sync: readonly number[];
  readonly rows: readonly number[];
  readonly asIs: CrowdResult;
  readonly slow: CrowdResult;
  readonly forMs: number;
}

function section(measured: Measured): Section {
  const { sync, rows, asIs, slow, forMs } = measured;
  return {
    id: "writer",
    title: `Writer: rows of ${CAMERAS} cameras through one writer`,
    how: `Bursts: ${CAMERAS} cameras hand over ${CAMERAS * BURST_BATCHES} batches at once. ` +
      `Recording: ${CAMERAS} recorders of 1080p25 at 4 Mbit/s for ${forMs / 1_000} s in real ` +
      "time, batches of 10 s, the product's recorders, outboxes and writer Worker with all " +
      "their files, in one thread and without ffmpeg; a camera's first 10 s, in which it makes " +
      `its folders, are not counted. The slow disk: every sync of cameras and writer takes ` +
      `${SLOW_MS} ms longer, each commit's two (ledger file and database) included.`,
    figures: [
      { name: SYNC, unit: "ms", samples: sync },
      { name: "rows in bursts", unit: "rows/s", samples: rows },
      ...crowdFigures("this disk", asIs),
      ...crowdFigures("slow disk", slow, "this disk"),
    ],
    notes: [...asIs.complaints, ...slow.complaints].slice(0, 5),
  };
}

const SYNC = "4 kB appended and synced";

function crowdFigures(disk: string, result: CrowdResult, reference?: string): Figure[] {
  const tookMs = result.commits.map((commit) => commit.tookMs);
  const compared = (name: string) =>
    reference === undefined ? {} : { comparedWith: `${name}, ${reference}` };
  const takeP99 = inRounds(result.takeMs).map((round) => quantile(round, 0.99));
  const waiting = inRounds(result.waiting).map((round) => Math.max(...round));
  const sinks = reference === undefined ? { comparedWith: SYNC } : compared("commit");
  return [
    { name: `commit, ${disk}`, unit: "ms", samples: tookMs, ...sinks },
    { name: `commit p99, ${disk}`, unit: "ms", samples: [quantile(tookMs, 0.99)] },
    {
      name: `entries not committed, most of each fifth of the time, ${disk}`,
      unit: "entries",
      samples: waiting,
      target: {
        text: `at most ${MOST_WAITING}: two batches of each camera`,
        isMet: Math.max(...waiting) <= MOST_WAITING,
      },
    },
    {
      name: `entries refused, ${disk}`,
      unit: "entries",
      samples: [result.refused],
      target: { text: "none", isMet: result.refused === 0 },
    },
    {
      name: `fragment taken and in its file, ${disk}`,
      unit: "ms",
      samples: inRounds(result.takeMs).map(median),
      ...compared("fragment taken and in its file"),
    },
    {
      name: `fragment taken and in its file, p99, ${disk}`,
      unit: "ms",
      samples: takeP99,
      ...compared("fragment taken and in its file, p99"),
      target: {
        text: `at most ${MOST_TAKE_MS} ms of the 120 until the next`,
        isMet: median(takeP99) <= MOST_TAKE_MS,
      },
    },
  ];
}

/** Samples in order, in equal parts. */
function inRounds(samples: readonly number[]): number[][] {
  const length = Math.ceil(samples.length / ROUNDS);
  return Array.from(
    { length: ROUNDS },
    (_, round) => samples.slice(round * length, (round + 1) * length),
  );
}
