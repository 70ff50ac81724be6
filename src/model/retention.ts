/**
 * Decides which batches go when footage has to make room. Decides only: nothing
 * here reads a disk, a clock or the database, so every rule can be tested with
 * plain numbers.
 *
 * In:   limits, sums, holds, the room on the disk, and each camera's batches in
 *       pages, oldest first: an archive of a million batches is never loaded.
 * Out:  the {@linkcode DeletionPlan}, which upkeep/retention_job.ts carries out.
 * Not here: what lies on the disk for a batch (upkeep/deletion.ts).
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import {
  type BatchCursor,
  CameraLine,
  type Candidate,
  LogCounter,
  type LogUse,
  type Walk,
} from "./candidates.ts";
import type { Hold } from "./hold.ts";
import type { DeletionCause } from "./ledger.ts";

/** Limits of one camera, or of all together; null where there is none. */
export interface RetentionLimits {
  readonly ageMs: number | null;
  /** Recordings, stills and frame logs. */
  readonly maxBytes: number | null;
  /**
   * How long footage with events is kept, where that is longer than `ageMs`. Left
   * out or null: no longer than any other footage, and no sooner deleted.
   */
  readonly eventsMs?: number | null;
}

/** Room that is always kept free on the disk. */
export type FreeRoom =
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "share"; readonly share: number };

export interface RetentionRules {
  readonly all: RetentionLimits & { readonly keepFree: FreeRoom };
  /** By camera id; a camera that is not here has the limits of all alone. */
  readonly cameras: ReadonlyMap<string, RetentionLimits>;
  /** True while the clock can't be trusted to tell how old something is. */
  readonly areAgesDoubted?: boolean;
}

/** The same rules, but nothing is too old, and no event too old to count. */
export function withoutAges(rules: RetentionRules): RetentionRules {
  const ageless = <T extends RetentionLimits>(limits: T): T => ({
    ...limits,
    ageMs: null,
    ...(typeof limits.eventsMs === "number" ? { eventsMs: Infinity } : {}),
  });
  const cameras = new Map([...rules.cameras].map(([id, limits]) => [id, ageless(limits)]));
  return { all: ageless(rules.all), cameras, areAgesDoubted: true };
}

/** What a camera's footage takes up. */
export interface CameraUsage {
  readonly cameraId: string;
  /** Recordings, stills and frame logs of closed batches. */
  readonly usedBytes: number;
  /** What is being written and has no row yet, about. */
  readonly openBytes: number;
}

export interface DiskRoom {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface RetentionFacts {
  readonly nowMs: UnixMs;
  readonly rules: RetentionRules;
  readonly usage: readonly CameraUsage[];
  readonly disk: DiskRoom;
  readonly holds: readonly Hold[];
  /** Hour folders that somebody reads or writes: their batches stay this time. */
  readonly busyFolders: ReadonlySet<string>;
  /** Frame logs that a camera may still append to: they keep at least one batch. */
  readonly openLogs: ReadonlySet<string>;
  /** What is to be freed at once, because a write found the disk full; else 0. */
  readonly urgentBytes: number;
  /** Most batches that one plan may have. */
  readonly most: number;
  /** The next batches of a walk behind a place in their order; none at the end. */
  readonly pageAfter: (walk: Walk, after: BatchCursor | null) => readonly Candidate[];
  /** How many batches a frame log still has, and how large it is. */
  readonly logUse: (framesPath: string) => LogUse;
}

export type Victim = Candidate & { readonly cause: DeletionCause };

/** A limit that can't be kept: what might be deleted for it is held, in use, or not there. */
export interface UnmetLimit {
  readonly cause: DeletionCause;
  /** Null for a limit of all cameras. */
  readonly cameraId: string | null;
  readonly missingBytes: number;
}

export interface DeletionPlan {
  /** In the order in which the rules chose them; of each camera the oldest first. */
  readonly victims: readonly Victim[];
  /** What deleting them gives back, logs that go with their last batch included. */
  readonly freedBytes: number;
  readonly unmet: readonly UnmetLimit[];
  /** True when the plan has reached its length and more is to be deleted. */
  readonly isCut: boolean;
}

/** How much is to be kept free on a disk, in bytes. */
export function keepFreeBytes(room: FreeRoom, disk: DiskRoom): number {
  return room.kind === "bytes" ? room.bytes : Math.ceil(room.share * disk.totalBytes);
}

/** The folder that a path lies in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/**
 * Chooses what is deleted: as little as the limits ask for, always the oldest.
 *
 * Each rule takes the oldest batches in its reach until its limit holds, counting
 * what the rules before it have taken: age, then a camera's bytes, then the bytes
 * of all, then what is needed at once, then the room that is kept free. Rules of
 * all cameras take the oldest of all. A held batch is never taken, nor one in a
 * busy folder; the next oldest is taken in its place. A batch that an event keeps
 * ({@linkcode eventsLimit}) is not too old, and is taken for room only when nothing
 * else is left to take.
 */
export function chooseVictims(facts: RetentionFacts): DeletionPlan {
  const plan = new Plan(facts);
  const { rules, usage, disk } = facts;
  for (const { cameraId } of usage) plan.takeOlder(cameraId, ageLimit(rules, cameraId));
  for (const { cameraId } of usage) {
    const maxBytes = rules.cameras.get(cameraId)?.maxBytes ?? null;
    if (maxBytes === null) continue;
    plan.takeWhile("size", cameraId, () => plan.usedBytes(cameraId) - maxBytes);
  }
  const { maxBytes, keepFree } = rules.all;
  if (maxBytes !== null) plan.takeWhile("size", null, () => plan.usedBytes(null) - maxBytes);
  plan.takeWhile("disk-full", null, () => facts.urgentBytes - plan.freedBytes);
  const lackingBytes = keepFreeBytes(keepFree, disk) - disk.freeBytes;
  plan.takeWhile("free-space", null, () => lackingBytes - plan.freedBytes);
  return plan;
}

/** The shorter of a camera's own age limit and that of all. */
export function ageLimit(rules: RetentionRules, cameraId: string): number | null {
  const ages = [rules.all.ageMs, rules.cameras.get(cameraId)?.ageMs ?? null];
  const set = ages.filter((age) => age !== null);
  return set.length === 0 ? null : Math.min(...set);
}

/** How long footage with events is kept: a camera's own limit, else that of all. */
export function eventsLimit(rules: RetentionRules, cameraId: string): number | null {
  return rules.cameras.get(cameraId)?.eventsMs ?? rules.all.eventsMs ?? null;
}

/** A plan while it is made. */
class Plan implements DeletionPlan {
  readonly victims: Victim[] = [];
  readonly unmet: UnmetLimit[] = [];
  freedBytes = 0;
  isCut = false;
  readonly #facts: RetentionFacts;
  readonly #used = new Map<string, number>();
  readonly #lines: ReadonlyMap<string, CameraLine>;
  readonly #logs: LogCounter;

  constructor(facts: RetentionFacts) {
    this.#facts = facts;
    this.#logs = new LogCounter(facts.logUse);
    const isSpared = (candidate: Candidate) => this.#isSpared(candidate);
    this.#lines = new Map(facts.usage.map(({ cameraId }) => {
      const eventsMs = eventsLimit(facts.rules, cameraId);
      const keptFromMs = eventsMs === null ? Infinity : facts.nowMs - eventsMs;
      return [cameraId, new CameraLine(cameraId, { ...facts, isSpared, keptFromMs })];
    }));
    for (const { cameraId, usedBytes, openBytes } of facts.usage) {
      this.#used.set(cameraId, usedBytes + openBytes);
    }
  }

  /** What is used when the plan is carried out so far; null for all cameras. */
  usedBytes(cameraId: string | null): number {
    if (cameraId !== null) return this.#used.get(cameraId) ?? 0;
    return this.#used.values().reduce((sum, bytes) => sum + bytes, 0);
  }

  takeOlder(cameraId: string, ageMs: number | null): void {
    if (ageMs === null) return;
    const line = this.#lines.get(cameraId)!;
    while (true) {
      const oldest = line.peekFree();
      if (oldest === undefined || oldest.endMs > this.#facts.nowMs - ageMs) return;
      if (!this.#take(() => line.shiftFree(), "age")) return;
    }
  }

  /** Takes the oldest while bytes are missing. */
  takeWhile(cause: DeletionCause, cameraId: string | null, missing: () => number): void {
    const own = cameraId === null ? undefined : this.#lines.get(cameraId);
    const lines = cameraId === null ? [...this.#lines.values()] : own === undefined ? [] : [own];
    while (missing() > 0) {
      const shift = oldestOf(lines);
      if (shift === undefined) {
        this.unmet.push({ cause, cameraId, missingBytes: missing() });
        return;
      }
      if (!this.#take(shift, cause)) return;
    }
  }

  #take(shift: () => Candidate, cause: DeletionCause): boolean {
    if (this.victims.length >= this.#facts.most) {
      this.isCut = true;
      return false;
    }
    const victim = shift();
    const bytes = victim.bytes + this.#logs.takeOne(victim.framesPath);
    this.victims.push({ ...victim, cause });
    this.freedBytes += bytes;
    this.#used.set(victim.cameraId, this.usedBytes(victim.cameraId) - bytes);
    return true;
  }

  /** What stays although it is not held. */
  #isSpared({ recordingPath, framesPath }: Candidate): boolean {
    const { busyFolders, openLogs } = this.#facts;
    if (busyFolders.has(folderOf(recordingPath))) return true;
    return openLogs.has(framesPath) && this.#logs.left(framesPath) <= 1;
  }
}

/** Takes the oldest of some cameras: one that no event keeps, else one that an event keeps. */
function oldestOf(lines: readonly CameraLine[]): (() => Candidate) | undefined {
  const free = oldestBy(lines, (line) => line.peekFree());
  if (free !== undefined) return () => free.shiftFree();
  const kept = oldestBy(lines, (line) => line.peekKept());
  return kept === undefined ? undefined : () => kept.shiftKept();
}

function oldestBy(
  lines: readonly CameraLine[],
  peek: (line: CameraLine) => Candidate | undefined,
): CameraLine | undefined {
  let found: { readonly line: CameraLine; readonly endMs: UnixMs } | undefined;
  for (const line of lines) {
    const endMs = peek(line)?.endMs;
    if (endMs === undefined) continue;
    if (found === undefined || endMs < found.endMs) found = { line, endMs };
  }
  return found?.line;
}
