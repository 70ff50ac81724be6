import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { OperatorError } from "../../src/base/errors.ts";
import type { LogRecordMessage } from "../../src/base/log.ts";
import { LedgerOutbox } from "../../src/capture/ledger_outbox.ts";
import { identifyRoot } from "../../src/host/root_identity.ts";
import type { FromWriter, LedgerEntry, ToWriter } from "../../src/model/ledger.ts";
import { Reader } from "../../src/store/reader.ts";
import { Writer } from "../../src/store/writer.ts";
import { at, batchEntry, cameraEntry } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A camera's end of its line to the writer. */
class Line implements Disposable {
  readonly #port: MessagePort;
  readonly answers: number[] = [];
  #sent = 0;
  #answered = Promise.withResolvers<void>();

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromWriter>) => {
      this.answers.push(data.sequence);
      this.#answered.resolve();
      this.#answered = Promise.withResolvers<void>();
    };
  }

  send(entry: LedgerEntry): void {
    this.#sent += 1;
    const message: ToWriter = { type: "append", sequence: this.#sent, entry };
    this.#port.postMessage(message);
  }

  /** Resolves when everything that was sent is committed. */
  async committed(): Promise<void> {
    while (this.answers.at(-1) !== this.#sent) await this.#answered.promise;
  }

  [Symbol.dispose](): void {
    this.#port.close();
  }
}

/** A storage root with its data folder. */
async function tempRoot(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  return folder;
}

async function start(
  root: string,
  parts: { onLog?: (record: LogRecordMessage) => void; onRestart?: () => void } = {},
): Promise<Writer> {
  const { onLog = () => {}, onRestart = () => {} } = parts;
  const identity = await identifyRoot(root);
  return Writer.start({ root, identity }, { onLog, onRestart });
}

function framesOf(root: string, cameraId: string): number[][] {
  using reader = new Reader(root);
  return reader.batchesIn(cameraId, { fromMs: at(0), toMs: at(1e6) })
    .map(({ startingFrameId, endingFrameId }) => [startingFrameId, endingFrameId]);
}

const count = (length: number) => Array.from({ length }, (_, index) => index);

Deno.test("Writer.start() commits the entries of two cameras and answers each in order", async () => {
  await using root = await tempRoot();
  const writer = await start(root.path);
  using front = new Line(writer.connect("front"));
  using yard = new Line(writer.connect("yard"));
  for (const line of [front, yard]) {
    const cameraId = line === front ? "front" : "yard";
    line.send(cameraEntry(cameraId));
    for (const number of count(30)) line.send(batchEntry(number, { cameraId }));
  }
  await Promise.all([front.committed(), yard.committed()]);
  // Committed means visible to any reader, while the writer still runs.
  const frames = count(30).map((number) => [number * 250 + 1, number * 250 + 250]);
  deepStrictEqual(framesOf(root.path, "front"), frames);
  deepStrictEqual(framesOf(root.path, "yard"), frames);
  deepStrictEqual(front.answers, count(31).map((index) => index + 1));
  deepStrictEqual(yard.answers, front.answers);
  await writer.close();
});

Deno.test("Writer.start() puts many entries into few transactions and counts them", async () => {
  await using root = await tempRoot();
  const writer = await start(root.path);
  using line = new Line(writer.connect("front"));
  for (const number of count(200)) line.send(batchEntry(number));
  await line.committed();
  await writer.close();
  strictEqual(writer.counters.rows, 200);
  ok(writer.counters.commits <= 20, `${writer.counters.commits} commits`);
  strictEqual(writer.counters.waiting, 0);
});

Deno.test("Writer.start() says which entry broke a rule, and answers it so that nobody waits", async () => {
  await using root = await tempRoot();
  const records: LogRecordMessage[] = [];
  const writer = await start(root.path, { onLog: (record) => records.push(record) });
  using line = new Line(writer.connect("front"));
  line.send(batchEntry(0));
  line.send(batchEntry(1, { frameCount: 3 }));
  line.send(batchEntry(2));
  await line.committed();
  await writer.close();
  deepStrictEqual(line.answers, [1, 2, 3]);
  deepStrictEqual(framesOf(root.path, "front").map(([first]) => first), [1, 501]);
  // What was synced is said on the level for those who watch everything.
  const said = records.filter(({ level }) => level !== "trace");
  deepStrictEqual(said.map(({ level, room }) => [level, room]), [["error", "store"]]);
  ok(/"batch" row of camera "front".*CHECK/.test(said[0]!.text), said[0]!.text);
});

Deno.test("Writer starts again when its Worker fails, and nothing sent is lost or doubled", async () => {
  await using root = await tempRoot();
  const restarted = Promise.withResolvers<void>();
  const writer = await start(root.path, { onRestart: () => restarted.resolve() });
  const line = writer.connect("front");
  const outbox = new LedgerOutbox(line);
  for (const number of count(3)) outbox.send(batchEntry(number));
  await outbox.drained();
  // No entry at all: the Worker trips over it. What follows is committed by nobody.
  line.postMessage(null);
  for (const number of count(300)) outbox.send(batchEntry(3 + number));
  await restarted.promise;
  outbox.reconnect(writer.connect("front"));
  await outbox.drained();
  outbox.close();
  await writer.close();
  strictEqual(writer.counters.restarts, 1);
  deepStrictEqual(
    framesOf(root.path, "front").map(([first]) => first),
    count(303).map((number) => number * 250 + 1),
  );
});

Deno.test("Writer.close() commits what was sent before it", async () => {
  await using root = await tempRoot();
  const writer = await start(root.path);
  using line = new Line(writer.connect("front"));
  line.send(batchEntry(0));
  await line.committed();
  line.send(batchEntry(1));
  await writer.close();
  deepStrictEqual(framesOf(root.path, "front").map(([first]) => first), [1, 251]);
});

Deno.test("Writer.close() leaves one whole file: nothing is left in the write-ahead log", async () => {
  await using root = await tempRoot();
  const writer = await start(root.path);
  using line = new Line(writer.connect("front"));
  line.send(batchEntry(0));
  await line.committed();
  await writer.close();
  const names = (await Array.fromAsync(Deno.readDir(`${root.path}/data`))).map(({ name }) => name);
  deepStrictEqual(names.sort(), ["identity.json", "ledger", "lookback.db"]);
  deepStrictEqual(framesOf(root.path, "front"), [[1, 250]]);
});

Deno.test("Writer.start() goes on with the rows of the writer before it", async () => {
  await using root = await tempRoot();
  for (const number of count(3)) {
    const writer = await start(root.path);
    using line = new Line(writer.connect("front"));
    line.send(batchEntry(number));
    await line.committed();
    await writer.close();
  }
  deepStrictEqual(framesOf(root.path, "front").map(([first]) => first), [1, 251, 501]);
});

Deno.test("Writer.start() throws database-unusable when there can be no database", async () => {
  await using root = await tempRoot();
  await Deno.mkdir(`${root.path}/data/lookback.db`);
  await rejects(start(root.path), (error: OperatorError) => {
    strictEqual(error.code, "database-unusable");
    ok(/unable to open/.test(error.toText()), error.toText());
    return true;
  });
});

Deno.test("Writer.start() makes the database again when the file is none, says so and keeps the file", async () => {
  await using root = await tempRoot();
  const text = "no database at all ".repeat(100);
  {
    const writer = await start(root.path);
    using line = new Line(writer.connect("front"));
    line.send(batchEntry(0));
    await line.committed();
    await writer.close();
  }
  await Deno.writeTextFile(`${root.path}/data/lookback.db`, text);
  const records: LogRecordMessage[] = [];
  const writer = await start(root.path, { onLog: (record) => records.push(record) });
  using line = new Line(writer.connect("front"));
  line.send(batchEntry(1));
  await line.committed();
  await writer.close();
  deepStrictEqual(framesOf(root.path, "front").map(([first]) => first), [1, 251]);
  ok(/made again.*not a database/.test(records[0]!.text), records[0]!.text);
  const kept = (await Array.fromAsync(Deno.readDir(`${root.path}/data`)))
    .find(({ name }) => name.startsWith("lookback.db.damaged-"))!;
  strictEqual(await Deno.readTextFile(`${root.path}/data/${kept.name}`), text);
});
