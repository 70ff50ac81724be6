import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { type ExportRecord, ExportRecords } from "../../../src/app/exports/export_records.ts";
import { unixMs } from "../../../src/base/units.ts";
import { tempFolder } from "../../support/temp_folder.ts";

function record(id: string, changes: Partial<ExportRecord> = {}): ExportRecord {
  return {
    id,
    cameraId: "front",
    fromMs: unixMs(1_000),
    toMs: unixMs(2_000),
    mode: "exact",
    gaps: "join",
    overlay: [],
    state: "waiting",
    error: null,
    file: null,
    bytes: null,
    createdMs: unixMs(3_000),
    by: "anna",
    caseId: null,
    tries: 0,
    ...changes,
  };
}

Deno.test("ExportRecords are read again as they were written, many changes as one file", async () => {
  await using folder = await tempFolder();
  const records = await ExportRecords.open(folder.path);
  records.add([record("a"), record("b")]);
  records.change("a", { state: "done", file: "front_1.mp4", bytes: 7 });
  records.remove("b");
  await records.written();
  const again = await ExportRecords.open(folder.path);
  deepStrictEqual(again.exports, [record("a", { state: "done", file: "front_1.mp4", bytes: 7 })]);
});

Deno.test("ExportRecords wait again after a restart, but not for ever", async () => {
  await using folder = await tempFolder();
  const records = await ExportRecords.open(folder.path);
  const under = { state: "running" } as const;
  records.add([record("a", { ...under, tries: 1 }), record("b", { ...under, tries: 3 })]);
  // Its film was there, and its case was being put together.
  records.add([record("c", { ...under, tries: 1, file: "front_1.mp4", bytes: 7 })]);
  await records.written();
  const again = await ExportRecords.open(folder.path);
  deepStrictEqual(again.exports.map(({ state }) => state), ["waiting", "failed", "done"]);
});

Deno.test("ExportRecords begin anew where the file is damaged or names a file elsewhere, and keep it", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "data", "exports.json");
  await Deno.mkdir(join(folder.path, "data"));
  const exports = [record("a", { state: "done", file: "../../etc/passwd.mp4" })];
  const evil = JSON.stringify({ format: "lookback-exports-1", exports, cases: [] });
  for (const text of ["{", evil]) {
    await Deno.writeTextFile(path, text);
    strictEqual((await ExportRecords.open(folder.path)).exports.length, 0);
    strictEqual(await Deno.readTextFile(`${path}.unreadable`), text);
  }
});

Deno.test("ExportRecords forget the oldest that have ended, and none that wait", async () => {
  await using folder = await tempFolder();
  const records = await ExportRecords.open(folder.path);
  const many = Array.from(
    { length: 1_005 },
    (_, index) => record(`${index}`, index === 0 ? {} : { state: "done" }),
  );
  records.add(many);
  await records.written();
  strictEqual(records.exports.length, 1_000);
  ok(records.find("0") !== undefined && records.find("1") === undefined);
});
