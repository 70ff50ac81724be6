import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { Box, Detection, Sight } from "../../src/model/vision.ts";
import type { VisionSettings } from "../../src/model/vision_settings.ts";
import { CameraEye, type Glance } from "../../src/vision/camera_eye.ts";
import type { EventChange } from "../../src/vision/messages.ts";
import { GrayScene, type PictureOptions } from "../support/gray_scene.ts";
import { motionEvents, objectEvents, visionSettings } from "../support/sights.ts";

const CAR_GRAY = 210;

function carAt(x: number): Box {
  return { x, y: 0.4, width: 0.2, height: 0.25 };
}

/** An eye, a scene in front of it, and a detector that sees what is in the scene. */
class Watched {
  readonly eye: CameraEye;
  readonly changes: EventChange[] = [];
  readonly #scene = new GrayScene({ width: 320, height: 180 });

  constructor(settings: Partial<VisionSettings> = {}) {
    this.eye = new CameraEye(visionSettings(settings), "front");
  }

  /** Looks at the next picture, with cars at these places. */
  look(cars: readonly number[], options: PictureOptions = {}): { glance: Glance; sight: Sight } {
    const things = cars.map((x) => ({ box: carAt(x), gray: CAR_GRAY }));
    const picture = this.#scene.picture({ ...options, things });
    const glance = this.eye.look(picture);
    const detections: Detection[] = cars.map((x) => ({
      class: "vehicle",
      score: 0.7,
      box: carAt(x),
    }));
    const { moving, regions } = glance;
    const sight = {
      cameraId: "front",
      atMs: picture.atMs,
      frame: null,
      moving,
      detections: regions.length > 0 ? detections : null,
    };
    return { glance, sight };
  }

  see(sight: Sight): void {
    this.changes.push(...this.eye.see(sight));
  }

  show(cars: readonly number[], options: PictureOptions = {}): Glance {
    const { glance, sight } = this.look(cars, options);
    this.see(sight);
    return glance;
  }

  /** Two seconds of the empty scene. */
  settle(): this {
    for (let picture = 0; picture < 10; picture += 1) this.show([]);
    return this;
  }
}

const DRIVE = [0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.36, 0.42, 0.48, 0.54, 0.6];

Deno.test("CameraEye asks for the parts that move, and makes events of what is found there", () => {
  const watched = new Watched().settle();
  for (const x of DRIVE) {
    const { moving, regions: [region] } = watched.show([x]);
    strictEqual(moving.length, 1);
    ok(region!.x <= x + 0.01 && region!.x + region!.width >= x + 0.19);
  }
  watched.changes.push(...watched.eye.finish());
  deepStrictEqual(objectEvents(watched.changes).map((event) => event.class), ["vehicle"]);
  strictEqual(motionEvents(watched.changes).length, 1);
});

Deno.test("CameraEye asks for nothing where only movement is looked for", () => {
  const watched = new Watched({ detector: { kind: "motion" } }).settle();
  for (const x of DRIVE) {
    const { moving, regions } = watched.show([x]);
    deepStrictEqual([moving.length, regions.length], [1, 0]);
  }
});

Deno.test("CameraEye makes no event of a light that goes on and off", () => {
  const watched = new Watched().settle();
  for (const light of [{ gain: 1, offset: 50 }, { gain: 1, offset: 0 }, { gain: 0.4, offset: 0 }]) {
    for (let picture = 0; picture < 8; picture += 1) watched.show([], { light });
  }
  deepStrictEqual([...watched.changes, ...watched.eye.finish()], []);
});

Deno.test("CameraEye makes no event of what moves in a mask", () => {
  const masks = [[{ x: 0, y: 0.3 }, { x: 1, y: 0.3 }, { x: 1, y: 0.7 }, { x: 0, y: 0.7 }]];
  const watched = new Watched({ masks }).settle();
  for (const x of DRIVE) watched.show([x]);
  deepStrictEqual([...watched.changes, ...watched.eye.finish()], []);
});

Deno.test("CameraEye makes the same events of answers that come late and out of order", () => {
  const inTime = new Watched().settle();
  const late = new Watched().settle();
  for (const x of DRIVE) inTime.show([x]);
  const sights = DRIVE.map((x) => late.look([x]).sight);
  for (const index of [2, 0, 1, 5, 4, 3, 10, 9, 8, 7, 6]) late.see(sights[index]!);
  const events = (watched: Watched) =>
    [...watched.changes, ...watched.eye.finish()]
      .filter(({ change }) => change === "ended").map(({ event }) => event);
  deepStrictEqual(events(late), events(inTime));
});

Deno.test("CameraEye goes on without a picture whose answer does not come within 5 s", () => {
  const watched = new Watched().settle();
  watched.look([0.5]);
  for (let picture = 0; picture < 26; picture += 1) watched.show([0.1 + picture * 0.02]);
  ok(objectEvents(watched.changes).length > 0);
});

Deno.test("CameraEye asks once a second for a car that has stopped", () => {
  const watched = new Watched().settle();
  for (const x of DRIVE) watched.show([x]);
  const asked = Array.from({ length: 50 }, () => watched.show([0.6]))
    .filter(({ moving, regions }) => moving.length === 0 && regions.length > 0);
  ok(asked.length >= 7 && asked.length <= 10, `asked ${asked.length} times in 10 s`);
});

Deno.test("CameraEye ends its events when the clock is put back, and goes on", () => {
  const watched = new Watched().settle();
  for (const x of DRIVE) watched.show([x]);
  const scene = new GrayScene({ width: 320, height: 180 });
  const atMs = (ms: number) => unixMs(ms - 3_600_000);
  for (let picture = 0; picture < 3; picture += 1) {
    const next = scene.picture();
    const earlier = { ...next, atMs: atMs(next.atMs) };
    const { moving } = watched.eye.look(earlier);
    watched.see({ cameraId: "front", atMs: earlier.atMs, frame: null, moving, detections: null });
  }
  const ended = watched.changes.filter(({ change }) => change === "ended");
  deepStrictEqual(ended.map(({ event }) => event.kind), ["motion_detected", "object_detected"]);
});
