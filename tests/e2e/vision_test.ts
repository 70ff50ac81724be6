/**
 * A camera in whose picture something moves, from the stream to the events that a
 * person asks for. The detector is a service of the test's own.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { parseSightLine } from "../../src/model/sight_line.ts";
import { filesBelow } from "../support/archive.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { makeMovingScene, SCENE_FPS, startSeeingService } from "../support/moving_scene.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A white thing goes through the picture from 5 s to 10 s. */
const X = "if(between(t,5,10),(t-5)*110,-300)";

const SECONDS = 14;

Deno.test("what moves in a recorded stream becomes events, pictures and lines of the frame log", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const clip = join(root, "scene.mp4");
  await makeMovingScene(clip, { seconds: SECONDS, x: X });
  await using detector = startSeeingService();
  await writeConfig(
    root,
    "batch: { duration_seconds: 2 }\nstills: { enabled: false }\n" +
      `vision: { enabled: true, detector: "${detector.url}" }\n` +
      `cameras:\n  - { id: front, source: ${clip} }\n`,
  );
  const run = await lookback(["run", "--until-end"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);
  ok(detector.asked.length > 5 && detector.asked.every((each) => each === "front ffd8"));

  const listed = await lookback(["events", "--json"], { cwd: root });
  strictEqual(listed.code, 0, listed.stderr);
  const { events } = JSON.parse(listed.stdout);
  const seen = events.filter(({ kind }: { kind: string }) => /_detected$/.test(kind));
  deepStrictEqual(seen.map(({ kind }: { kind: string }) => kind).toSorted(), [
    "motion_detected",
    "object_detected",
  ]);

  const pictures = (await filesBelow(join(root, "data/events/front"))).filter((path) =>
    path.endsWith(".jpg")
  );
  strictEqual(pictures.length, 4);

  const logs = await filesBelow(join(root, "data/frames/front"));
  const lines = (await Promise.all(logs.map((path) => Deno.readTextFile(path))))
    .flatMap((text) => text.trimEnd().split("\n"));
  const sights = lines.flatMap((line) => parseSightLine(line) ?? []);
  strictEqual(lines.length - sights.length, SECONDS * SCENE_FPS);
  ok(sights.length > 3, `${sights.length} lines of what was seen`);
  const verified = await lookback(["verify"], { cwd: root });
  strictEqual(verified.code, 0, verified.stderr);
});
