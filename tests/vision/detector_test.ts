import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { Box, Detection } from "../../src/model/vision.ts";
import { LineDetector, type Picture } from "../../src/vision/detector.ts";
import type {
  DetectorAnswer,
  DetectorJob,
  DetectorLine,
} from "../../src/vision/detector_messages.ts";
import { FakeClock } from "../support/fake_clock.ts";

const HERE: readonly Box[] = [{ x: 0.1, y: 0.1, width: 0.5, height: 0.5 }];
const INPUT = { width: 8, height: 8, fit: "stretch" } as const;
const SCORES = { default: 0.4, byClass: { dog: 0.6 } };

/** A picture whose brightness tells it from others. */
function picture(cameraId: string, luma = 100): Picture {
  const yuv = new Uint8Array(16 * 16 * 3 / 2).fill(128);
  yuv.fill(luma, 0, 256);
  return { cameraId, width: 16, height: 16, yuv, atMs: unixMs(1) };
}

/** A detector that answers when the test says so. */
class FakeLine implements DetectorLine {
  readonly jobs: DetectorJob[] = [];
  onAnswer: DetectorLine["onAnswer"] = null;

  send(job: DetectorJob): void {
    this.jobs.push(job);
  }

  answer(answer: Omit<Extract<DetectorAnswer, { type: "seen" }>, "type" | "id" | "tookMs">): void {
    this.onAnswer?.({ type: "seen", id: this.jobs.at(-1)!.id, tookMs: 1, ...answer });
  }

  fail(): void {
    this.onAnswer?.({ type: "not-seen", id: this.jobs.at(-1)!.id, reason: "it broke" });
  }

  /** Brightness of the picture that the last job was cut out of. */
  get luma(): number {
    return Math.round(this.jobs.at(-1)!.crops[0]!.rgb[0]! / 1.164 + 16);
  }
}

function world() {
  const line = new FakeLine();
  const clock = new FakeClock();
  const lost: DetectorLine[] = [];
  const detector = new LineDetector({
    input: INPUT,
    scores: SCORES,
    clock,
    onLost: (each) => lost.push(each),
  });
  detector.addLine(line);
  return { line, clock, lost, detector };
}

function thing(name: string, score: number): Detection {
  return { class: name, score, box: HERE[0]! };
}

Deno.test("LineDetector answers what counts, by the camera's word before the model's", async () => {
  const { line, detector } = world();
  const all = [thing("person", 0.45), thing("dog", 0.5), thing("cat", 0.2)];
  const usual = detector.detect(picture("front"), HERE);
  line.answer({ detections: all });
  deepStrictEqual((await usual)?.map(({ class: name }) => name), ["person"]);
  const own = detector.detect(picture("front"), HERE, { dog: 0.5, person: 0.6, cat: 0.15 });
  strictEqual(line.jobs.at(-1)?.floor, 0.15);
  line.answer({ detections: all });
  deepStrictEqual((await own)?.map(({ class: name }) => name), ["dog", "cat"]);
  await detector.close();
});

Deno.test("LineDetector lets the newest picture of a camera wait, and drops the older one", async () => {
  const { line, detector } = world();
  const first = detector.detect(picture("front", 50), HERE);
  const second = detector.detect(picture("front", 60), HERE);
  const third = detector.detect(picture("front", 70), HERE);
  strictEqual(await second, null);
  strictEqual(detector.counters.waiting, 1);
  line.answer({ detections: [] });
  deepStrictEqual(await first, []);
  strictEqual(line.luma, 70);
  line.answer({ detections: [] });
  deepStrictEqual(await third, []);
  const { asked, looked, dropped } = detector.counters;
  deepStrictEqual({ asked, looked, dropped }, { asked: 3, looked: 2, dropped: 1 });
  await detector.close();
});

Deno.test("LineDetector keeps what waits when the caller uses the picture's memory again", async () => {
  const { line, detector } = world();
  const first = detector.detect(picture("front"), HERE);
  const waiting = picture("yard", 50);
  const second = detector.detect(waiting, HERE);
  waiting.yuv.fill(200);
  line.answer({ detections: [] });
  await first;
  strictEqual(line.luma, 50);
  line.answer({ detections: [] });
  await second;
  await detector.close();
});

Deno.test("LineDetector lets cameras take turns, however often one of them asks", async () => {
  const { line, detector } = world();
  const all = [
    detector.detect(picture("busy", 50), HERE),
    detector.detect(picture("quiet", 60), HERE),
  ];
  const order: number[] = [];
  for (let round = 0; round < 4; round++) {
    all.push(detector.detect(picture("busy", 50), HERE));
    order.push(line.luma);
    line.answer({ detections: [] });
  }
  deepStrictEqual(order, [50, 60, 50, 50]);
  await detector.close();
  await Promise.all(all);
});

Deno.test("LineDetector uses two lines, but never for two pictures of one camera", async () => {
  const { line, detector } = world();
  const other = new FakeLine();
  detector.addLine(other);
  const all = [
    detector.detect(picture("front"), HERE),
    detector.detect(picture("front"), HERE),
    detector.detect(picture("yard"), HERE),
  ];
  deepStrictEqual([line.jobs.length, other.jobs.length], [1, 1]);
  line.answer({ detections: [] });
  strictEqual(line.jobs.length, 2);
  await detector.close();
  deepStrictEqual(await Promise.all(all), [[], null, null]);
});

Deno.test("LineDetector answers null when the detector fails, and goes on", async () => {
  const { line, detector } = world();
  const first = detector.detect(picture("front"), HERE);
  line.fail();
  strictEqual(await first, null);
  const second = detector.detect(picture("front"), HERE);
  line.answer({ detections: [] });
  deepStrictEqual(await second, []);
  strictEqual(detector.counters.failed, 1);
  await detector.close();
});

Deno.test("LineDetector gives up a line that does not answer, and asks another one", async () => {
  const { line, lost, clock, detector } = world();
  const first = detector.detect(picture("front"), HERE);
  const second = detector.detect(picture("yard"), HERE);
  await clock.advance(30_000);
  deepStrictEqual([await first, await second], [null, null]);
  deepStrictEqual(lost, [line]);
  const other = new FakeLine();
  detector.addLine(other);
  const third = detector.detect(picture("front"), HERE);
  other.answer({ detections: [] });
  deepStrictEqual(await third, []);
  strictEqual(clock.sleeping, 0);
  await detector.close();
});

Deno.test("LineDetector keeps one picture of each camera for a detector that takes long", () => {
  const { detector } = world();
  for (let round = 0; round < 500; round++) {
    for (const camera of ["a", "b", "c"]) detector.detect(picture(camera), HERE);
  }
  const { waiting, dropped } = detector.counters;
  deepStrictEqual({ waiting, dropped }, { waiting: 3, dropped: 1_500 - 4 });
  detector.close();
});

Deno.test("LineDetector answers at once when there is nothing to look at, or nobody to ask", async () => {
  const { line, detector } = world();
  deepStrictEqual(await detector.detect(picture("front"), []), []);
  strictEqual(line.jobs.length, 0);
  detector.removeLine(line);
  strictEqual(await detector.detect(picture("front"), HERE), null);
  await detector.close();
  ok(detector.counters.waiting === 0);
});
