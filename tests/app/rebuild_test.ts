import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { basename, join } from "node:path";
import { isIndexLost, rebuildDatabase, type RebuildOptions } from "../../src/app/rebuild.ts";
import { OperatorError } from "../../src/base/errors.ts";
import { indexRecording } from "../../src/footage/recording_index.ts";
import type { Batch } from "../../src/model/batch.ts";
import { DATABASE_PATH, openForWriting } from "../../src/store/database.ts";
import { LedgerFiles } from "../../src/store/ledger_files.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { Reader } from "../../src/store/reader.ts";
import { verifyBatch } from "../../src/upkeep/verify_batch.ts";
import { at, eventEntry, runEndEntry } from "../support/ledger_entries.ts";
import { flipByte, type RealArchive, realArchive } from "../support/real_archive.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { rowsOfTables, treeOf } from "../support/whole_root.ts";

const TABLES = ["cameras", "runs", "batches", "events", "tallies"];

interface World extends AsyncDisposable {
  readonly archive: RealArchive;
  readonly root: string;
  readonly database: string;
  /** A folder outside the root. */
  readonly outside: string;
  rebuild(changes?: Partial<RebuildOptions>): ReturnType<typeof rebuildDatabase>;
  /** Rows of a rebuilt database. */
  batches(databasePath?: string, cameraId?: string): Batch[];
  remove(...paths: readonly string[]): Promise<void>;
}

/** Two cameras with three batches each, their ledger, and a closed database. */
async function makeWorld(): Promise<World> {
  const archive = await realArchive({ cameraIds: ["front", "yard"] });
  const outside = await tempFolder();
  const { root } = archive;
  archive.commit([runEndEntry("front"), eventEntry(61), eventEntry(70, { kind: "online" })]);
  const database = openForWriting(root);
  new LedgerWriter(database, new LedgerFiles(root, () => at(0))).catchUp();
  database.close();
  return {
    archive,
    root,
    database: join(root, DATABASE_PATH),
    outside: outside.path,
    rebuild: (changes) =>
      rebuildDatabase({
        root,
        signal: new AbortController().signal,
        onProgress: () => {},
        ...changes,
      }),
    batches(databasePath, cameraId = "front") {
      using reader = new Reader(root, databasePath);
      return reader.batchesAfterId(cameraId, 0, 100);
    },
    async remove(...paths) {
      for (const path of paths) await Deno.remove(join(root, path), { recursive: true });
    },
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await outside[Symbol.asyncDispose]();
    },
  };
}

async function removeIndex(world: World): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(join(world.root, "data")));
  const index = names.filter(({ name }) => name.startsWith("lookback.db"));
  await world.remove("data/ledger", ...index.map(({ name }) => join("data", name)));
}

/** What a batch is, without its place among the others. */
function withoutPlace({ batchId: _, seals, ...batch }: Batch): unknown {
  return { ...batch, stillsBytes: 0, hashes: [seals?.recordingSha256, seals?.framesSha256] };
}

async function faultsOf(world: World, databasePath?: string): Promise<unknown[]> {
  const batches = ["front", "yard"].flatMap((id) => world.batches(databasePath, id));
  const faults = await Promise.all(batches.map((each) => verifyBatch(world.root, each, () => {})));
  return faults.flat();
}

Deno.test("rebuildDatabase() makes the same rows from the ledger, and keeps the old database", async () => {
  await using world = await makeWorld();
  const before = rowsOfTables(world.database, TABLES);
  const report = await world.rebuild();
  strictEqual(report.source, "ledger");
  deepStrictEqual([report.batches, report.cameras, report.adopted, report.missing], [6, 2, 0, 0]);
  deepStrictEqual(rowsOfTables(world.database, TABLES), before);
  deepStrictEqual(rowsOfTables(report.keptAs!, TABLES), before);
});

Deno.test("rebuildDatabase() keeps one old database, the newest", async () => {
  await using world = await makeWorld();
  await world.rebuild();
  const { keptAs } = await world.rebuild();
  const names = (await Array.fromAsync(Deno.readDir(join(world.root, "data"))))
    .map(({ name }) => name).filter((name) => /before-[^-]*$/.test(name));
  deepStrictEqual(names, [basename(keptAs!)]);
});

Deno.test("rebuildDatabase() takes the old database over where there is no ledger", async () => {
  await using world = await makeWorld();
  const before = rowsOfTables(world.database, TABLES);
  await world.remove("data/ledger");
  strictEqual((await world.rebuild()).source, "database");
  deepStrictEqual(rowsOfTables(world.database, TABLES), before);
});

Deno.test("rebuildDatabase() makes batches, times and hashes from the recordings alone", async () => {
  await using world = await makeWorld();
  const before = ["front", "yard"].map((id) => world.batches(undefined, id).map(withoutPlace));
  await removeIndex(world);
  const report = await world.rebuild();
  strictEqual(report.source, "recordings");
  deepStrictEqual([report.batches, report.cameras, report.adopted], [6, 2, 6]);
  const after = ["front", "yard"].map((id) => world.batches(undefined, id).map(withoutPlace));
  deepStrictEqual(after, before);
  deepStrictEqual(await faultsOf(world), []);
  const chains = world.batches().map(({ seals }) => seals!);
  strictEqual(chains[0]!.previousChain, "0".repeat(64));
  deepStrictEqual(
    chains.slice(1).map(({ previousChain }) => previousChain),
    chains.slice(0, -1).map(({ chain }) => chain),
  );
  const { runs, repairs } = rowsOfTables(world.database, ["runs", "repairs"]);
  deepStrictEqual(runs!.map((run) => [run.end_cause, run.ended_ms]), [
    ["unknown", world.batches().at(-1)!.endMs],
    ["unknown", world.batches().at(-1)!.endMs],
  ]);
  deepStrictEqual(repairs, []);
});

Deno.test("rebuildDatabase() writes a ledger that gives the same database again", async () => {
  await using world = await makeWorld();
  await removeIndex(world);
  await world.rebuild();
  const before = rowsOfTables(world.database, TABLES);
  strictEqual((await world.rebuild()).source, "ledger");
  deepStrictEqual(rowsOfTables(world.database, TABLES), before);
});

Deno.test("rebuildDatabase() names and sources cameras as the settings do, else by their id", async () => {
  await using world = await makeWorld();
  await removeIndex(world);
  const source = { kind: "rtsp", url: "rtsp://u:secret@10.0.0.5/a" } as const;
  await world.rebuild({
    cameras: [{ id: "front", name: "Front door", source, geoLocation: null }],
  });
  const { cameras } = rowsOfTables(world.database, ["cameras"]);
  deepStrictEqual(cameras!.map((each) => [each.name, each.source, each.lat]), [
    ["Front door", "rtsp://u:***@10.0.0.5/a", 12.9716],
    ["yard", "unknown", 12.9716],
  ]);
});

Deno.test("rebuildDatabase() makes a row whose recording is gone a known gap, in the ledger too", async () => {
  await using world = await makeWorld();
  const [, gone] = world.batches();
  await world.remove(gone!.recordingPath);
  strictEqual((await world.rebuild()).missing, 1);
  strictEqual((await world.rebuild()).missing, 0);
  strictEqual(world.batches().length, 2);
  using reader = new Reader(world.root);
  const window = { fromMs: gone!.startMs, toMs: gone!.endMs };
  deepStrictEqual(
    reader.eventsIn("front", window).map(({ kind, cause, untilMs }) => [kind, cause, untilMs]),
    [["frames-lost", "recording-missing", gone!.endMs]],
  );
});

Deno.test("rebuildDatabase() gives a recording that no ledger line names its row and its lines", async () => {
  await using world = await makeWorld();
  const [, lost] = world.batches();
  const ledger = join(world.root, "data/ledger/batches/2026-11-21.jsonl");
  const lines = (await Deno.readTextFile(ledger)).split("\n");
  await Deno.writeTextFile(
    ledger,
    lines.filter((line) => !line.includes(lost!.recordingPath)).join("\n"),
  );
  const log = await Deno.readTextFile(join(world.root, lost!.framesPath));
  const report = await world.rebuild();
  deepStrictEqual([report.source, report.adopted, report.batches], ["ledger", 1, 6]);
  const found = world.batches().find(({ recordingPath }) => recordingPath === lost!.recordingPath);
  deepStrictEqual(withoutPlace(found!), withoutPlace(lost!));
  // Lines that are there are found, not written again.
  strictEqual(await Deno.readTextFile(join(world.root, lost!.framesPath)), log);
  deepStrictEqual(await faultsOf(world), []);
});

Deno.test("rebuildDatabase() completes frame logs that lost lines", async () => {
  await using world = await makeWorld();
  const before = world.batches().map(({ startMs, frameCount }) => [startMs, frameCount]);
  const log = join(world.root, world.batches()[0]!.framesPath);
  const lines = (await Deno.readTextFile(log)).split("\n");
  await Deno.writeTextFile(log, `${lines.slice(0, 40).join("\n")}\n{"camera_id":"fr`);
  await removeIndex(world);
  await world.rebuild();
  deepStrictEqual(
    world.batches().map(({ startMs, frameCount }) => [startMs, frameCount]),
    before,
  );
  deepStrictEqual(await faultsOf(world), []);
});

Deno.test("rebuildDatabase() cuts a torn end off, and leaves a file alone that has footage behind a fault", async () => {
  await using world = await makeWorld();
  const [torn, damaged] = world.batches() as [Batch, Batch];
  const [tornPath, damagedPath] = [torn, damaged].map((batch) =>
    join(world.root, batch.recordingPath)
  ) as [string, string];
  await Deno.truncate(tornPath, Math.round(torn.recordingBytes * 0.7));
  const { fragments } = indexRecording(damagedPath);
  const [second] = fragments[1]!.video;
  // The type of the second fragment's "mdat".
  await flipByte(damagedPath, second!.offset - 2);
  const damagedBytes = await Deno.readFile(damagedPath);
  await removeIndex(world);
  const report = await world.rebuild();
  deepStrictEqual([report.adopted, report.torn, report.leftOut], [6, 2, 0]);
  const [tornAfter, damagedAfter] = world.batches() as [Batch, Batch];
  strictEqual((await Deno.stat(tornPath)).size, tornAfter.recordingBytes);
  deepStrictEqual(await Deno.readFile(damagedPath), damagedBytes);
  ok(damagedAfter.recordingBytes < damagedBytes.length);
  strictEqual(damagedAfter.frameCount, fragments[0]!.video.length);
  const limited = indexRecording(damagedPath, damagedAfter.recordingBytes);
  deepStrictEqual(limited.fragments, fragments.slice(0, 1));
});

Deno.test("rebuildDatabase() leaves out what is no recording of the camera, and says why", async () => {
  await using world = await makeWorld();
  const [first] = world.batches();
  const folder = join(world.root, first!.recordingPath, "..");
  await Deno.writeTextFile(join(folder, "notes.mp4"), "no film");
  await Deno.copyFile(join(world.root, first!.recordingPath), join(folder, "copy.mp4"));
  const yard = folder.replace("/front/", "/yard/");
  await Deno.copyFile(join(world.root, first!.recordingPath), join(yard, "stray.mp4"));
  const report = await world.rebuild();
  deepStrictEqual([report.batches, report.adopted, report.leftOut], [6, 0, 3]);
  const reasons = report.examples.map(({ path, reason }) => `${basename(path)}: ${reason}`).sort();
  match(reasons[0]!, /^copy\.mp4: UNIQUE constraint failed/);
  match(reasons[1]!, /^notes\.mp4: it has no label of Lookback/);
  match(reasons[2]!, /^stray\.mp4: its label says camera "front"/);
  strictEqual(await Deno.readTextFile(join(folder, "notes.mp4")), "no film");
});

Deno.test("rebuildDatabase() with a file elsewhere writes nothing below the root", async () => {
  await using world = await makeWorld();
  const [torn] = world.batches();
  const path = join(world.root, torn!.recordingPath);
  await Deno.truncate(path, Math.round(torn!.recordingBytes * 0.7));
  await Deno.truncate(join(world.root, torn!.framesPath), 5_000);
  await removeIndex(world);
  const before = await treeOf(world.root);
  const into = join(world.outside, "new.db");
  const report = await world.rebuild({ into });
  strictEqual(await treeOf(world.root), before);
  deepStrictEqual([report.batches, report.torn, report.databasePath], [6, 1, into]);
  strictEqual(report.framesFolder, `${into}.frames`);
  const [first] = world.batches(into);
  ok(first!.recordingBytes < (await Deno.stat(path)).size);
  // Frames of the torn recording come from beside the database. Its own bytes count: what
  // lies behind them was never footage.
  const faults = await faultsOf(world, into);
  deepStrictEqual(
    faults.map((fault) => (fault as { kind: string }).kind),
    [],
  );
});

Deno.test("rebuildDatabase() with a file elsewhere takes ledger or database as they are", async () => {
  await using world = await makeWorld();
  const rows = rowsOfTables(world.database, TABLES);
  for (const source of ["ledger", "database"] as const) {
    const into = join(world.outside, `${source}.db`);
    const report = await world.rebuild({ into });
    deepStrictEqual([report.source, report.framesFolder], [source, null]);
    deepStrictEqual(rowsOfTables(into, TABLES), rows);
    if (source === "ledger") await world.remove("data/ledger");
  }
  const names = (await Array.fromAsync(Deno.readDir(world.outside))).map(({ name }) => name);
  deepStrictEqual(names.filter((name) => name.endsWith(".part")), []);
});

Deno.test("rebuildDatabase() leaves the old database and nothing else when it is broken off", async () => {
  for (const step of ["reading the ledger", "looking at the recordings"]) {
    await using world = await makeWorld();
    const before = await treeOf(world.root);
    const stopping = new AbortController();
    const stopAt = (now: string) => {
      if (now === step) stopping.abort();
    };
    for (const into of [undefined, join(world.outside, "new.db")]) {
      await rejects(
        world.rebuild({
          ...(into === undefined ? {} : { into }),
          signal: stopping.signal,
          onProgress: stopAt,
        }),
        { name: "AbortError" },
      );
      strictEqual(await treeOf(world.root), before);
    }
    deepStrictEqual(await Array.fromAsync(Deno.readDir(world.outside)), []);
  }
});

Deno.test("rebuildDatabase() refuses what would lose rows or replace files", async () => {
  await using world = await makeWorld();
  const code = (wanted: string) => (error: unknown) =>
    error instanceof OperatorError && error.code === wanted;
  const taken = join(world.outside, "taken.db");
  await Deno.writeTextFile(taken, "mine");
  await rejects(world.rebuild({ into: taken }), code("export-target-exists"));
  await rejects(world.rebuild({ into: join(world.root, "x/new.db") }), code("usage"));
  const before = rowsOfTables(world.database, TABLES);
  await world.remove("data/recordings");
  await rejects(world.rebuild(), (error) => {
    ok(error instanceof OperatorError && error.code === "rebuild-failed");
    match(error.toText(), /there are no recordings, but 6 batches are known/);
    return true;
  });
  deepStrictEqual(rowsOfTables(world.database, TABLES), before);
});

Deno.test("isIndexLost() is true where recordings are all that is left", async () => {
  await using world = await makeWorld();
  const { root } = world;
  strictEqual(await isIndexLost(root), false);
  await Deno.remove(join(root, "data/ledger"), { recursive: true });
  strictEqual(await isIndexLost(root), false);
  await removeDatabase(root);
  strictEqual(await isIndexLost(root), true);
  await Deno.writeTextFile(world.database, "no database ".repeat(1_000));
  strictEqual(await isIndexLost(root), true);
  await world.remove("data/recordings");
  strictEqual(await isIndexLost(root), false);
});

async function removeDatabase(root: string): Promise<void> {
  for (const { name } of await Array.fromAsync(Deno.readDir(join(root, "data")))) {
    if (name.startsWith("lookback.db")) await Deno.remove(join(root, "data", name));
  }
}
