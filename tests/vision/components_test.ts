import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Component, ComponentFinder } from "../../src/vision/components.ts";
import { majority } from "../../src/vision/motion_majority.ts";

const WIDTH = 12;
const HEIGHT = 9;

const pictures = fc.array(fc.integer({ min: 0, max: 1 }), {
  minLength: WIDTH * HEIGHT,
  maxLength: WIDTH * HEIGHT,
}).map((points) => Uint8Array.from(points));

/** The same by filling each piece from its first point. */
function filled(points: Uint8Array, marks: Uint8Array): Component[] {
  const rest = Uint8Array.from(points);
  const found: Component[] = [];
  for (let at = rest.indexOf(1); at >= 0; at = rest.indexOf(1)) {
    const piece: number[] = [];
    const open = [at];
    rest[at] = 0;
    while (open.length > 0) {
      const point = open.pop()!;
      piece.push(point);
      const column = point % WIDTH;
      for (const [across, down] of NEIGHBOURS) {
        const next = point + across + down * WIDTH;
        if (column + across < 0 || column + across >= WIDTH || rest[next] !== 1) continue;
        rest[next] = 0;
        open.push(next);
      }
    }
    const columns = piece.map((point) => point % WIDTH);
    const rows = piece.map((point) => Math.floor(point / WIDTH));
    found.push({
      left: Math.min(...columns),
      top: Math.min(...rows),
      right: Math.max(...columns) + 1,
      bottom: Math.max(...rows) + 1,
      size: piece.length,
      marked: piece.filter((point) => marks[point] === 1).length,
    });
  }
  return found;
}

const NEIGHBOURS = [-1, 0, 1].flatMap((down) =>
  [-1, 0, 1].map((across) => [across, down] as const)
);

function inOrder(pieces: readonly Component[]): Component[] {
  return pieces.toSorted((a, b) => a.top - b.top || a.left - b.left || a.size - b.size);
}

Deno.test("ComponentFinder finds the pieces that filling finds", () => {
  const finder = new ComponentFinder({ width: WIDTH, height: HEIGHT });
  fc.assert(fc.property(pictures, pictures, (points, marks) => {
    deepStrictEqual(
      inOrder(finder.find(points, { marks: Int32Array.from(marks), markedFrom: 1, leastSize: 1 })),
      inOrder(filled(points, marks)),
    );
  }));
});

Deno.test("ComponentFinder leaves small pieces out and has the largest first", () => {
  const points = Uint8Array.from("1100000111" + "1100000111" + "0000000000" + "0001000000", Number);
  const finder = new ComponentFinder({ width: 10, height: 4 });
  const found = finder.find(points, {
    marks: Int32Array.from(points),
    markedFrom: 1,
    leastSize: 2,
  });
  deepStrictEqual(found.map(({ size, left }) => [size, left]), [[6, 7], [4, 0]]);
});

Deno.test("majority() makes of each point what most of the nine around it are", () => {
  fc.assert(fc.property(pictures, (points) => {
    const out = new Uint8Array(points.length);
    majority(points, out, { width: WIDTH, height: HEIGHT });
    const want = points.map((_, at) => {
      const column = at % WIDTH;
      const ones = NEIGHBOURS.filter(([across, down]) =>
        column + across >= 0 && column + across < WIDTH && points[at + across + down * WIDTH] === 1
      );
      return ones.length >= 5 ? 1 : 0;
    });
    deepStrictEqual(out, want);
  }));
});
