/**
 * The exports of the web server: takes wishes, has them carried out a few at a time,
 * keeps the list and hands out what was made.
 *
 * In:   wishes; children's progress. Out: facts, films, receipts; news of each change.
 * Policy: so many at once as the settings allow all exports together; a hundred may
 *       wait, more are refused.
 * Not here: the child process (exports/export_run.ts), the list on disk
 *       (exports/export_records.ts), films of others (exports/made_films.ts), archives (exports/case_archive.ts).
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { logger } from "../../base/log.ts";
import type { MonotonicMs } from "../../base/units.ts";
import { parseDuration } from "../../footage/duration.ts";
import { receiptPath } from "../../footage/film_name.ts";
import { readInstant } from "../../footage/read_instant.ts";
import { makeWindow } from "../../footage/request.ts";
import { removeIfThere } from "../../host/durable.ts";
import { namesIn } from "../../host/files.ts";
import type { TimeWindow } from "../../model/window.ts";
import type {
  AskedRange,
  CaseFacts,
  ExportDoor,
  ExportFacts,
  ExportPreview,
  ExportWish,
  NamedBody,
} from "../../web/doors.ts";
import { Problem } from "../../web/problem.ts";
import { CaseArchives } from "../exports/case_archive.ts";
import type { CaseRecord, ExportRecord, ExportRecords } from "../exports/export_records.ts";
import { fileBody } from "../exports/file_body.ts";
import { type MadeFilm, MadeFilms } from "../exports/made_films.ts";
import { type ExportPlace, type ExportRun, runExport, runPreview } from "../exports/export_run.ts";

const log = logger("web", "exports");

/** Exports that may wait. */
const MOST_WAITING = 100;

/** Previews at once: each is a process. Others are told to come again. */
const MOST_PREVIEWS = 4;

/** How often progress is news, in milliseconds. */
const NEWS_MS = 500;

/** A preview that takes longer is given up, in milliseconds. */
const PREVIEW_LIMIT_MS = 60_000;

export interface WebExportsParts {
  readonly root: string;
  readonly records: ExportRecords;
  readonly place: () => ExportPlace & { readonly concurrent: number };
  readonly clock: Clock;
  readonly onChange: (facts: ExportFacts) => void;
}

interface Running {
  readonly run: ExportRun;
  progress: number;
  /** Its child waits for others' exports. */
  isWaiting: boolean;
  toldAt: MonotonicMs;
  isCancelled: boolean;
}

export class WebExports implements ExportDoor {
  readonly #parts: WebExportsParts;
  readonly #films: MadeFilms;
  readonly #archives: CaseArchives;
  readonly #running = new Map<string, Running>();
  readonly #folder: string;
  #previews = 0;
  #isStopping = false;

  constructor(parts: WebExportsParts) {
    this.#parts = parts;
    this.#folder = join(parts.root, "output");
    this.#films = new MadeFilms(this.#folder);
    this.#archives = new CaseArchives(this.#folder);
    this.#startNext();
  }

  async preview(cameraId: string, range: AskedRange, signal: AbortSignal): Promise<ExportPreview> {
    const window = await this.#windowOf(range);
    if (this.#previews >= MOST_PREVIEWS) {
      throw new Problem(503, "busy", "Others are looking for footage at the moment", {
        headers: { "retry-after": "2" },
      });
    }
    this.#previews += 1;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(PREVIEW_LIMIT_MS)]);
      const found = await runPreview(this.#parts.place(), { cameraId, window }, limit);
      if ("window" in found) return found;
      throw new Problem(422, found.code, found.text, { fix: found.fix });
    } finally {
      this.#previews -= 1;
    }
  }

  async start(wish: ExportWish, by: string): Promise<ExportFacts> {
    const window = await this.#windowOf(wish.range);
    const { cameraId, mode, gaps, overlay } = wish;
    this.#requireRoom(1);
    const record = this.#newRecord({ cameraId, mode, gaps, overlay: [...overlay], window, by });
    this.#parts.records.add([record]);
    this.#startNext();
    return this.#tell(record.id)!;
  }

  async list(): Promise<readonly ExportFacts[]> {
    const { records } = this.#parts;
    const [films, names] = [await this.#films.list(), new Set(await namesIn(this.#folder))];
    const own = new Set(records.exports.flatMap(({ file }) => file ?? []));
    const elsewhere = films.filter(({ file }) => !own.has(file)).map(madeElsewhere);
    const here = records.exports.map((record) => this.#facts(ifGone(record, names)));
    return [...here, ...elsewhere].sort((one, other) => other.createdMs - one.createdMs);
  }

  async get(exportId: string): Promise<ExportFacts | undefined> {
    return (await this.list()).find((each) => each.exportId === exportId);
  }

  async remove(exportId: string): Promise<boolean> {
    const record = this.#parts.records.find(exportId);
    if (record === undefined) return false;
    const running = this.#running.get(exportId);
    let { file } = record;
    if (running !== undefined) {
      running.isCancelled = true;
      running.run.cancel();
      const end = await running.run.ended;
      // It was done in this very moment.
      if (end.ok) file = end.file;
    }
    if (file !== null) {
      const path = join(this.#folder, file);
      await removeIfThere(path);
      await removeIfThere(receiptPath(path));
    }
    this.#parts.records.remove(exportId);
    return true;
  }

  async film(exportId: string): Promise<NamedBody | undefined> {
    const facts = await this.get(exportId);
    if (facts === undefined || facts.state !== "done" || facts.file === null) return undefined;
    const body = await fileBody(join(this.#folder, facts.file));
    return body === undefined ? undefined : { name: facts.file, body };
  }

  async receipt(exportId: string): Promise<Uint8Array | undefined> {
    const facts = await this.get(exportId);
    if (facts === undefined || facts.state !== "done" || facts.file === null) return undefined;
    try {
      return await Deno.readFile(join(this.#folder, receiptPath(facts.file)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  startCase(
    wish: {
      readonly title: string;
      readonly cameraIds: readonly string[];
      readonly window: TimeWindow;
    },
    by: string,
  ): Promise<CaseFacts> {
    const { title, cameraIds, window } = wish;
    this.#requireRoom(cameraIds.length);
    const { fromMs, toMs } = window;
    const createdMs = this.#parts.clock.now();
    const ofCase: CaseRecord = { id: newId("case"), title, fromMs, toMs, createdMs, by };
    const how = { mode: "exact", gaps: "join", overlay: [] as string[] } as const;
    const records = cameraIds.map((cameraId) =>
      this.#newRecord({ cameraId, window, by, ...how, caseId: ofCase.id })
    );
    this.#parts.records.add(records, ofCase);
    this.#startNext();
    records.forEach(({ id }) => this.#tell(id));
    return Promise.resolve(this.#caseFacts(ofCase));
  }

  cases(): readonly CaseFacts[] {
    return this.#parts.records.cases.map((each) => this.#caseFacts(each)).reverse();
  }

  case(caseId: string): CaseFacts | undefined {
    return this.cases().find((each) => each.caseId === caseId);
  }

  async caseArchive(caseId: string): Promise<NamedBody | undefined> {
    const facts = this.case(caseId);
    return facts === undefined || facts.state === "running"
      ? undefined
      : await this.#archives.open(facts);
  }

  /** Numbers for /metrics: exports by state. */
  counts(): Readonly<Record<ExportRecord["state"], number>> {
    const counts = { waiting: 0, running: 0, done: 0, failed: 0 };
    for (const { state } of this.#parts.records.exports) counts[state] += 1;
    return counts;
  }

  /** Ends the children. What they had not finished is begun again after the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = [...this.#running.values()];
    for (const { run } of running) run.cancel();
    await Promise.all(running.map(({ run }) => run.ended));
    await this.#parts.records.written();
  }

  async #windowOf(range: AskedRange): Promise<TimeWindow> {
    if ("window" in range) return range.window;
    const nowMs = this.#parts.clock.now();
    const startMs = await readInstant(range.at, { nowMs, timeZone: Temporal.Now.timeZoneId() });
    return makeWindow(startMs, parseDuration(range.duration));
  }

  #requireRoom(count: number): void {
    const { waiting } = this.counts();
    if (waiting + count <= MOST_WAITING) return;
    throw new Problem(503, "exports-full", `${waiting} exports are waiting already`, {
      fix: ["ask again when some of them are done"],
      headers: { "retry-after": "60" },
    });
  }

  #newRecord(
    { window, caseId = null, ...wish }:
      & Pick<ExportRecord, "cameraId" | "mode" | "gaps" | "overlay" | "by">
      & { readonly window: TimeWindow; readonly caseId?: string | null },
  ): ExportRecord {
    return {
      ...wish,
      ...window,
      caseId,
      id: newId("export"),
      state: "waiting",
      error: null,
      file: null,
      bytes: null,
      createdMs: this.#parts.clock.now(),
      tries: 0,
    };
  }

  /** Begins what may begin, the oldest first. */
  #startNext(): void {
    const { records, place } = this.#parts;
    for (const record of records.exports) {
      if (this.#isStopping || this.#running.size >= place().concurrent) return;
      if (record.state === "waiting") this.#begin(record);
    }
  }

  #begin(record: ExportRecord): void {
    const { records, place, clock } = this.#parts;
    const { id, cameraId, mode, gaps, overlay, fromMs, toMs } = record;
    const wish = { cameraId, mode, gaps, overlay, window: { fromMs, toMs } };
    const run = runExport(place(), wish, (line) => {
      const running = this.#running.get(id);
      if (running === undefined || line.state === "failed") return;
      running.isWaiting = line.state === "waiting";
      if (line.state === "running" && line.total_bytes > 0) {
        running.progress = Math.min(1, line.written_bytes / line.total_bytes);
      }
      const now = clock.monotonic();
      if (now - running.toldAt < NEWS_MS) return;
      running.toldAt = now;
      this.#tell(id);
    });
    const toldAt = clock.monotonic();
    this.#running.set(id, { run, progress: 0, isWaiting: false, toldAt, isCancelled: false });
    records.change(id, { state: "running", tries: record.tries + 1 });
    this.#finish(record, run);
  }

  async #finish(record: ExportRecord, run: ExportRun): Promise<void> {
    const { id, cameraId, caseId, tries } = record;
    const { records } = this.#parts;
    const end = await run.ended;
    if (end.ok) {
      // First of all: who stops or crashes from here on does not make it again.
      records.change(id, { file: end.file, bytes: end.bytes });
      // Now, so that nobody has to wait for it who wants the archive.
      if (caseId !== null) await this.#archives.prepare(end.file);
    }
    const wasCancelled = this.#running.get(id)?.isCancelled ?? false;
    this.#running.delete(id);
    if (wasCancelled) return this.#startNext();
    // Ended with all others: it begins again after the next start, and this was no failure.
    if (this.#isStopping && !end.ok) return void records.change(id, { state: "waiting", tries });
    if (end.ok) records.change(id, { state: "done" });
    else {
      const { code, text } = end.fault;
      log.warning("Cannot export {camera}: {text}", { camera: cameraId, text });
      records.change(id, { state: "failed", error: { code, text } });
    }
    this.#tell(id);
    this.#startNext();
  }

  #tell(id: string): ExportFacts | undefined {
    const record = this.#parts.records.find(id);
    if (record === undefined) return undefined;
    const facts = this.#facts(record);
    this.#parts.onChange(facts);
    return facts;
  }

  #facts(record: ExportRecord): ExportFacts {
    const { id: exportId, cameraId, fromMs, toMs, error, file, bytes, createdMs, by } = record;
    const running = this.#running.get(exportId);
    const state = running?.isWaiting ? "waiting" : record.state;
    const progress = record.state === "done" ? 1 : running?.progress ?? 0;
    const window = { fromMs, toMs };
    const about = { exportId, cameraId, window, createdMs, by, caseId: record.caseId };
    return { ...about, state, progress, error, file, bytes };
  }

  #caseFacts({ id: caseId, title, fromMs, toMs, createdMs, by }: CaseRecord): CaseFacts {
    const exports = this.#parts.records.exports.filter((each) => each.caseId === caseId)
      .map((record) => this.#facts(record));
    const isRunning = exports.some(({ state }) => state === "waiting" || state === "running");
    const isDone = exports.some(({ state }) => state === "done");
    const state = isRunning ? "running" : isDone ? "done" : "failed";
    return { caseId, title, window: { fromMs, toMs }, createdMs, by, state, exports };
  }
}

function newId(kind: "export" | "case"): string {
  return `${kind}-${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
}

/** The film of a finished export may have been removed from its folder. */
function ifGone(record: ExportRecord, names: ReadonlySet<string>): ExportRecord {
  if (record.state !== "done" || names.has(record.file ?? "")) return record;
  const error = { code: "film-gone", text: "The film is not in output/ any more" };
  return { ...record, state: "failed", error };
}

function madeElsewhere(film: MadeFilm): ExportFacts {
  const { id: exportId, cameraId, window, file, sizeBytes: bytes, createdMs } = film;
  const about = { exportId, cameraId, window, file, bytes, createdMs };
  return { ...about, state: "done", progress: 1, error: null, by: null, caseId: null };
}
