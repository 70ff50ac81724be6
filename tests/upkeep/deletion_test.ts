/**
 * Deleting batches under a real root: what goes, in which order, and what a crash
 * leaves for the next start.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import type { Victim } from "../../src/model/retention.ts";
import {
  deleteBatches,
  type DeletionParts,
  finishRemovals,
  type Removed,
} from "../../src/upkeep/deletion.ts";
import { at } from "../support/ledger_entries.ts";
import { turn } from "../support/pause.ts";
import { type SmallArchive, smallArchive } from "../support/small_archive.ts";

/** The oldest batches of a camera, to be deleted. */
function oldest(archive: SmallArchive, count: number, cameraId = "front"): Victim[] {
  using index = archive.openIndex();
  return index.oldestAfter({ cameraId, hasEvent: false }, null, count).map((each) => ({
    ...each,
    cause: "age",
  }));
}

async function remove(
  archive: SmallArchive,
  victims: readonly Victim[],
  changes: Partial<DeletionParts> = {},
): Promise<Removed> {
  using index = archive.openIndex();
  const { root, send } = archive;
  return await deleteBatches(victims, {
    root,
    index,
    send,
    nowMs: at(100),
    openFolders: new Set(),
    ...changes,
  });
}

/** What the entries said, without what changes from run to run. */
function said(entries: readonly LedgerEntry[]): unknown[] {
  return entries.filter(({ type }) => type === "deletion" || type === "removed");
}

Deno.test("deleteBatches() takes rows, recordings, stills and an emptied log, and their folders", async () => {
  await using archive = await smallArchive();
  await archive.record("front", at(0));
  await archive.record("front", at(10));
  const kept = await archive.record("front", at(3_600));
  const removed = await remove(archive, oldest(archive, 2));
  deepStrictEqual(
    await archive.footage(),
    [
      kept.framesPath,
      kept.recordingPath,
      ...kept.stills,
    ].toSorted(),
  );
  strictEqual(removed.files, 2 + 1 + 20);
  deepStrictEqual(removed.left, []);
  deepStrictEqual(archive.rows("select count(*) n from batches"), [{ n: 1 }]);
  deepStrictEqual(archive.rows("select * from removals"), []);
  // The day has another hour, the hour has nothing.
  const days = await Array.fromAsync(Deno.readDir(join(archive.root, "frames/front/2026-11-21")));
  deepStrictEqual(days.map(({ name }) => name), ["21"]);
});

Deno.test("deleteBatches() says in the ledger what goes, stills as ranges, then that it is gone", async () => {
  await using archive = await smallArchive();
  const first = await archive.record("front", at(0));
  await archive.record("front", at(10));
  const logBytes = (await Deno.stat(join(archive.root, first.framesPath))).size;
  const usedBefore = archive.rows("select log_bytes from tallies")[0]!.log_bytes;
  await remove(archive, oldest(archive, 2));
  const files = [
    "data/recordings/front/2026-11-21/20/570000.mp4",
    "data/recordings/front/2026-11-21/20/571000.mp4",
    "data/frames/front/2026-11-21/20.jsonl",
    "frames/front/2026-11-21/20/570000.jpg..571900.jpg",
  ];
  deepStrictEqual(said(archive.sent), [
    { type: "deletion", cameraId: "front", atMs: at(100), cause: "age", batchIds: [1, 2], files },
    { type: "removed", cameraId: "front", files, logBytes },
  ]);
  strictEqual(usedBefore, logBytes);
  deepStrictEqual(archive.rows("select log_bytes, recording_bytes, stills_bytes from tallies"), [
    { log_bytes: 0, recording_bytes: 0, stills_bytes: 0 },
  ]);
});

Deno.test("deleteBatches() keeps a still and a log that a batch beside it needs", async () => {
  await using archive = await smallArchive();
  // Ends within a second, which the next one goes on with.
  const first = await archive.record("front", at(0), { lengthMs: 9_500 });
  const middle = await archive.record("front", at(9.5));
  const last = await archive.record("front", at(19.5));
  const shared = [first.stills.at(-1)!, middle.stills.at(-1)!];
  deepStrictEqual(shared, [middle.stills[0], last.stills[0]]);
  const [, victim] = oldest(archive, 2);
  await remove(archive, [victim!]);
  deepStrictEqual(
    await archive.footage(),
    [
      ...[first, last].flatMap(({ stills, recordingPath }) => [...stills, recordingPath]),
      first.framesPath,
    ].toSorted(),
  );
});

Deno.test("deleteBatches() leaves stills of a batch between two that go", async () => {
  await using archive = await smallArchive();
  const batches = [];
  for (const second of [0, 10, 20]) batches.push(await archive.record("front", at(second)));
  const [first, , third] = oldest(archive, 3);
  await remove(archive, [first!, third!]);
  const [, kept] = batches;
  deepStrictEqual(
    (await archive.footage()).filter((path) => path.endsWith(".jpg")),
    kept!.stills,
  );
});

Deno.test("deleteBatches() removes nothing before its rows are committed", async () => {
  await using archive = await smallArchive();
  await archive.record("front", at(0));
  const before = await archive.footage();
  await rejects(
    remove(archive, oldest(archive, 1), { send: () => Promise.reject(new Error("power cut")) }),
    /power cut/,
  );
  deepStrictEqual(await archive.footage(), before);
});

Deno.test("deleteBatches() takes recordings before their rows when the disk is too full to commit", async () => {
  await using archive = await smallArchive();
  await archive.record("front", at(0));
  const committed = Promise.withResolvers<void>();
  const deleting = remove(archive, oldest(archive, 1), {
    send: async (entry) => {
      if (entry.type === "deletion") {
        await committed.promise;
        strictEqual((await archive.footage()).some((path) => path.endsWith(".mp4")), false);
      }
      await archive.send(entry);
    },
    outOfPatience: () => {
      // What makes room lets the commit go on.
      turn().then(committed.resolve);
      return Promise.resolve();
    },
  });
  await deleting;
  deepStrictEqual(await archive.footage(), []);
});

Deno.test("deleteBatches() takes missing files for removed", async () => {
  await using archive = await smallArchive();
  const batch = await archive.record("front", at(0));
  for (const path of [batch.recordingPath, batch.framesPath, batch.stills[3]!]) {
    await Deno.remove(join(archive.root, path));
  }
  deepStrictEqual((await remove(archive, oldest(archive, 1))).left, []);
  deepStrictEqual(archive.rows("select * from removals"), []);
});

Deno.test("deleteBatches() keeps what it can't remove in the list, with the reason", async () => {
  await using archive = await smallArchive();
  const batch = await archive.record("front", at(0));
  // A folder with content has taken the file's place.
  await Deno.remove(join(archive.root, batch.recordingPath));
  await Deno.mkdir(join(archive.root, batch.recordingPath, "full"), { recursive: true });
  const { left } = await remove(archive, oldest(archive, 1));
  deepStrictEqual(left.map(({ path }) => path), [batch.recordingPath]);
  deepStrictEqual(archive.rows("select path from removals"), [{ path: batch.recordingPath }]);
});

Deno.test("deleteBatches() leaves the folders of an hour that a camera writes to", async () => {
  await using archive = await smallArchive();
  await archive.record("front", at(0));
  const hour = "front/2026-11-21/20";
  await remove(archive, oldest(archive, 1), {
    openFolders: new Set([`data/recordings/${hour}`]),
  });
  for (const folder of [`data/recordings/${hour}`, `frames/${hour}`, "data/frames/front"]) {
    ok((await Deno.stat(join(archive.root, folder))).isDirectory, folder);
  }
});

Deno.test("deleteBatches() takes many batches of two cameras with few entries", async () => {
  await using archive = await smallArchive();
  for (let number = 0; number < 230; number += 1) {
    await archive.record("front", at(number * 2), { lengthMs: 2_000 });
  }
  await archive.record("yard", at(0));
  await remove(archive, [...oldest(archive, 230), ...oldest(archive, 1, "yard")]);
  deepStrictEqual(await archive.footage(), []);
  deepStrictEqual(
    said(archive.sent).map((entry) => (entry as LedgerEntry).type),
    ["deletion", "deletion", "deletion", "removed", "removed"],
  );
});

Deno.test("finishRemovals() removes after a crash what was listed, whatever is gone already", async () => {
  await using archive = await smallArchive();
  const gone = await archive.record("front", at(0));
  const kept = await archive.record("front", at(10));
  // The process ends when the rows are committed.
  const crash = new Error("killed");
  const victims = oldest(archive, 1);
  await rejects(
    remove(archive, victims, {
      send: async (entry) => {
        await archive.send(entry);
        throw crash;
      },
    }),
    crash,
  );
  await Deno.remove(join(archive.root, gone.stills[0]!));
  using index = archive.openIndex();
  strictEqual(index.removals().length, 2);
  const { root, send } = archive;
  deepStrictEqual(await finishRemovals({ root, index, send, openFolders: new Set() }), {
    files: 10,
    left: [],
  });
  deepStrictEqual(
    await archive.footage(),
    [kept.framesPath, kept.recordingPath, ...kept.stills].toSorted(),
  );
  deepStrictEqual(index.removals(), []);
  deepStrictEqual(await finishRemovals({ root, index, send, openFolders: new Set() }), {
    files: 0,
    left: [],
  });
});
