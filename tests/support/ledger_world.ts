/**
 * A storage root with a ledger, files and database, and what stands in its tables.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../src/base/log.ts";
import type { UnixMs } from "../../src/base/units.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerFiles } from "../../src/store/ledger_files.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { at } from "./ledger_entries.ts";
import { tempFolder } from "./temp_folder.ts";

export type Row = Record<string, unknown>;

/** Rows of every table, by the table's name. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** What each table is listed by: ids that are given anew are not among it. */
const ORDERS = {
  cameras: "camera_id",
  runs: "camera_id, run",
  batches: "batch_id",
  events: "event_id",
  tallies: "camera_id",
  chain_breaks: "camera_id, previous_chain",
  removals: "path",
  repairs: "repair_id",
  checks: "camera_id, kind",
  vision_events: "event_id",
  facts: "name",
} as const;

export function tablesOf(database: DatabaseSync): Tables {
  return Object.fromEntries(
    Object.entries(ORDERS).map(([table, order]) => [
      table,
      database.prepare(`select * from ${table} order by ${order}`).all().map((row) => ({ ...row })),
    ]),
  );
}

export interface LedgerWorld extends AsyncDisposable {
  readonly root: string;
  readonly database: DatabaseSync;
  readonly files: LedgerFiles;
  readonly writer: LedgerWriter;
  rows(sql: string): Row[];
  tables(): Tables;
  /**
   * Closes the database and opens all again, as after an end or a crash.
   *
   * @param whileClosed What is done to the files in between.
   * @returns How many records were taken over.
   */
  reopen(whileClosed?: () => void): number;
}

/** A new root; `now` names the history files. */
export async function makeLedgerWorld(now: () => UnixMs = () => at(0)): Promise<LedgerWorld> {
  const folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(`${root}/data`);
  const open = () => {
    const database = openForWriting(root);
    const files = new LedgerFiles(root, now);
    return { database, files, writer: new LedgerWriter(database, files) };
  };
  let parts = open();
  return {
    root,
    get database() {
      return parts.database;
    },
    get files() {
      return parts.files;
    },
    get writer() {
      return parts.writer;
    },
    rows: (sql) => parts.database.prepare(sql).all().map((row) => ({ ...row })),
    tables: () => tablesOf(parts.database),
    reopen(whileClosed = () => {}) {
      parts.database.close();
      whileClosed();
      parts = open();
      return parts.writer.catchUp();
    },
    async [Symbol.asyncDispose]() {
      if (parts.database.isOpen) parts.database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What a log was told, each record as its level and its text with values. */
export function notedLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const take = (level: string) => (text: string, values: Record<string, unknown> = {}) => {
    lines.push(`${level}: ${text.replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name]))}`);
  };
  const log = { warning: take("warning"), error: take("error"), info: take("info") };
  return { log: log as unknown as Logger, lines };
}
