import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { heldWindows, isHeld } from "../../src/model/hold.ts";
import {
  isHoldName,
  keepHoldsAsTheyAre,
  type KeptHold,
  makeHold,
  makeHoldsFolder,
  readHolds,
  releaseHold,
} from "../../src/upkeep/holds.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { at } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

function kept(name: string, changes: Partial<KeptHold> = {}): KeptHold {
  return { name, cameraId: "front", fromMs: at(0), toMs: at(60), createdMs: at(99), ...changes };
}

Deno.test("makeHold() keeps a hold that readHolds() gives back until releaseHold() ends it", async () => {
  await using folder = await tempFolder();
  const [one, two] = [kept("b-1"), kept("a-2", { cameraId: null })];
  await makeHold(folder.path, one, systemClock);
  await makeHold(folder.path, two, systemClock);
  deepStrictEqual(await readHolds(folder.path), { holds: [two, one], unreadable: [] });
  strictEqual(await releaseHold(folder.path, "b-1"), true);
  strictEqual(await releaseHold(folder.path, "b-1"), false);
  deepStrictEqual((await readHolds(folder.path)).holds, [two]);
});

Deno.test("makeHold() refuses a name that is taken", async () => {
  await using folder = await tempFolder();
  await makeHold(folder.path, kept("a"), systemClock);
  await rejects(makeHold(folder.path, kept("a", { toMs: at(90) }), systemClock), {
    code: "usage",
    message: /there is one of that name/,
  });
  deepStrictEqual((await readHolds(folder.path)).holds, [kept("a")]);
});

Deno.test("makeHold() waits for a deletion that is going on", async () => {
  await using folder = await tempFolder();
  await makeHoldsFolder(folder.path);
  const clock = new FakeClock();
  const deleting = keepHoldsAsTheyAre(folder.path);
  const making = makeHold(folder.path, kept("a"), clock);
  await clock.advance(1_000);
  deepStrictEqual((await readHolds(folder.path)).holds, []);
  deleting?.[Symbol.dispose]();
  await clock.advance(1_000);
  await making;
  strictEqual((await readHolds(folder.path)).holds.length, 1);
});

Deno.test("makeHold() says what to do where the root can't be written", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(join(folder.path, "data"), "");
  await rejects(makeHold(folder.path, kept("a"), systemClock), { code: "root-unusable" });
});

const DAMAGED = [
  { name: "a torn file", text: '{"format":"lookback-hold-1","name":"a","camera_id":nu' },
  { name: "an empty file", text: "" },
  { name: "a name that is not the file's", text: '{"name":"b","camera_id":null}' },
  { name: "null", text: "null" },
  {
    name: "times that are none",
    text: '{"name":"a","camera_id":null,"from":"x","to":"y","created":"z"}',
  },
] as const;

for (const { name, text } of DAMAGED) {
  Deno.test(`readHolds() names ${name} as unreadable, because what it holds is not known`, async () => {
    await using folder = await tempFolder();
    await makeHoldsFolder(folder.path);
    await Deno.writeTextFile(join(folder.path, "data/holds/a.json"), text);
    deepStrictEqual(await readHolds(folder.path), {
      holds: [],
      unreadable: ["data/holds/a.json"],
    });
  });
}

Deno.test("readHolds() passes over half-written files and a root without holds", async () => {
  await using folder = await tempFolder();
  deepStrictEqual(await readHolds(folder.path), { holds: [], unreadable: [] });
  await makeHoldsFolder(folder.path);
  await Deno.writeTextFile(join(folder.path, "data/holds/a.json.part"), "{");
  deepStrictEqual(await readHolds(folder.path), { holds: [], unreadable: [] });
});

Deno.test("isHoldName() takes what can be part of a path", () => {
  const names = ["burglary", "case-7", "", "a/b", "..", "A", "a".repeat(65)];
  deepStrictEqual(names.filter(isHoldName), ["burglary", "case-7"]);
});

const PIECES = [
  { name: "within it", piece: [10, 20], held: true },
  {
    name: "that ends a second before it, whose frames it may need",
    piece: [-10, -0.5],
    held: true,
  },
  { name: "that ends well before it", piece: [-20, -10], held: false },
  { name: "that begins at its end", piece: [60, 70], held: false },
  { name: "around it", piece: [-100, 100], held: true },
  { name: "of no length within it", piece: [30, 30], held: true },
] as const;

for (const { name, piece: [from, to], held } of PIECES) {
  Deno.test(`isHeld() says ${held} of a piece ${name}`, () => {
    const piece = { cameraId: "front", startMs: at(from), endMs: at(to) };
    strictEqual(isHeld(piece, [kept("a")]), held);
    strictEqual(isHeld(piece, [kept("a", { cameraId: "yard" })]), false);
    strictEqual(isHeld(piece, [kept("a", { cameraId: null })]), held);
  });
}

Deno.test("heldWindows() joins holds that touch, so that nothing counts twice", () => {
  const holds = [
    kept("a", { fromMs: at(100), toMs: at(200) }),
    kept("b", { fromMs: at(0), toMs: at(60) }),
    kept("c", { cameraId: null, fromMs: at(50), toMs: at(70) }),
    kept("d", { cameraId: "yard", fromMs: at(70), toMs: at(100) }),
  ];
  deepStrictEqual(heldWindows("front", holds), [
    { fromMs: at(-1), toMs: at(70) },
    { fromMs: at(99), toMs: at(200) },
  ]);
});
