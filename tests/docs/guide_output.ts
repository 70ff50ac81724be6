/**
 * Compares what a command of the guide printed with what its page says that it prints.
 *
 * @module
 */

/**
 * How a page's output differs from what was printed: null where it does not. Numbers,
 * times, hashes and folders are others each time; "…" stands for anything.
 */
export function outputDifference(page: string, printed: string): string | null {
  const wanted = page.split(/^…$/m).map(shapeOf).filter((part) => part !== "");
  const found = shapeOf(printed);
  let from = 0;
  for (const part of wanted) {
    const at = matchAt(found, part, from);
    if (at === undefined) return `the page says:\n${part}\nwhat is printed:\n${found.slice(from)}`;
    from = at;
  }
  return null;
}

/** Where a part, in which "…" stands for the rest of a line, ends in a text. */
function matchAt(text: string, part: string, from: number): number | undefined {
  const pattern = part.split("…").map(escaped).join("[^\\n]*");
  const found = new RegExp(pattern).exec(text.slice(from));
  return found === null ? undefined : from + found.index + found[0].length;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Lines without what is different each time. */
function shapeOf(text: string): string {
  return text
    // Spans of time: as many words as they need.
    .replaceAll(/\b\d[\d.]*(?: (?:h|min|s|ms|days?))\b(?: \d[\d.]* (?:min|s|ms)\b)*/g, "SPAN")
    .replaceAll(/\b\d[\d.]* (?:[kMGT]?B)\b/g, "SIZE")
    .replaceAll(/(?:\/[\w.-]+)+\/?/g, "PATH")
    .replaceAll(/\d+/g, "0")
    .replaceAll(/\(0 [\w ]*\)/g, "(0)")
    .split("\n").map((line) => line.replaceAll(/ +/g, " ").trim()).filter((line) => line !== "")
    .join("\n");
}
