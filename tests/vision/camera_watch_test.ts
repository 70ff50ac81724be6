import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import { systemClock } from "../../src/base/clock.ts";
import { logger } from "../../src/base/log.ts";
import { unixMs } from "../../src/base/units.ts";
import { TOLD_BYTES } from "../../src/model/taken_bytes.ts";
import type { FromTap, ToTap } from "../../src/model/tap.ts";
import type { Detection, Sight } from "../../src/model/vision.ts";
import type { VisionSettings } from "../../src/model/vision_settings.ts";
import { CameraWatch } from "../../src/vision/camera_watch.ts";
import { EventPictures } from "../../src/vision/event_pictures.ts";
import { makeMovingScene } from "../support/moving_scene.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

const ORIGIN = unixMs(Date.parse("2026-11-21T20:57:09Z"));

const SETTINGS: VisionSettings = {
  fps: 5,
  source: null,
  detector: { kind: "builtin" },
  sensitivity: 0.5,
  masks: [],
  zones: [],
  lines: [],
  classes: null,
  minScore: {},
};

const PERSON: Detection = {
  class: "person",
  score: 0.8,
  box: { x: 0.1, y: 0.4, width: 0.1, height: 0.35 },
};

Deno.test("CameraWatch tells of what is in its pictures, and once when nothing is any more", async () => {
  await using folder = await tempFolder();
  const clip = `${folder.path}/scene.mp4`;
  // Out of the picture until 3 s, and from 5 s on.
  await makeMovingScene(clip, { seconds: 8, x: "if(between(t,3,5),(t-3)*280,-300)" });
  const { start, fragments } = readStream(await recordFile(clip));
  const log = logger("test");
  const place = { root: folder.path, rootIdentity: "none", ffmpegPath: "ffmpeg", log };
  const sights: Sight[] = [];
  const watch = new CameraWatch({
    cameraId: "front",
    settings: SETTINGS,
    ffmpegPath: "ffmpeg",
    detector: { detect: () => Promise.resolve([PERSON]) },
    pictures: new EventPictures(place),
    clock: systemClock,
    log,
    onChange: () => {},
    onSight: (sight) => sights.push(sight),
  });
  const { port1, port2 } = new MessageChannel();
  let takenBytes = 0;
  port1.onmessage = ({ data }: MessageEvent<ToTap>) => {
    if (data.type === "taken") takenBytes += data.bytes;
  };
  watch.listen(port2);
  const say = (message: FromTap) => port1.postMessage(message);
  const { timescale, width, height } = start.init.video;
  const initSegment = joined([start.ftyp, start.moov]);
  say({ type: "start", run: 7, initSegment, timescale, width, height });
  for (const { bytes, samples: { video } } of fragments) {
    const isKey = video[0]?.isKey ?? false;
    say({ type: "fragment", bytes, isKey, frames: video.length, originMs: ORIGIN });
  }
  const offered = fragments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  ok(offered > TOLD_BYTES, `${offered} bytes`);
  const isTaken = () => takenBytes <= offered && takenBytes > offered - TOLD_BYTES;
  await until(isTaken, { limitMs: 20_000, what: "all fragments" });
  await until(() => watch.status.pictures >= 38, { limitMs: 20_000, what: "all pictures" });
  await watch.close();
  port1.close();
  const seconds = (sight: Sight) => (sight.atMs - ORIGIN) / 1_000;
  ok(sights.length >= 8 && sights.length <= 16, `${sights.length} sights`);
  ok(seconds(sights[0]!) > 2.9 && seconds(sights[0]!) < 3.9, `first at ${seconds(sights[0]!)} s`);
  const [empty, ...others] = sights.filter(({ moving, detections }) =>
    moving.length === 0 && (detections ?? []).length === 0
  );
  deepStrictEqual([empty, others], [sights.at(-1), []]);
  ok(sights.some(({ moving, detections }) => moving.length > 0 && detections?.length === 1));
  strictEqual(sights[0]?.frame?.run, 7);
});
