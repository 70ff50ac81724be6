/**
 * Where commands print: results on standard output, everything else on standard
 * error. Progress and colours only where a person looks.
 *
 * @module
 */

import process from "node:process";

/** True when a person reads standard output. */
export function isTerminal(): boolean {
  return Deno.stdout.isTerminal();
}

/** Prints a result line. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line for people, beside the results. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints a value as JSON for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Width of the terminal in characters; 80 where there is none. */
export function columns(): number {
  return isTerminal() ? Deno.consoleSize().columns : 80;
}

/** Bytes as people read them: "12.3 MB". Steps of 1000, as disks are sold. */
export function formatBytes(sizeBytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
