import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { sha256OfText } from "../../src/host/hash.ts";
import { frameLineWriter } from "../../src/model/frame.ts";
import { LogIndex } from "../../src/upkeep/log_index.ts";
import { listHours } from "../../src/upkeep/recording_folders.ts";
import { RunEnds } from "../../src/upkeep/run_ends.ts";
import { at, batchEntry } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

const LOG = "data/frames/front/2026-11-21/20.jsonl";

/** Lines of frames `fromId` to `toId` of a run. */
function lines(fromId: number, toId: number, run = 1): string {
  const toLine = frameLineWriter({ cameraId: "front", geoLocation: null, run, timescale: 25 });
  const ids = Array.from({ length: toId - fromId + 1 }, (_, index) => fromId + index);
  return ids.map((frameId) =>
    toLine({
      frameId,
      atMs: at(frameId),
      imagePath: null,
      isKey: true,
      sizeBytes: 10,
      pts: frameId,
      duration: 1,
    })
  ).join("");
}

const wanted = (startingFrameId: number, frameCount: number, run = 1) => ({
  cameraId: "front",
  run,
  startingFrameId,
  frameCount,
});

const FINDS = [
  {
    name: "lines in the middle of the hour's log",
    logs: { "20.jsonl": lines(1, 10) },
    wanted: wanted(4, 3),
    found: { name: "20.jsonl", before: lines(1, 3), text: lines(4, 6) },
  },
  {
    name: "nothing where a line is missing",
    logs: { "20.jsonl": lines(1, 4) + lines(6, 10) },
    wanted: wanted(4, 3),
    found: undefined,
  },
  {
    name: "nothing where the lines are of another run",
    logs: { "20.jsonl": lines(1, 10) },
    wanted: wanted(4, 3, 2),
    found: undefined,
  },
  {
    name: "nothing where the last line is torn",
    logs: { "20.jsonl": lines(1, 6).slice(0, -1) },
    wanted: wanted(4, 3),
    found: undefined,
  },
  {
    name: "lines in a log beside the hour's",
    logs: { "20.jsonl": lines(1, 4), "20-2.jsonl": lines(4, 6), "21.jsonl": "" },
    wanted: wanted(4, 3),
    found: { name: "20-2.jsonl", before: "", text: lines(4, 6) },
  },
  { name: "nothing where there is no log", logs: {}, wanted: wanted(1, 1), found: undefined },
] as const;

for (const { name, logs, wanted, found } of FINDS) {
  Deno.test(`LogIndex finds ${name}`, async () => {
    await using folder = await tempFolder();
    const logFolder = join(folder.path, dirname(LOG));
    await Deno.mkdir(logFolder, { recursive: true });
    for (const [file, text] of Object.entries(logs)) {
      await Deno.writeTextFile(join(logFolder, file), text);
    }
    deepStrictEqual(
      await new LogIndex(folder.path).find(LOG, wanted),
      found === undefined ? undefined : {
        framesPath: `${dirname(LOG)}/${found.name}`,
        framesOffset: found.before.length,
        framesBytes: found.text.length,
        framesSha256: sha256OfText(found.text),
      },
    );
  });
}

Deno.test("LogIndex reads a log again once it was told that it changed", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, LOG);
  await Deno.mkdir(dirname(path), { recursive: true });
  const index = new LogIndex(folder.path);
  strictEqual(await index.find(LOG, wanted(1, 2)), undefined);
  await Deno.writeTextFile(path, lines(1, 2));
  strictEqual(await index.find(LOG, wanted(1, 2)), undefined);
  index.forget(LOG);
  strictEqual((await index.find(LOG, wanted(1, 2)))?.framesOffset, 0);
});

Deno.test("RunEnds ends a run with its last batch, also when runs take turns", () => {
  const known = new Map<number, ReturnType<typeof at>>();
  const ends = new RunEnds((_, run) => known.get(run) ?? null);
  const take = (run: number, seconds: number) => {
    const found = ends.take(batchEntry(0, { run, endMs: at(seconds) }));
    for (const { run, atMs } of found) known.set(run, atMs);
    return found.map(({ run, atMs, cause }) => [run, atMs, cause]);
  };
  deepStrictEqual(take(1, 10), []);
  deepStrictEqual(take(1, 20), []);
  deepStrictEqual(take(2, 15), [[1, at(20), "unknown"]]);
  deepStrictEqual(take(1, 18), [[2, at(15), "unknown"]]);
  deepStrictEqual(take(2, 30), [[1, at(20), "unknown"]]);
  deepStrictEqual(ends.rest().map(({ run, atMs }) => [run, atMs]), [[2, at(30)]]);
});

Deno.test("listHours() joins the folders of the disk and of rows, hour by hour over all cameras", async () => {
  await using folder = await tempFolder();
  const recordings = (rest: string) => `data/recordings/${rest}`;
  for (const rest of ["yard/2026-11-21/20", "front/2026-11-21/20", "front/2026-11-20/23"]) {
    await Deno.mkdir(join(folder.path, recordings(rest)), { recursive: true });
  }
  await Deno.writeTextFile(join(folder.path, "data/recordings/notes.txt"), "");
  const known = ["front/2026-11-21/20", "yard/2026-11-20/23", "gone/2026-11-22/00"];
  const hours = await listHours(folder.path, known.map(recordings));
  deepStrictEqual(hours.map((hour) => hour.map(({ cameraId }) => cameraId)), [
    ["front", "yard"],
    ["front", "yard"],
    ["gone"],
  ]);
  strictEqual(hours[1]![1]!.folder, "data/recordings/yard/2026-11-21/20");
});
