/**
 * Finds the word that a person most likely meant.
 *
 * In:   a word as typed and the words that would be right.
 * Out:  the nearest of them, or null when none is near enough to be a help.
 *
 * @module
 */

/**
 * Finds the candidate nearest to a word, by mistyped, missing, surplus and
 * swapped characters.
 *
 * Case and separators do not count, so "durationSeconds" is "duration_seconds".
 * A third of the characters may be wrong, which lets abbreviations such as
 * "duration_secs" through and keeps unrelated words out. Of candidates equally
 * near the first wins.
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { nearestWord } from "./did_you_mean.ts";
 *
 * strictEqual(nearestWord("sorce", ["id", "name", "source"]), "source");
 * strictEqual(nearestWord("colour", ["id", "name", "source"]), null);
 * ```
 */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  const typed = plain(word);
  let nearest: string | null = null;
  let leastEdits = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const wanted = plain(candidate);
    const allowedEdits = Math.floor(Math.max(typed.length, wanted.length) / 3);
    // Each character of difference in length is an edit, so a long text is
    // turned down here before the table below is filled for it.
    if (Math.abs(typed.length - wanted.length) > allowedEdits) continue;
    const edits = countEdits(typed, wanted);
    if (edits <= allowedEdits && edits < leastEdits) {
      nearest = candidate;
      leastEdits = edits;
    }
  }
  return nearest;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Counts the edits between two words, a swap of neighbours as one (optimal
 * string alignment). Keeps the last three rows of the usual table.
 */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 &&
        from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      ));
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
