/**
 * One entry into its tables: the statements behind the ledger's writer.
 *
 * In:  an entry of a camera, or a record out of the ledger files, which has its
 * id and chain already. Out: what the ledger files are to say of it.
 * Not here: transactions, files (ledger_writer.ts).
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { unreachable } from "../base/errors.ts";
import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import { sha256OfText } from "../host/hash.ts";
import { chainText, FIRST_CHAIN } from "../model/batch.ts";
import type {
  BatchEntry,
  DeletionEntry,
  LedgerEntry,
  RemovedEntry,
  RunShiftEntry,
  RunStartEntry,
  VisionDeletionEntry,
  VisionEventEntry,
} from "../model/ledger.ts";
import type {
  BatchPlace,
  CameraNewest,
  ChainBreak,
  LedgerBatch,
  LedgerDeletion,
  LedgerRecord,
  LedgerRunStart,
} from "./ledger_line.ts";
import { everyRecord, summaryRecords } from "./ledger_dump.ts";
import { LEDGER_SQL } from "./ledger_sql.ts";
import { visionEventValues } from "./vision_event_row.ts";

type Name = keyof typeof LEDGER_SQL;
type Value = string | number | null;

/** One day, in milliseconds. */
const DAY_MS = 24 * 60 * 60 * 1_000;

export class LedgerRows {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<Name, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Inserts one entry.
   *
   * @returns The record for the ledger files; undefined when all of it was known already.
   *
   * @throws {Error} With SQLite's `errcode`, when it breaks a rule of the schema.
   */
  insert(entry: LedgerEntry | LedgerRecord): LedgerRecord | undefined {
    switch (entry.type) {
      case "camera": {
        const { cameraId, name, source, geoLocation, atMs } = entry;
        const place = [geoLocation?.lat ?? null, geoLocation?.lon ?? null];
        return this.#did("camera", [cameraId, name, source, ...place, atMs]) ? entry : undefined;
      }
      case "run-start":
        return this.#startRun(entry);
      case "run-end":
        return this.#did("run-end", [entry.atMs, entry.cause, entry.cameraId, entry.run])
          ? entry
          : undefined;
      case "batch":
        return this.#batch(entry);
      case "event": {
        const { cameraId, atMs, untilMs, kind, cause, detail } = entry;
        return this.#did("event", [cameraId, atMs, untilMs ?? null, kind, cause, detail])
          ? entry
          : undefined;
      }
      case "run-shift":
        return this.#shift(entry);
      case "deletion":
        return this.#delete(entry);
      case "removed":
        return this.#removed(entry);
      case "repair": {
        const { cameraId, atMs, kind, path, detail } = entry;
        return this.#did("repair", [cameraId, atMs, kind, path, detail]) ? entry : undefined;
      }
      case "check": {
        const { cameraId, kind, atMs, ok, detail } = entry;
        const failure = ok ? [null, null] : [atMs, detail];
        const values = [cameraId, kind, atMs, Number(ok), detail, Number(!ok), ...failure];
        return this.#did("check", values) ? entry : undefined;
      }
      case "vision-event":
        return this.#visionEvent(entry);
      case "vision-deletion":
        return this.#deleteVisionEvents(entry);
      default:
        return unreachable(entry);
    }
  }

  /** Number of the newest line of the ledger files that is in here. */
  sequence(): number {
    return Number(this.#row("sequence", [])?.value ?? 0);
  }

  setSequence(sequence: number): void {
    this.#did("set-sequence", [String(sequence)]);
  }

  /** Start of the oldest batch as written in its files; undefined without batches. */
  oldestMs(): UnixMs | undefined {
    const oldest = this.#row("oldest", [])?.ms ?? null;
    return oldest === null ? undefined : unixMs(Number(oldest));
  }

  /** Whether a batch is there that was written as beginning on a day (UTC). */
  hasBatchOfDay(dayMs: number): boolean {
    return this.#row("any-from", [dayMs, dayMs + DAY_MS]) !== undefined;
  }

  /**
   * What the database knows, as records for ledger files that are missing.
   *
   * @param afterBatchId Of the batches, only those with a higher id.
   */
  everything(afterBatchId = 0): Generator<LedgerRecord> {
    return everyRecord(this.#database, afterBatchId);
  }

  /** Id of the newest batch that is there, 0 without any. */
  newestBatchId(): number {
    return Number(this.#row("newest-batch", [])?.id ?? 0);
  }

  /**
   * Whether the ledger still needs what a record says of an event: the event is
   * there, and the record is not of a time before it had ended.
   */
  needsVisionEvent({ eventId, endMs }: VisionEventEntry): boolean {
    const row = this.#row("vision-event-end", [eventId]);
    return row !== undefined && (endMs !== null || row.end_ms === null);
  }

  /** What all deletions left of themselves, and the newest tests, as records. */
  summaries(): LedgerRecord[] {
    return [...summaryRecords(this.#database)];
  }

  #startRun(entry: RunStartEntry | LedgerRunStart): LedgerRecord | undefined {
    const { cameraId, run, codec, width, height, timescale } = entry;
    if ("closed" in entry) {
      for (const { run: cut, endedMs } of entry.closed) {
        this.#did("run-end", [endedMs, "restart", cameraId, cut]);
      }
    }
    const closed = this.#all("close-runs", [cameraId, run])
      .map((row) => ({ run: Number(row.run), endedMs: Number(row.ended_ms) }));
    const isNew = this.#did("run-start", [cameraId, run, codec, width, height, timescale]);
    return isNew ? { closed, ...entry } : undefined;
  }

  #removed(entry: RemovedEntry): LedgerRecord | undefined {
    const wereListed = entry.files.filter((path) => this.#did("removed", [path]));
    // Said again by a camera that was not answered: its bytes are taken off already.
    if (wereListed.length === 0) return undefined;
    this.#did("log-removed", [entry.logBytes, entry.cameraId]);
    return entry;
  }

  #batch(entry: BatchEntry | LedgerBatch): LedgerRecord | undefined {
    const place = "batchId" in entry ? entry : this.#placeOf(entry);
    const shiftMs = Number(this.#row("run-shift-of", [entry.cameraId, entry.run])?.shift_ms ?? 0);
    const startMs = unixMs(entry.startMs + shiftMs);
    const row = this.#row("batch", [
      place.batchId ?? null,
      entry.cameraId,
      entry.run,
      entry.startingFrameId,
      entry.endingFrameId,
      isoUtc(startMs),
      startMs,
      entry.endMs + shiftMs,
      entry.frameCount,
      entry.recordingPath,
      entry.recordingBytes,
      entry.framesPath,
      entry.framesOffset,
      entry.framesBytes,
      entry.recordingSha256,
      entry.framesSha256,
      place.previousChain,
      place.chain,
      entry.stillsBytes ?? 0,
      shiftMs,
    ]);
    if (row === undefined) return undefined;
    const { previousChain, chain } = place;
    return { ...entry, batchId: Number(row.batch_id), previousChain, chain };
  }

  /** A new batch goes behind the newest one of its camera; the database gives the id. */
  #placeOf(entry: BatchEntry): Omit<BatchPlace, "batchId"> & { readonly batchId: undefined } {
    const newest = this.#row("chain", [entry.cameraId])?.chain ?? null;
    const previousChain = newest === null ? FIRST_CHAIN : String(newest);
    const chain = sha256OfText(chainText(entry, previousChain));
    return { batchId: undefined, previousChain, chain };
  }

  #shift(entry: RunShiftEntry): LedgerRecord | undefined {
    const { cameraId, run, shiftMs } = entry;
    if (!this.#did("run-shift", [shiftMs, cameraId, run, shiftMs])) return undefined;
    const parts = [shiftMs, shiftMs, shiftMs, shiftMs, cameraId, run];
    this.#did("shift-batches", parts);
    this.#did("shift-vision-events", [shiftMs, cameraId, run]);
    this.#did("recount-seen", [cameraId, run]);
    return entry;
  }

  #visionEvent(entry: VisionEventEntry): LedgerRecord | undefined {
    const shiftMs = Number(
      this.#row("shift-at", [entry.cameraId, entry.startMs])?.shift_ms ?? 0,
    );
    return this.#did("vision-event", visionEventValues(entry, shiftMs)) ? entry : undefined;
  }

  #deleteVisionEvents(entry: VisionDeletionEntry): LedgerRecord | undefined {
    const gone = entry.eventIds.filter((id) =>
      this.#did("delete-vision-event", [id, entry.cameraId])
    );
    // Said again by a Worker that was not answered: its files are listed, or gone.
    if (gone.length === 0) return undefined;
    for (const path of entry.files) this.#did("to-remove", [path, entry.cameraId]);
    return entry;
  }

  #delete(entry: DeletionEntry | LedgerDeletion): LedgerRecord {
    const deleted = entry.batchIds.map((id) => this.#row("delete", [id, entry.cameraId]));
    const found = deleted.filter((row) => row !== undefined);
    const breaks = "breaks" in entry
      ? entry.breaks
      : found.filter(({ chain }) => chain !== null).map((row) => ({
        previousChain: String(row.previous_chain),
        chain: String(row.chain),
      }));
    const joined = joinBreaks(breaks);
    for (const piece of joined) this.#addBreak(entry.cameraId, piece);
    for (const path of entry.files) this.#did("to-remove", [path, entry.cameraId]);
    const newest = "newest" in entry ? entry.newest : this.#newestOf(entry.cameraId);
    if (newest !== null) this.#keepNewest(entry.cameraId, newest);
    return { ...entry, breaks: joined, newest };
  }

  #newestOf(cameraId: string): CameraNewest | null {
    const row = this.#row("newest", [cameraId]);
    if (row === undefined) return null;
    const chain = row.chain === null ? null : String(row.chain);
    return { frameId: Number(row.newest_frame_id), batchId: Number(row.newest_batch_id), chain };
  }

  /** Numbers and chain go on behind batches that no ledger file has any more. */
  #keepNewest(cameraId: string, { frameId, batchId, chain }: CameraNewest): void {
    this.#did("keep-newest", [cameraId, frameId, batchId, chain]);
    this.#did("begin-ids", []);
    this.#did("keep-ids", [batchId]);
  }

  /** Pieces that touch become one, so that their number is that of the holes, not of deletions. */
  #addBreak(cameraId: string, piece: ChainBreak): void {
    const before = this.#row("break-before", [cameraId, piece.previousChain]);
    const after = this.#row("break-after", [cameraId, piece.chain]);
    const previousChain = String(before?.previous_chain ?? piece.previousChain);
    const chain = String(after?.chain ?? piece.chain);
    if (after !== undefined) this.#did("drop-break", [cameraId, piece.chain]);
    this.#did("add-break", [cameraId, previousChain, chain]);
  }

  #did(name: Name, values: readonly Value[]): boolean {
    return Number(this.#statement(name).run(...values).changes) > 0;
  }

  #row(name: Name, values: readonly Value[]): Record<string, Value> | undefined {
    return this.#statement(name).get(...values) as Record<string, Value> | undefined;
  }

  #all(name: Name, values: readonly Value[]): Record<string, Value>[] {
    return this.#statement(name).all(...values) as Record<string, Value>[];
  }

  #statement(name: Name): StatementSync {
    let statement = this.#prepared.get(name);
    if (statement === undefined) {
      statement = this.#database.prepare(LEDGER_SQL[name]);
      this.#prepared.set(name, statement);
    }
    return statement;
  }
}

/** Joins pieces that follow each other in this order. */
function joinBreaks(pieces: readonly ChainBreak[]): ChainBreak[] {
  const joined: ChainBreak[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.chain === piece.previousChain) {
      joined[joined.length - 1] = { ...last, chain: piece.chain };
    } else joined.push(piece);
  }
  return joined;
}
