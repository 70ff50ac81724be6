import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { logger } from "../../src/base/log.ts";
import { unixMs } from "../../src/base/units.ts";
import { identifyRoot } from "../../src/host/root_identity.ts";
import type { VisionEvent } from "../../src/model/vision.ts";
import { EventPictures } from "../../src/vision/event_pictures.ts";
import { tempFolder } from "../support/temp_folder.ts";

const AT = unixMs(Date.parse("2026-11-21T20:57:09Z"));
const BOX = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
const PICTURE = { width: 64, height: 36, yuv: new Uint8Array(64 * 36 * 1.5).fill(100), atMs: AT };

const EVENT: VisionEvent = {
  eventId: "front-1",
  cameraId: "front",
  kind: "motion_detected",
  class: null,
  startMs: AT,
  endMs: null,
  score: 0.5,
  best: { atMs: AT, box: BOX, score: 0.5, wholePath: null, cropPath: null },
  trace: [],
  zones: [],
  crossings: [],
};

Deno.test("EventPictures leaves pictures out while there is no room on the disk, and counts them", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const rootIdentity = await identifyRoot(root);
  const log = logger("test");
  const pictures = new EventPictures({ root, rootIdentity, ffmpegPath: "ffmpeg", log });
  pictures.consider(EVENT, PICTURE);
  pictures.setRoom(false);
  strictEqual((await pictures.write(EVENT)).best.wholePath, null);
  deepStrictEqual(pictures.missing, { lost: 0, leftOut: 1 });
  pictures.setRoom(true);
  const { best: { wholePath, cropPath } } = await pictures.write(EVENT);
  ok(wholePath !== null && cropPath !== null);
  for (const path of [wholePath, cropPath]) ok((await Deno.stat(join(root, path))).size > 0);
  deepStrictEqual(pictures.missing, { lost: 0, leftOut: 1 });
});
