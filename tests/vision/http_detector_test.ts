import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { unixMs } from "../../src/base/units.ts";
import type { Picture } from "../../src/vision/detector.ts";
import { HttpDetector } from "../../src/vision/http_detector.ts";
import { readAnswer } from "../../src/vision/http_detector_answer.ts";
import { encodeJpeg } from "../../src/vision/http_detector_jpeg.ts";
import { FakeClock } from "../support/fake_clock.ts";

const HERE = [{ x: 0, y: 0, width: 1, height: 1 }];
const SIZE = { width: 640, height: 360 };
const PERSON = { class: "Person", confidence: 0.9 };

/** Brightness from left to right, a colour from top to bottom. */
function picture(width = 64, height = 32, cameraId = "front"): Picture {
  const yuv = new Uint8Array(width * height * 3 / 2).fill(128);
  for (let at = 0; at < width * height; at++) yuv[at] = 16 + 219 * (at % width) / width;
  const half = width / 2;
  for (let at = 0; at < half * height / 2; at++) yuv[width * height + at] = 90 + (at / half | 0);
  return { cameraId, width, height, yuv, atMs: unixMs(Date.UTC(2026, 10, 21)) };
}

interface Service extends AsyncDisposable {
  readonly url: string;
}

/** An inference service that answers as the test says. */
function service(
  answer: (form: FormData, request: Request) => Promise<Response> | Response,
): Service {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => await answer(await request.formData(), request),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/detect`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("HttpDetector posts picture, time and camera, and reads what was found", async () => {
  const seen: Record<string, unknown> = {};
  await using server = service(async (form, request) => {
    const frame = form.get("frame") as File;
    const bytes = new Uint8Array(await frame.arrayBuffer());
    Object.assign(seen, {
      type: frame.type,
      starts: [...bytes.subarray(0, 3)],
      timestamp: form.get("timestamp"),
      cameraId: form.get("cameraId"),
      login: request.headers.get("authorization"),
    });
    return Response.json({
      detections: [
        { ...PERSON, x: 0.25, y: 0.5, width: 0.25, height: 0.5 },
        { class: "cat", confidence: 0.1, x: 0, y: 0, width: 1, height: 1 },
      ],
    });
  });
  const url = server.url.replace("//", "//me:secret@");
  const detector = new HttpDetector({ url, timeoutMs: 5_000, clock: systemClock });
  deepStrictEqual(await detector.detect(picture(), HERE), [{
    class: "person",
    score: 0.9,
    box: { x: 0.25, y: 0.5, width: 0.25, height: 0.5 },
  }]);
  deepStrictEqual(seen, {
    type: "image/jpeg",
    starts: [0xff, 0xd8, 0xff],
    timestamp: "2026-11-21T00:00:00.000Z",
    cameraId: "front",
    login: `Basic ${btoa("me:secret")}`,
  });
  await detector.close();
});

Deno.test("HttpDetector has one picture under way and one waiting, the newest of all cameras", async () => {
  const asked: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using server = service(async (form) => {
    asked.push(form.get("cameraId"));
    arrived.resolve();
    await gate.promise;
    return Response.json({ detections: [] });
  });
  const detector = new HttpDetector({ url: server.url, timeoutMs: 5_000, clock: systemClock });
  const all = ["a", "b", "c"].map((camera) => detector.detect(picture(64, 32, camera), HERE));
  await arrived.promise;
  strictEqual(await all[1], null);
  gate.resolve();
  deepStrictEqual(await Promise.all(all), [[], null, []]);
  deepStrictEqual(asked, ["a", "c"]);
  await detector.close();
});

const FAULTS = [
  { name: "an error", answer: () => new Response("no", { status: 500 }) },
  { name: "no JSON", answer: () => new Response("<html>") },
  { name: "another form", answer: () => Response.json({ predictions: [] }) },
  { name: "more than a megabyte", answer: () => new Response("x".repeat(1_100_000)) },
  { name: "a redirection", answer: () => Response.redirect("http://127.0.0.1:1/", 307) },
] as const;

for (const { name, answer } of FAULTS) {
  Deno.test(`HttpDetector answers null to ${name}, and asks again after a pause`, async () => {
    let requests = 0;
    await using server = service(() => {
      requests += 1;
      return requests === 1 ? answer() : Response.json({ detections: [] });
    });
    const clock = new FakeClock();
    const detector = new HttpDetector({ url: server.url, timeoutMs: 5_000, clock });
    strictEqual(await detector.detect(picture(), HERE), null);
    strictEqual(await detector.detect(picture(), HERE), null);
    strictEqual(requests, 1);
    await clock.advance(1_000);
    deepStrictEqual(await detector.detect(picture(), HERE), []);
    const { asked, looked, failed, dropped } = detector.counters;
    deepStrictEqual({ asked, looked, failed, dropped }, {
      asked: 3,
      looked: 1,
      failed: 1,
      dropped: 1,
    });
    await detector.close();
  });
}

Deno.test("HttpDetector gives up a service that does not answer in time, or is not there", async () => {
  const gate = Promise.withResolvers<void>();
  {
    await using server = service(async () => {
      await gate.promise;
      return Response.json({ detections: [] });
    });
    const detector = new HttpDetector({ url: server.url, timeoutMs: 50, clock: new FakeClock() });
    strictEqual(await detector.detect(picture(), HERE), null);
    await detector.close();
    gate.resolve();
  }
  const nobody = new HttpDetector({
    url: "http://127.0.0.1:1/",
    timeoutMs: 1_000,
    clock: new FakeClock(),
  });
  strictEqual(await nobody.detect(picture(), HERE), null);
  strictEqual(nobody.counters.failed, 1);
  await nobody.close();
});

Deno.test("HttpDetector closes while a picture is under way", async () => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using server = service(async () => {
    arrived.resolve();
    await gate.promise;
    return Response.json({ detections: [] });
  });
  const detector = new HttpDetector({ url: server.url, timeoutMs: 60_000, clock: systemClock });
  const asked = detector.detect(picture(), HERE);
  await arrived.promise;
  await detector.close();
  strictEqual(await asked, null);
  gate.resolve();
});

Deno.test("readAnswer() takes pixels and fractions, and cuts boxes at the picture's edge", () => {
  const box = { x: 0.5, y: 0.25, width: 0.25, height: 0.5 };
  const answer = (where: unknown) =>
    readAnswer(JSON.stringify({ detections: [{ ...PERSON, ...where as object }] }), SIZE);
  deepStrictEqual(answer(box)[0]?.box, box);
  deepStrictEqual(answer({ x: 320, y: 90, width: 160, height: 180 })[0]?.box, box);
  deepStrictEqual(answer({ x: -32, y: 180, width: 64, height: 360 })[0]?.box, {
    x: 0,
    y: 0.5,
    width: 0.05,
    height: 0.5,
  });
  deepStrictEqual(answer({ x: 700, y: 0, width: 10, height: 10 }), []);
});

Deno.test("readAnswer() names what is wrong", () => {
  const wrong = JSON.stringify({ detections: [{ ...PERSON, x: 0, y: 0, width: "1", height: 1 }] });
  throws(() => readAnswer(wrong, SIZE), /detections\.0\.width/);
});

/** Decodes with ffmpeg, back to what the encoder got. */
async function decoded(jpeg: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-f", "image2pipe", "-c:v", "mjpeg", "-i", "-"],
      ...["-vf", "scale=in_range=full:out_range=tv", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const written = new Response(jpeg).body!.pipeTo(child.stdin);
  const { stdout } = await child.output();
  await written;
  return stdout;
}

for (const [width, height] of [[64, 32], [70, 38]] as const) {
  Deno.test(`encodeJpeg() makes a JPEG of ${width} x ${height} that ffmpeg reads as it was`, async () => {
    const { yuv } = picture(width, height);
    const back = await decoded(encodeJpeg({ width, height, yuv }));
    strictEqual(back.length, yuv.length);
    const squares = yuv.reduce((sum, value, at) => sum + (value - back[at]!) ** 2, 0);
    ok(squares / yuv.length < 4, `mean square error ${squares / yuv.length}`);
  });
}

Deno.test("HttpDetector refuses an address that is none", () => {
  throws(() => new HttpDetector({ url: "detector", timeoutMs: 1, clock: systemClock }), TypeError);
});
