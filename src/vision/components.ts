/**
 * Connected pieces of a picture of zeros and ones: which points belong together.
 *
 * Works on runs of points in a row, joined with those that they touch in the row
 * above (corners count), so that a picture with little in it costs little. Keeps
 * its memory from picture to picture.
 *
 * Pure.
 *
 * @module
 */

/** A connected piece, in points of the grid; ends are excluded. */
export interface Component {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Points in it. */
  readonly size: number;
  /** Points in it that are marked. */
  readonly marked: number;
}

interface Marking {
  readonly marks: Int32Array;
  readonly markedFrom: number;
}

/** Numbers kept for each piece: left, top, right, bottom, size, marked. */
const FIELDS = 6;

export class ComponentFinder {
  readonly #width: number;
  readonly #runStart: Int32Array;
  readonly #runEnd: Int32Array;
  /** The run that a run is joined with; itself where it is the first of its piece. */
  readonly #parent: Int32Array;
  readonly #sums: Int32Array;

  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    this.#width = width;
    const mostRuns = Math.ceil(width / 2) * height;
    this.#runStart = new Int32Array(mostRuns);
    this.#runEnd = new Int32Array(mostRuns);
    this.#parent = new Int32Array(mostRuns);
    this.#sums = new Int32Array(mostRuns * FIELDS);
  }

  /**
   * Finds the pieces of at least `leastSize` points, the largest first.
   *
   * @param points A byte for each point; all but 0 counts.
   * @param asked.marks A number for each point: it is marked from `markedFrom` on.
   */
  find(
    points: Uint8Array,
    { leastSize, ...marking }: Marking & { readonly leastSize: number },
  ): Component[] {
    const runs = this.#joinRuns(points, marking);
    const found: Component[] = [];
    for (let run = 0; run < runs; run += 1) {
      if (this.#parent[run] !== run) continue;
      const [left, top, right, bottom, size, marked] = this.#sums.subarray(run * FIELDS);
      if (size! < leastSize) continue;
      found.push({
        left: left!,
        top: top!,
        right: right!,
        bottom: bottom!,
        size: size!,
        marked: marked!,
      });
    }
    return found.sort((a, b) => b.size - a.size);
  }

  /** Collects all runs row by row and joins them. Returns how many there are. */
  #joinRuns(points: Uint8Array, { marks, markedFrom }: Marking): number {
    const width = this.#width;
    let runs = 0;
    let row = -1;
    let rowFrom = 0;
    let above = { from: 0, to: 0 };
    // The engine's own search passes over what is empty.
    let at = points.indexOf(1);
    while (at >= 0) {
      const atRow = Math.floor(at / width);
      if (atRow !== row) {
        above = { from: atRow === row + 1 ? rowFrom : runs, to: runs };
        rowFrom = runs;
        row = atRow;
      }
      const base = row * width;
      const start = at;
      let marked = 0;
      while (at < base + width && points[at] === 1) {
        if (marks[at]! >= markedFrom) marked += 1;
        at += 1;
      }
      this.#openRun(runs, { start: start - base, end: at - base, row, marked });
      this.#joinAbove(runs, above);
      runs += 1;
      at = points.indexOf(1, at);
    }
    return runs;
  }

  #openRun(
    run: number,
    { start, end, row, marked }: {
      readonly start: number;
      readonly end: number;
      readonly row: number;
      readonly marked: number;
    },
  ): void {
    this.#runStart[run] = start;
    this.#runEnd[run] = end;
    this.#parent[run] = run;
    const at = run * FIELDS;
    this.#sums[at] = start;
    this.#sums[at + 1] = row;
    this.#sums[at + 2] = end;
    this.#sums[at + 3] = row + 1;
    this.#sums[at + 4] = end - start;
    this.#sums[at + 5] = marked;
  }

  /** Joins a run with those of the row above that it touches, also at a corner. */
  #joinAbove(run: number, above: { readonly from: number; readonly to: number }): void {
    const start = this.#runStart[run]!;
    const end = this.#runEnd[run]!;
    for (let other = above.from; other < above.to; other += 1) {
      if (this.#runStart[other]! > end) break;
      if (this.#runEnd[other]! >= start) this.#join(other, run);
    }
  }

  #join(a: number, b: number): void {
    const first = Math.min(this.#rootOf(a), this.#rootOf(b));
    const second = Math.max(this.#rootOf(a), this.#rootOf(b));
    if (first === second) return;
    this.#parent[second] = first;
    const sums = this.#sums;
    const to = first * FIELDS;
    const from = second * FIELDS;
    sums[to] = Math.min(sums[to]!, sums[from]!);
    sums[to + 1] = Math.min(sums[to + 1]!, sums[from + 1]!);
    sums[to + 2] = Math.max(sums[to + 2]!, sums[from + 2]!);
    sums[to + 3] = Math.max(sums[to + 3]!, sums[from + 3]!);
    sums[to + 4]! += sums[from + 4]!;
    sums[to + 5]! += sums[from + 5]!;
  }

  #rootOf(run: number): number {
    let root = run;
    while (this.#parent[root] !== root) {
      // Halves the way for the next one that goes it.
      this.#parent[root] = this.#parent[this.#parent[root]!]!;
      root = this.#parent[root]!;
    }
    return root;
  }
}
