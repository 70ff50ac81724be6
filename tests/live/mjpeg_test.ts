import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { mjpegResponse } from "../../src/live/mjpeg.ts";
import { FakeClock } from "../support/fake_clock.ts";

function still(second: number) {
  return { jpeg: Uint8Array.of(0xff, 0xd8, second), atMs: unixMs(second * 1_000) };
}

function open(stills: readonly (ReturnType<typeof still> | undefined)[]) {
  const clock = new FakeClock();
  const left = [...stills];
  const ends: string[] = [];
  const stopping = new AbortController();
  const response = mjpegResponse(() => Promise.resolve(left.shift()), {
    clock,
    signal: stopping.signal,
    onEnd: () => ends.push("end"),
  });
  return { clock, response, ends, stopping, reader: response.body!.getReader() };
}

Deno.test("mjpegResponse() gives each new still once, as a part that takes the place of the last", async () => {
  const { clock, response, reader, ends } = open([still(1), still(1), undefined, still(2)]);
  match(response.headers.get("content-type")!, /^multipart\/x-mixed-replace; boundary=/);
  const boundary = response.headers.get("content-type")!.split("=")[1]!;
  const first = new TextDecoder("latin1").decode((await reader.read()).value);
  strictEqual(first.startsWith(`--${boundary}\r\ncontent-type: image/jpeg\r\n`), true);
  match(first, /content-length: 3\r\nx-lookback-time: 1970-01-01T00:00:01\.000Z\r\n\r\n/);
  const second = reader.read();
  await clock.advance(3_000);
  match(new TextDecoder("latin1").decode((await second).value), /00:00:02\.000Z/);
  deepStrictEqual(ends, []);
  await reader.cancel();
  deepStrictEqual(ends, ["end"]);
});

Deno.test("mjpegResponse() says an old still again, so that nobody takes the answer for dead", async () => {
  const { clock, reader } = open(Array.from({ length: 9 }, () => still(1)));
  await reader.read();
  const again = reader.read();
  await clock.advance(7_000);
  match(new TextDecoder("latin1").decode((await again).value), /00:00:01\.000Z/);
  await reader.cancel();
});

Deno.test("mjpegResponse() ends when it is told to", async () => {
  const { stopping, reader, ends } = open([undefined]);
  const read = reader.read();
  stopping.abort();
  strictEqual((await read).done, true);
  deepStrictEqual(ends, ["end"]);
});

Deno.test("mjpegResponse() ends when it is told to, also where nobody reads it", () => {
  const ends: string[] = [];
  const stopping = new AbortController();
  mjpegResponse(() => Promise.resolve(undefined), {
    clock: new FakeClock(),
    signal: stopping.signal,
    onEnd: () => ends.push("end"),
  });
  stopping.abort();
  deepStrictEqual(ends, ["end"]);
});
