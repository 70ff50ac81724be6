/**
 * Takes single points out of a picture of zeros and ones, and closes single
 * holes: each point becomes what most of the nine around it are.
 *
 * Pure.
 *
 * @module
 */

/** Ones among the nine points that make a one. */
export const MAJORITY_OF_NINE = 5;

/** Writes the majority of each point's surroundings; outside the picture all is zero. */
export function majority(
  points: Uint8Array,
  out: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  out.fill(0);
  const first = points.indexOf(1);
  if (first < 0) return;
  const last = points.lastIndexOf(1);
  const top = Math.max(0, Math.floor(first / width) - 1);
  const bottom = Math.min(height - 1, Math.floor(last / width) + 1);
  for (let row = top; row <= bottom; row += 1) {
    const at = row * width;
    const above = row > 0 ? at - width : -1;
    const below = row < height - 1 ? at + width : -1;
    // Sums of three points of a column, from left to right: one is new for each point.
    let left = 0;
    let middle = columnOf(points, { at, above, below });
    for (let column = 0; column < width; column += 1) {
      const next = column + 1;
      const right = next === width ? 0 : points[at + next]! +
        (above < 0 ? 0 : points[above + next]!) + (below < 0 ? 0 : points[below + next]!);
      if (left + middle + right >= MAJORITY_OF_NINE) out[at + column] = 1;
      left = middle;
      middle = right;
    }
  }
}

function columnOf(
  points: Uint8Array,
  { at, above, below }: { readonly at: number; readonly above: number; readonly below: number },
): number {
  return points[at]! + (above < 0 ? 0 : points[above]!) + (below < 0 ? 0 : points[below]!);
}
