/**
 * Where alerts that wait for one receiver lie on disk: one small file each, named
 * by number, time and priority. What is on the shelf survives a power cut.
 *
 * In:   what waits.
 * Out:  the same after a restart.
 * Not here: what is delivered when (delivery_line.ts).
 *
 * @module
 */

import { join } from "node:path";
import { unixMs } from "../base/units.ts";
import { ensureFolder, removeIfThere, syncFolder, writeFileDurably } from "../host/durable.ts";
import { namesIn } from "../host/files.ts";
import { PRIORITIES, type Priority } from "../model/vision_settings.ts";
import { readBody } from "./body.ts";
import type { Waiting } from "./waiting_alerts.ts";

/** Below the storage root. */
export const QUEUE_FOLDER = join("data", "alerts", "queue");

/** Number, wall time in milliseconds, priority: "000000000042-1795293429000-warning.json". */
const FILE_NAME = /^(\d{12})-(\d{1,15})-([a-z]+)\.json$/;

export interface ShelfReading {
  readonly items: readonly Waiting[];
  /** Files of a shelf that can't be understood; they are gone now. */
  readonly unreadable: readonly string[];
}

export class Shelf {
  readonly #root: string;
  readonly #folder: string;
  /** Names of files by the number of what they hold. */
  readonly #files = new Map<number, string>();
  #isMade = false;

  /**
   * @param root Storage root, absolute.
   * @param name Of the receiver; the folder is made with the first alert.
   */
  constructor(root: string, name: string) {
    this.#root = root;
    this.#folder = join(root, QUEUE_FOLDER, name);
  }

  /** True for what is here. */
  has({ number }: Pick<Waiting, "number">): boolean {
    return this.#files.has(number);
  }

  /** What lies here, and a tidy-up of what a crash left half-written. */
  async read(): Promise<ShelfReading> {
    const items: Waiting[] = [];
    const unreadable: string[] = [];
    for (const name of await namesIn(this.#folder)) {
      const path = join(this.#folder, name);
      const item = await readItem(path, name);
      if (item !== undefined) {
        items.push(item);
        this.#files.set(item.number, name);
      } else {
        if (!name.endsWith(".part")) unreadable.push(name);
        await removeIfThere(path, "with-content");
      }
    }
    return { items, unreadable };
  }

  /** Durable when it resolves. */
  async put(item: Waiting): Promise<void> {
    if (!this.#isMade) {
      // Where the disk is not mounted there is no such folder, and none is to be made.
      await Deno.stat(join(this.#root, "data"));
      await ensureFolder(this.#folder);
      this.#isMade = true;
    }
    const name = fileName(item);
    await writeFileDurably(join(this.#folder, name), new TextEncoder().encode(item.content));
    this.#files.set(item.number, name);
  }

  /** Takes away all but what still waits. */
  async keepOnly(waiting: readonly Waiting[]): Promise<void> {
    const numbers = new Set(waiting.map(({ number }) => number));
    const done = [...this.#files].filter(([number]) => !numbers.has(number));
    for (const [number, name] of done) {
      await removeIfThere(join(this.#folder, name));
      this.#files.delete(number);
    }
    if (done.length > 0) await syncFolder(this.#folder);
  }
}

/**
 * Takes away what is too old on shelves of receivers that are not set up any more.
 * What is not waits: whoever mistypes a name must not lose alerts by it.
 */
export async function forgetOld(
  root: string,
  { known, beforeMs }: { readonly known: readonly string[]; readonly beforeMs: number },
): Promise<void> {
  const names = await namesIn(join(root, QUEUE_FOLDER));
  for (const name of names.filter((each) => !known.includes(each))) {
    const shelf = new Shelf(root, name);
    const { items } = await shelf.read();
    await shelf.keepOnly(items.filter(({ sinceMs }) => sinceMs >= beforeMs));
  }
}

function fileName({ number, sinceMs, priority }: Waiting): string {
  return `${String(number).padStart(12, "0")}-${sinceMs}-${priority}.json`;
}

async function readItem(path: string, name: string): Promise<Waiting | undefined> {
  const [, number, since, priority] = FILE_NAME.exec(name) ?? [];
  if (number === undefined || !isPriority(priority)) return undefined;
  const content = await Deno.readTextFile(path);
  const id = readBody(content)?.id;
  if (id === undefined) return undefined;
  return { number: Number(number), id, priority, sinceMs: unixMs(Number(since)), content };
}

function isPriority(word: string | undefined): word is Priority {
  return PRIORITIES.some((priority) => priority === word);
}
