/**
 * Breaks text into lines at blanks. Pure.
 *
 * @module
 */

/**
 * @param width Columns of a line; a word that is longer has a line of its own.
 *
 * @returns At least one line.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
