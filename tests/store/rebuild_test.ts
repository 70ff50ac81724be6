import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { DATABASE_PATH } from "../../src/store/database.ts";
import { replaceDatabase, replayLedger, replaySteps } from "../../src/store/rebuild.ts";
import { at, batchEntry, cameraEntry, eventEntry } from "../support/ledger_entries.ts";
import { makeLedgerWorld, tablesOf } from "../support/ledger_world.ts";

const now = () => at(0);

const COUNT = 12_000;

const MANY: readonly LedgerEntry[] = [
  cameraEntry(),
  ...Array.from({ length: COUNT }, (_, number) => batchEntry(number)),
  eventEntry(1),
];

/** What stands in the tables of a database at any place. */
function tablesAt(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return tablesOf(database);
  } finally {
    database.close();
  }
}

Deno.test("replaySteps() reads the ledger in steps that say how far it is", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit(MANY);
  const steps = replaySteps(world.root, { path: `${world.root}/x.db`, now });
  const done: number[] = [];
  let step = steps.next();
  for (; !step.done; step = steps.next()) {
    strictEqual(step.value.totalBytes, world.files.sizeBytes);
    done.push(step.value.doneBytes);
  }
  deepStrictEqual(step.value, { records: MANY.length });
  ok(done.length >= 3);
  deepStrictEqual(done, done.toSorted((one, other) => one - other));
  strictEqual(done.at(-1), world.files.sizeBytes);
  deepStrictEqual(tablesAt(`${world.root}/x.db`), world.tables());
});

Deno.test("replaySteps() closes the new database when it is left half way", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit(MANY);
  const steps = replaySteps(world.root, { path: `${world.root}/x.db`, now });
  steps.next();
  steps.return({ records: 0 });
  // Nobody holds it any more.
  const database = new DatabaseSync(`${world.root}/x.db`);
  database.exec("pragma busy_timeout = 0; begin exclusive; rollback");
  database.close();
});

Deno.test("replayLedger() makes an empty database of no ledger, and leaves one file", async () => {
  await using world = await makeLedgerWorld();
  await Deno.mkdir(`${world.root}/into`);
  deepStrictEqual(replayLedger(world.root, { path: `${world.root}/into/x.db`, now }), {
    records: 0,
  });
  const names = (await Array.fromAsync(Deno.readDir(`${world.root}/into`))).map(({ name }) => name);
  deepStrictEqual(names, ["x.db"]);
});

Deno.test("replayLedger() leaves the ledger and the root's own database alone", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([cameraEntry(), batchEntry(0)]);
  const before = world.tables();
  const lines = world.files.recordsAfter(0);
  replayLedger(world.root, { path: `${world.root}/x.db`, now });
  deepStrictEqual(world.tables(), before);
  deepStrictEqual(world.files.recordsAfter(0), lines);
});

Deno.test("replaceDatabase() says that it kept nothing where there was no database", async () => {
  await using world = await makeLedgerWorld();
  world.writer.commit([cameraEntry(), batchEntry(0)]);
  const before = world.tables();
  const path = `${world.root}/${DATABASE_PATH}`;
  world.reopen(() => {
    Deno.removeSync(path);
    deepStrictEqual(replaceDatabase(world.root, now), { keptAs: null });
  });
  deepStrictEqual(world.tables(), before);
});
