/**
 * Which stills go with batches. A still can belong to two batches, because an
 * interval can begin in one and end in the next; it stays as long as one of them
 * does.
 *
 * A list of stills would make each line of the ledger ten times as long, so a
 * deletion names them as ranges: `frames/front/2026-11-21/20/570900.jpg..571800.jpg`
 * is each still of that folder whose name lies between the two, both included.
 *
 * @module
 */

import { join } from "node:path";
import { readRange } from "../host/durable.ts";
import type { Batch } from "../model/batch.ts";
import { folderOf } from "../model/retention.ts";
import type { RetentionIndex } from "./retention_index.ts";

/** Stills of one folder that go. */
export interface StillRange {
  /** As a deletion names them. */
  readonly range: string;
  /** Each of them, relative to the storage root. */
  readonly paths: readonly string[];
}

/**
 * The stills that only these batches name.
 *
 * @param batches Of one camera, in order of their frames; all of them go.
 */
export async function stillsOf(
  root: string,
  batches: readonly Batch[],
  index: RetentionIndex,
): Promise<StillRange[]> {
  const ranges: StillRange[] = [];
  for (const chain of chainsOf(batches, index)) {
    const kept = await neighbourStills(root, chain, index);
    const named = new Set<string>();
    for (const batch of chain) {
      for (const path of await namedStills(root, batch)) named.add(path);
    }
    const own = [...named].filter((path) => !kept.has(path)).sort();
    for (const paths of Map.groupBy(own, folderOf).values()) ranges.push(toRange(paths));
  }
  return ranges;
}

/** Batches in groups, between which others stay. */
function chainsOf(batches: readonly Batch[], index: RetentionIndex): Batch[][] {
  const chains: Batch[][] = [];
  for (const batch of batches) {
    const last = chains.at(-1)?.at(-1);
    const isNext = last !== undefined && index.neighbour(last, "behind")?.batchId === batch.batchId;
    if (isNext) chains.at(-1)!.push(batch);
    else chains.push([batch]);
  }
  return chains;
}

async function neighbourStills(
  root: string,
  chain: readonly Batch[],
  index: RetentionIndex,
): Promise<Set<string>> {
  const neighbours = [
    index.neighbour(chain[0]!, "before"),
    index.neighbour(chain.at(-1)!, "behind"),
  ];
  const named = neighbours.filter((batch) => batch !== undefined)
    .map((batch) => namedStills(root, batch));
  return new Set((await Promise.all(named)).flatMap((stills) => [...stills]));
}

/** What the frame log says; nothing where the batch's part of it is gone. */
async function namedStills(root: string, batch: Batch): Promise<Set<string>> {
  const lines = await readPart(root, batch);
  const named = lines.matchAll(/"image_path":"([^"]+)"/g).map((match) => match[1]!);
  // Nothing outside the camera's stills is ever removed, whatever a log says.
  const own = `frames/${batch.cameraId}/`;
  return new Set(named.filter((path) => path.startsWith(own) && /^[\w/-]+\.jpg$/.test(path)));
}

async function readPart(root: string, batch: Batch): Promise<string> {
  const { framesOffset: offset, framesBytes: sizeBytes } = batch;
  try {
    using file = await Deno.open(join(root, batch.framesPath));
    const bytes = await readRange(file, { offset, sizeBytes });
    return bytes === undefined ? "" : new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** @param paths Of one folder, sorted. */
function toRange(paths: readonly string[]): StillRange {
  const [first = ""] = paths;
  const last = paths.at(-1) ?? first;
  const name = last.slice(folderOf(last).length + 1);
  return { range: first === last ? first : `${first}..${name}`, paths };
}

/** The files that a path of a deletion stands for: itself, or the stills of a range. */
export async function expandRange(root: string, path: string): Promise<string[]> {
  const match = /^(.+)\/([^/]+\.jpg)\.\.([^/]+\.jpg)$/.exec(path);
  if (match === null) return [path];
  const [, folder = "", first = "", last = ""] = match;
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(join(root, folder))) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.filter((name) => name >= first && name <= last).map((name) => `${folder}/${name}`);
}
