/**
 * The queue of messages for the broker, in a SQLite file of its own: what is in it
 * survives the end of the process, and no other part of Lookback waits for it.
 *
 * In:   changes, a group at a time. Out: rows.
 * Not here: when to commit and what to send (src/mqtt/outbox.ts).
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { PRIORITIES, type Priority } from "../model/vision_settings.ts";
import { isDamage } from "./database.ts";

const log = logger("mqtt");

/** Place of the file below the storage root. */
export const OUTBOX_PATH = join("data", "mqtt.db");

/** Number of the shape below. Another one is not read: the file is moved aside. */
const SHAPE = 2;

const KEPT_TOPICS = `
-- Topics, as a broker knows them, for which it keeps something of ours. What nobody tells any
-- more is taken back: the row goes when the broker has said that it has nothing any more.
create table kept_topics (
  broker text not null,
  topic  text not null,
  primary key (broker, topic)
) strict, without rowid;
`;

const SCHEMA = `
-- One message that has not arrived yet. The id is the order of sending, and is never used twice.
create table messages (
  id          integer primary key autoincrement,
  topic       text not null,
  payload     text not null,
  qos         integer not null check (qos between 0 and 2),
  retain      integer not null check (retain in (0, 1)),
  -- 0 info, 1 warning, 2 critical: where there is no room, the lowest go first.
  priority    integer not null check (priority between 0 and 2),
  -- Whole milliseconds since 1970-01-01T00:00:00Z.
  at_ms       integer not null,
  -- 1: a newer one for the same topic takes its place while it waits.
  newest_only integer not null check (newest_only in (0, 1)),
  -- Set while it is on its way exactly once (QoS 2): the same after a restart.
  packet_id   integer unique check (packet_id between 1 and 65535),
  -- 1: the broker has it and knows that we know (PUBREC came, PUBREL goes out).
  released    integer not null default 0 check (released in (0, 1))
) strict;
create index messages_to_drop on messages (priority, id) where packet_id is null;
create index messages_by_age on messages (at_ms);

${KEPT_TOPICS}
pragma user_version = ${SHAPE};
`;

/** What a file of shape 1 knew of topics had neither prefix nor broker: all are told anew. */
const FROM_SHAPE_1 = `
drop table kept_topics;
${KEPT_TOPICS}
pragma user_version = ${SHAPE};
`;

/** The shapes of src/mqtt/outbox_rows.ts; rooms of one floor do not know each other. */
interface Row {
  readonly id: number;
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly atMs: UnixMs;
  readonly packetId: number | null;
  readonly isReleased: boolean;
}

type Change =
  | {
    readonly type: "add";
    readonly message: {
      readonly topic: string;
      readonly payload: string;
      readonly qos: 0 | 1 | 2;
      readonly retain: boolean;
      readonly priority: Priority;
      readonly isNewestOnly: boolean;
    };
    readonly atMs: UnixMs;
  }
  | { readonly type: "sent"; readonly id: number; readonly packetId: number }
  | { readonly type: "released"; readonly packetId: number }
  | { readonly type: "arrived"; readonly id: number }
  | { readonly type: "forget-packets" }
  | { readonly type: "withdraw"; readonly topic: string }
  | { readonly type: "keep-topic"; readonly broker: string; readonly topic: string }
  | { readonly type: "forget-topic"; readonly broker: string; readonly topic: string }
  | {
    readonly type: "trim";
    readonly limits: { readonly maxCount: number; readonly maxAgeMs: number };
    readonly nowMs: UnixMs;
  };

const COLUMNS = "id, topic, payload, qos, retain, at_ms, packet_id, released";

const SQL = {
  replace: `delete from messages where topic = ? and newest_only = 1 and packet_id is null`,
  dontRetain: `update messages set retain = 0
               where topic = ? and newest_only = 1 and packet_id is not null`,
  add: `insert into messages (topic, payload, qos, retain, priority, at_ms, newest_only)
        values (?, ?, ?, ?, ?, ?, ?)`,
  sent: `update messages set packet_id = ? where id = ?`,
  released: `update messages set released = 1 where packet_id = ?`,
  arrived: `delete from messages where id = ?`,
  forget: `update messages set packet_id = null, released = 0 where packet_id is not null`,
  dropOld: `delete from messages where at_ms < ? and packet_id is null and newest_only = 0`,
  count: `select count(*) count from messages`,
  dropSpare: `delete from messages where id in (
      select id from messages where packet_id is null and newest_only = 0
      order by priority, id limit ?)`,
  waiting: `select ${COLUMNS} from messages where id > ? and packet_id is null order by id limit ?`,
  onTheirWay: `select ${COLUMNS} from messages where packet_id is not null order by id`,
  oldest: `select min(at_ms) at_ms from messages`,
  keptTopics: `select topic from kept_topics where broker = ? order by topic`,
  keepTopic: `insert or ignore into kept_topics (broker, topic) values (?, ?)`,
  forgetTopic: `delete from kept_topics where broker = ? and topic = ?`,
} as const;

export class Outbox implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<keyof typeof SQL, StatementSync>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens the queue below a storage root, makes it where there is none. One that can't
   * be read is kept beside it, and a new one begins.
   *
   * @throws {Error} SQLite's own where no file can be written there: what one has stays in it.
   */
  static open(root: string): Outbox {
    const path = join(root, OUTBOX_PATH);
    Deno.mkdirSync(dirname(path), { recursive: true });
    try {
      return new Outbox(openFile(path));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const reason = messageOf(error);
      log.error("Cannot read the queue, it is kept as {path}.unreadable: {reason}", {
        path,
        reason,
      });
      for (const suffix of ["", "-wal", "-shm"]) moveAside(`${path}${suffix}`);
      return new Outbox(openFile(path));
    }
  }

  /** A queue that ends with the process: for a disk that takes nothing. */
  static inMemory(): Outbox {
    return new Outbox(openFile(":memory:"));
  }

  commit(
    changes: readonly Change[],
    isDurable: boolean,
  ): { readonly tooOld: number; readonly tooMany: number } {
    // NORMAL survives the end of the process; FULL a power cut too, and waits for the disk.
    this.#database.exec(`pragma synchronous = ${isDurable ? "full" : "normal"}`);
    const trimmed = { tooOld: 0, tooMany: 0 };
    this.#inOne(() => {
      for (const change of changes) this.#apply(change, trimmed);
    });
    return trimmed;
  }

  waitingAfter(id: number, limit: number): Row[] {
    return this.#prepared("waiting").all(id, limit).map(toRow);
  }

  onTheirWay(): Row[] {
    return this.#prepared("onTheirWay").all().map(toRow);
  }

  count(): number {
    return Number(this.#prepared("count").get()?.count ?? 0);
  }

  oldestMs(): UnixMs | null {
    const atMs = this.#prepared("oldest").get()?.at_ms;
    return typeof atMs === "number" ? unixMs(atMs) : null;
  }

  keptTopics(broker: string): string[] {
    return this.#prepared("keptTopics").all(broker).map(({ topic }) => String(topic));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** All of it, or nothing. */
  #inOne(work: () => void): void {
    this.#database.exec("begin immediate");
    try {
      work();
      this.#database.exec("commit");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("rollback");
      throw error;
    }
  }

  #apply(change: Change, trimmed: { tooOld: number; tooMany: number }): void {
    switch (change.type) {
      case "add":
        return this.#add(change.message, change.atMs);
      case "sent":
        return void this.#prepared("sent").run(change.packetId, change.id);
      case "released":
        return void this.#prepared("released").run(change.packetId);
      case "arrived":
        return void this.#prepared("arrived").run(change.id);
      case "withdraw":
        this.#prepared("replace").run(change.topic);
        return void this.#prepared("dontRetain").run(change.topic);
      case "keep-topic":
        return void this.#prepared("keepTopic").run(change.broker, change.topic);
      case "forget-topic":
        return void this.#prepared("forgetTopic").run(change.broker, change.topic);
      case "forget-packets":
        return void this.#prepared("forget").run();
      case "trim": {
        const { limits, nowMs } = change;
        trimmed.tooOld += Number(this.#prepared("dropOld").run(nowMs - limits.maxAgeMs).changes);
        const spare = this.count() - limits.maxCount;
        if (spare > 0) trimmed.tooMany += Number(this.#prepared("dropSpare").run(spare).changes);
        return;
      }
    }
  }

  #add(message: Extract<Change, { type: "add" }>["message"], atMs: UnixMs): void {
    const { topic, payload, qos, retain, priority, isNewestOnly } = message;
    if (isNewestOnly) this.#prepared("replace").run(topic);
    const rank = PRIORITIES.indexOf(priority);
    this.#prepared("add").run(
      ...[topic, payload, qos, Number(retain), rank, atMs, Number(isNewestOnly)],
    );
  }

  #prepared(name: keyof typeof SQL): StatementSync {
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(SQL[name]);
    this.#statements.set(name, statement);
    return statement;
  }
}

function openFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec("pragma journal_mode = wal; pragma busy_timeout = 5000");
    const { user_version: shape } = database.prepare("pragma user_version").get() as {
      user_version: number;
    };
    if (shape === 0) database.exec(`begin immediate; ${SCHEMA} commit`);
    else if (shape === 1) database.exec(`begin immediate; ${FROM_SHAPE_1} commit`);
    else if (shape !== SHAPE) throw new OtherShape(shape);
    // Reads something of it: a damaged file is noticed here.
    database.prepare("select count(*) from messages").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class OtherShape extends Error {
  override readonly name = "OtherShape";

  constructor(shape: number) {
    super(`its shape has version ${shape}, not ${SHAPE}`);
  }
}

/** Whether the file itself is no queue, and not that its disk takes nothing, or is locked. */
function isUnreadable(error: unknown): boolean {
  return error instanceof OtherShape || isDamage(error) || /no such table/.test(messageOf(error));
}

function moveAside(path: string): void {
  try {
    Deno.renameSync(path, `${path}.unreadable`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function toRow(row: Record<string, unknown>): Row {
  return {
    id: Number(row.id),
    topic: String(row.topic),
    payload: String(row.payload),
    qos: Number(row.qos) as 0 | 1 | 2,
    retain: row.retain === 1,
    atMs: unixMs(Number(row.at_ms)),
    packetId: row.packet_id === null ? null : Number(row.packet_id),
    isReleased: row.released === 1,
  };
}
