/**
 * Amounts of storage as people write them: "500 GB", "20 GiB", a number of bytes.
 *
 * @module
 */

/** What {@linkcode parseSize} makes of a text; nothing where it is no size. */
export type ParsedSize = number | undefined;

const KILO = 1_000;
const KIBI = 1_024;

/** Bytes of each unit, by its name in lower case. */
const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ...["k", "m", "g", "t", "p"].flatMap((letter, index): [string, number][] => [
    [`${letter}b`, KILO ** (index + 1)],
    [`${letter}ib`, KIBI ** (index + 1)],
  ]),
]);

/**
 * Reads an amount of storage. Units count in thousands as disks are sold
 * ("GB"), or in steps of 1024 ("GiB"); upper and lower case are the same.
 *
 * @param written A text with a unit, or a number of bytes.
 * @returns Whole bytes, 0 or more.
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { parseSize } from "./size.ts";
 *
 * strictEqual(parseSize("1.5 GB"), 1_500_000_000);
 * strictEqual(parseSize("20 GiB"), 20 * 1_024 ** 3);
 * strictEqual(parseSize("plenty"), undefined);
 * ```
 */
export function parseSize(written: string | number): ParsedSize {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(String(written).trim().toLowerCase());
  const unit = UNIT_BYTES.get(match?.[2] ?? "");
  if (match === null || unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/**
 * Reads a share of a disk, such as "5%" or "2.5 %".
 *
 * @returns From 0 to 1; undefined for everything else.
 */
export function parseShare(written: string | number): number | undefined {
  const percent = Number(/^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(String(written))?.[1]);
  return percent <= 100 ? percent / 100 : undefined;
}
