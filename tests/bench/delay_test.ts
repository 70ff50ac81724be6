import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { cutFlv } from "../../src/bench/delay_camera.ts";
import { delayFigures, reachedAtMs } from "../../src/bench/delay_moments.ts";

function tag(type: number, content: readonly number[]): number[] {
  return [type, 0, 0, content.length, ...Array<number>(7).fill(0), ...content, 0, 0, 0, 0];
}

Deno.test("cutFlv() keeps what comes before the first frame, then a tag for each frame", () => {
  const head = [...Array<number>(13).fill(0), ...tag(18, [1, 2]), ...tag(9, [0x17, 0, 0, 0, 0, 5])];
  const key = tag(9, [0x17, 1, 0, 0, 0, 10, 11, 12]);
  const other = tag(9, [0x27, 1, 0, 0, 0, 20]);
  const end = tag(9, [0x17, 2, 0, 0, 0]);
  const film = cutFlv(Uint8Array.from([...head, ...key, ...other, ...end]));
  deepStrictEqual([...film.head], head);
  deepStrictEqual(film.frames.map((each) => [...each]), [key, other]);
  deepStrictEqual(film.sizes, [3, 1]);
});

Deno.test("reachedAtMs() gives the first sight of a file that is long enough", () => {
  const growth = [{ atMs: 5, sizeBytes: 10 }, { atMs: 9, sizeBytes: 30 }];
  strictEqual(reachedAtMs(growth, 10), 5);
  strictEqual(reachedAtMs(growth, 11), 9);
  strictEqual(reachedAtMs(growth, 31), undefined);
});

Deno.test("delayFigures() gives a sample for each window, but not for a piece of one", () => {
  const delays = Array.from({ length: 11 }, (_, index) => ({
    leftAtMs: 1_000 + index * 20,
    delayMs: index < 5 ? 100 : 300,
  }));
  deepStrictEqual(delayFigures("Frame to disk", delays, 100), [
    { name: "Frame to disk, p50", unit: "ms", samples: [100, 300] },
    { name: "Frame to disk, p99", unit: "ms", samples: [100, 300] },
  ]);
});
