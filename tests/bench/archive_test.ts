/**
 * Archives that the bench makes are such as recording leaves them.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import { ARCHIVE_CLIP_SECONDS, readArchiveClip } from "../../src/bench/archive_clip.ts";
import { AgingDatabase } from "../../src/bench/archive_ages.ts";
import { addFootage } from "../../src/bench/archive_footage.ts";
import {
  addCameras,
  addStretch,
  ARCHIVE_START_MS,
  archiveCamera,
  openArchive,
} from "../../src/bench/archive_rows.ts";
import { LOGGED_CAMERA, makeLoggedDay } from "../../src/bench/frame_log_day.ts";
import { surveyFootage } from "../../src/footage/export_job.ts";
import { makeWindow } from "../../src/footage/request.ts";
import { Reader } from "../../src/store/reader.ts";
import { makeClip } from "../support/clips.ts";
import { tempFolder } from "../support/temp_folder.ts";

const after = (seconds: number) => unixMs(ARCHIVE_START_MS + seconds * 1_000);

const AT = { nowMs: after(100_000), isRecording: false } as const;

Deno.test("addStretch() leaves the tallies that the trigger counts, stretch by stretch", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const database = openArchive(folder.path);
  try {
    addCameras(database, 3);
    const first = { cameras: 3, fromMs: after(0), toMs: after(3_700), batchMs: 10_000 };
    strictEqual(addStretch(database, first), 1_110);
    addStretch(database, { ...first, fromMs: after(3_700), toMs: after(4_900), batchMs: 60_000 });
    const tallies = () =>
      database.prepare("select * from tallies order by camera_id").all().map((row) => ({ ...row }));
    const made = tallies();
    // All rows once more, past the trigger this time.
    database.exec("create temp table copies as select * from batches; delete from batches");
    database.exec(
      "delete from tallies; insert into batches select * from copies order by batch_id",
    );
    deepStrictEqual(made, tallies());
  } finally {
    database.close();
  }
});

Deno.test("AgingDatabase grows by what was made aside as by what is made in its place", async () => {
  const ages = [["young", 0, 400], ["older", 400, 1_000], ["old", 1_000, 3_000]] as const;
  const aged = async (makeAside: readonly string[]) => {
    await using folder = await tempFolder();
    await Deno.mkdir(join(folder.path, "data"));
    const first = openArchive(folder.path);
    addCameras(first, 2);
    first.close();
    const made: string[] = [];
    const aging = new AgingDatabase({
      root: folder.path,
      ages: ages.map(([age, from, to]) => ({
        ...{ age, cameras: 2, batchMs: 20_000, fromMs: after(from), toMs: after(to) },
      })),
      onAge: (age) => made.push(age),
    });
    aging.grow("young");
    makeAside.forEach((age) => aging.makeAside(age));
    const seen: unknown[] = [];
    for (const [age] of ages) {
      aging.grow(age);
      using reader = new Reader(folder.path);
      const window = makeWindow(after(300), 3_000_000);
      seen.push([aging.rows, aging.endMs, reader.batchesIn(archiveCamera(2), window)]);
    }
    deepStrictEqual(made, ["young", "older", "old"]);
    return seen;
  };
  const inPlace = await aged([]);
  deepStrictEqual(await aged(["older", "old"]), inPlace);
  deepStrictEqual(await aged(["old"]), inPlace);
  deepStrictEqual(await aged(["older"]), inPlace);
});

Deno.test("addFootage() makes recordings and lines that a survey finds whole", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await Deno.mkdir(join(root, "data"));
  const small = { seconds: ARCHIVE_CLIP_SECONDS, size: "128x72" };
  const clip = await makeClip(join(root, "clip.mp4"), small);
  const stream = await readArchiveClip(clip, "ffmpeg");
  const database = openArchive(root);
  try {
    addCameras(database, 1);
    const stretch = { cameras: 1, fromMs: after(0), toMs: after(200), batchMs: 10_000 };
    addStretch(database, stretch);
    const wish = { root, cameraId: archiveCamera(1), batchMs: 10_000 };
    await addFootage(database, stream, { ...wish, fromMs: after(70), batches: 3 });
  } finally {
    database.close();
  }
  using reader = new Reader(root);
  const request = { cameraId: archiveCamera(1), window: makeWindow(after(73.48), 20_000) };
  const survey = await surveyFootage(reader, request, { ...AT, source: "video" });
  deepStrictEqual([survey.frames, survey.gaps, survey.gathered.problems], [500, [], []]);
});

Deno.test("makeLoggedDay() makes a log whose lines lie where the rows say", async () => {
  await using folder = await tempFolder();
  strictEqual((await makeLoggedDay(folder.path, 1)).lines, 90_000);
  using reader = new Reader(folder.path);
  const request = { cameraId: LOGGED_CAMERA, window: makeWindow(after(3_400.48), 60_000) };
  const survey = await surveyFootage(reader, request, { ...AT, source: "frames" });
  deepStrictEqual([survey.frames, survey.gaps], [1_500, []]);
});
