/**
 * The list of exports and cases that the page was asked for, kept in
 * `data/exports.json`: what waited goes on after a restart.
 *
 * In:   changes of the list. Out: the file, whole and durable.
 * Not here: making films (export_run.ts), their order (web/exports.ts).
 *
 * @module
 */

import { dirname, join } from "node:path";
import * as z from "zod";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import { ensureFolder, writeFileDurably } from "../../host/durable.ts";

const log = logger("web", "exports");

/** Exports that are kept; the oldest that have ended are forgotten first. Their films stay. */
const MOST_EXPORTS = 1_000;

/** Cases that are kept; the same. */
const MOST_CASES = 200;

const instant = z.int().transform((atMs): UnixMs => unixMs(atMs));

const exportSchema = z.object({
  id: z.string(),
  cameraId: z.string(),
  fromMs: instant,
  toMs: instant,
  mode: z.enum(["exact", "strict", "keyframe"]),
  gaps: z.enum(["keep", "join"]),
  overlay: z.array(z.string()),
  state: z.enum(["waiting", "running", "done", "failed"]),
  error: z.object({ code: z.string(), text: z.string() }).nullable(),
  /** Name of the film in output/. Never a path. */
  file: z.string().regex(/^[\w.-]+\.mp4$/).nullable(),
  bytes: z.number().nullable(),
  createdMs: instant,
  by: z.string(),
  caseId: z.string().nullable(),
  /** How often it was begun: what takes Lookback with it is not tried for ever. */
  tries: z.int(),
});

const caseSchema = z.object({
  id: z.string(),
  title: z.string(),
  fromMs: instant,
  toMs: instant,
  createdMs: instant,
  by: z.string(),
});

const fileSchema = z.object({
  format: z.literal("lookback-exports-1"),
  exports: z.array(exportSchema),
  cases: z.array(caseSchema),
});

export type ExportRecord = z.output<typeof exportSchema>;
export type CaseRecord = z.output<typeof caseSchema>;

/** Begun so often, an export that never ended is given up. */
const MOST_TRIES = 3;

export class ExportRecords {
  readonly #path: string;
  #exports: readonly ExportRecord[];
  #cases: readonly CaseRecord[];
  #isWriting = false;
  #isChanged = false;
  #written: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    { exports, cases }: Omit<z.output<typeof fileSchema>, "format">,
  ) {
    this.#path = path;
    this.#exports = exports;
    this.#cases = cases;
  }

  /** Reads the list. One that can't be read is moved aside: exports must not hang on it. */
  static async open(root: string): Promise<ExportRecords> {
    const path = join(root, "data", "exports.json");
    const { exports, cases } = await readList(path);
    return new ExportRecords(path, { exports: exports.map(afterRestart), cases });
  }

  /** In the order in which they were asked for. */
  get exports(): readonly ExportRecord[] {
    return this.#exports;
  }

  get cases(): readonly CaseRecord[] {
    return this.#cases;
  }

  find(id: string): ExportRecord | undefined {
    return this.#exports.find((each) => each.id === id);
  }

  add(records: readonly ExportRecord[], ofCase?: CaseRecord): void {
    this.#exports = forgotten([...this.#exports, ...records]);
    if (ofCase !== undefined) this.#cases = [...this.#cases, ofCase].slice(-MOST_CASES);
    this.#write();
  }

  /** Changes a record, and says how it is now; undefined where it is gone. */
  change(id: string, changes: Partial<ExportRecord>): ExportRecord | undefined {
    const before = this.find(id);
    if (before === undefined) return undefined;
    const after = { ...before, ...changes };
    this.#exports = this.#exports.map((each) => each.id === id ? after : each);
    this.#write();
    return after;
  }

  remove(id: string): void {
    this.#exports = this.#exports.filter((each) => each.id !== id);
    this.#write();
  }

  /** Resolves when the file says what the list says. */
  async written(): Promise<void> {
    await this.#written;
  }

  /** One after the other, and the newest only: many changes at once become one file. */
  #write(): void {
    this.#isChanged = true;
    if (!this.#isWriting) this.#written = this.#writeChanges();
  }

  async #writeChanges(): Promise<void> {
    this.#isWriting = true;
    while (this.#isChanged) {
      this.#isChanged = false;
      const list = { format: "lookback-exports-1", exports: this.#exports, cases: this.#cases };
      try {
        await ensureFolder(dirname(this.#path));
        const bytes = new TextEncoder().encode(`${JSON.stringify(list, null, 1)}\n`);
        await writeFileDurably(this.#path, bytes);
      } catch (error) {
        // The next change tries again; the films themselves do not depend on it.
        log.warning("Cannot write the list of exports: {reason}", { reason: messageOf(error) });
      }
    }
    this.#isWriting = false;
  }
}

async function readList(path: string): Promise<Omit<z.output<typeof fileSchema>, "format">> {
  try {
    return fileSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      const aside = `${path}.unreadable`;
      log.error("Cannot read the list of exports, it is kept as {aside}: {reason}", {
        aside,
        reason: messageOf(error),
      });
      await Deno.rename(path, aside).catch(() => {});
    }
    return { exports: [], cases: [] };
  }
}

/** What was under way when Lookback ended is made again, unless the film was there already. */
function afterRestart(record: ExportRecord): ExportRecord {
  if (record.state !== "running") return record;
  if (record.file !== null) return { ...record, state: "done" };
  if (record.tries < MOST_TRIES) return { ...record, state: "waiting" };
  const error = { code: "export-failed", text: `Interrupted ${record.tries} times` };
  return { ...record, state: "failed", error };
}

function forgotten(records: readonly ExportRecord[]): readonly ExportRecord[] {
  let spare = records.length - MOST_EXPORTS;
  if (spare <= 0) return records;
  return records.filter(({ state }) => {
    const hasEnded = state === "done" || state === "failed";
    return !(hasEnded && spare-- > 0);
  });
}
