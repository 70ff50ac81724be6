/**
 * The audit trail: who logged in, took footage with them or changed something. One
 * JSON line each in data/audit.jsonl, only ever appended to; when it is large it is
 * moved aside, and of those moved aside the oldest goes.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { isoUtc } from "../../base/units.ts";
import { ensureFolder, ownerToBe, syncFile, syncFolder, writeAll } from "../../host/durable.ts";
import { PRIVATE_MODE } from "./kept_file.ts";

const log = logger("web", "audit");

/** About 25,000 lines. */
const LARGEST_BYTES = 4_000_000;

/** Files that were moved aside: "audit.1.jsonl" is the newest of them. */
const KEPT_ASIDE = 4;

/** Lines that wait to be written. A disk that is slower loses further ones, and says so. */
const MOST_WAITING = 1_000;

/** Longest text of a field: names and details come from strangers too. */
const LONGEST_TEXT = 300;

export interface AuditEntry {
  readonly at: string;
  /** "user:anna", "token:7f3a…", "share:…", "console" or "nobody". */
  readonly actor: string;
  /** What was done: "log-in", "export", "user-added". */
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

export type AuditLine = Omit<AuditEntry, "at">;

export interface AuditOptions {
  /** The storage root's "data". */
  readonly folder: string;
  readonly clock: Pick<Clock, "now">;
  readonly largestBytes?: number;
}

export class AuditTrail {
  readonly #options: Required<AuditOptions>;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #lost = 0;

  constructor(options: AuditOptions) {
    this.#options = { largestBytes: LARGEST_BYTES, ...options };
  }

  /** Lines that found no room, or that the disk did not take. */
  get lost(): number {
    return this.#lost;
  }

  /** Notes it; written in order, soon. */
  note(line: AuditLine): void {
    if (this.#waiting.length >= MOST_WAITING) return this.#lose(1, "too many wait");
    const entry: AuditEntry = {
      at: isoUtc(this.#options.clock.now()),
      actor: short(line.actor),
      action: short(line.action),
      subject: short(line.subject),
      detail: short(line.detail),
    };
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  /** Resolves when everything noted so far is on the disk. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** The newest first. */
  async newest(limit: number): Promise<AuditEntry[]> {
    await this.flush();
    const entries: AuditEntry[] = [];
    for (let index = 0; index <= KEPT_ASIDE && entries.length < limit; index++) {
      const lines = await readLines(this.#path(index));
      for (const line of lines.reverse()) {
        const entry = entryOf(line);
        if (entry !== undefined && entries.length < limit) entries.push(entry);
      }
    }
    return entries;
  }

  async #write(): Promise<void> {
    // Lines that come in the same turn are written together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(lines.join(""));
      } catch (error) {
        this.#lose(lines.length, messageOf(error));
      }
    }
  }

  async #append(text: string): Promise<void> {
    await ensureFolder(this.#options.folder);
    const path = this.#path(0);
    using file = await Deno.open(path, { append: true, create: true, mode: PRIVATE_MODE });
    const owner = await ownerToBe(this.#options.folder);
    if (owner !== undefined) await Deno.chown(path, owner.uid, owner.gid);
    // One write for all: lines of another process stand between, never within.
    await writeAll(file, new TextEncoder().encode(text));
    await syncFile(file, path);
    if ((await file.stat()).size >= this.#options.largestBytes) await this.#moveAside();
  }

  async #moveAside(): Promise<void> {
    for (let index = KEPT_ASIDE - 1; index >= 0; index--) {
      try {
        await Deno.rename(this.#path(index), this.#path(index + 1));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await syncFolder(this.#options.folder);
  }

  #path(index: number): string {
    return join(this.#options.folder, index === 0 ? "audit.jsonl" : `audit.${index}.jsonl`);
  }

  #lose(lines: number, reason: string): void {
    this.#lost += lines;
    log.error("Lost {lines} lines of the audit trail: {reason}", { lines, reason });
  }
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Undefined for half a line, which a power cut leaves. */
function entryOf(line: string): AuditEntry | undefined {
  try {
    return JSON.parse(line) as AuditEntry;
  } catch {
    return undefined;
  }
}

/** One line, without control characters, of limited length. */
function short(text: string): string {
  const plain = text.replaceAll(/\p{Cc}+/gu, " ");
  return plain.length <= LONGEST_TEXT ? plain : `${plain.slice(0, LONGEST_TEXT - 1)}…`;
}
