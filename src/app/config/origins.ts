/**
 * Says where a setting's value comes from: a flag, the environment, a line of the
 * file, or the defaults.
 *
 * In:   the file's text and the values that take the place of the file's.
 * Out:  an {@linkcode Origin} for each key.
 * Not here: the values themselves (layers.ts).
 *
 * Pure.
 *
 * @module
 */

import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter } from "yaml";
import { parseDocument } from "yaml";
import type { KeyPath } from "../../base/yaml_mistakes.ts";
import type { Assignment } from "./environment.ts";

/** Where a value comes from. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly line: number }
  /** A flag or a variable, by its name. */
  | { readonly kind: "assigned"; readonly label: string };

/** Lines that keys stand on, counted from 1, by {@linkcode keyText}. */
export type KeyLines = ReadonlyMap<string, number>;

/** A key as people write it: `cameras[0].source`. */
export function keyText(path: KeyPath): string {
  return path.map((step, index) => {
    if (typeof step === "number") return `[${step}]`;
    return index === 0 ? String(step) : `.${String(step)}`;
  }).join("");
}

/** True when a key is another one or lies below it: `cameras[0].id` below `cameras`. */
export function liesBelow(key: string, above: string): boolean {
  return key === above || (key.startsWith(above) && /^[.[]/.test(key.slice(above.length)));
}

/**
 * Finds the line of each key in a text that has been checked.
 *
 * What an alias stands for has the line of the alias, as in mistakes.
 */
export function keyLines(text: string): KeyLines {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, stringKeys: true });
  const lines = new Map<string, number>();
  walk(document.contents, { path: [], document, counter, lines, aliasOffset: null });
  return lines;
}

interface Walk {
  readonly path: KeyPath;
  readonly document: Document;
  readonly counter: LineCounter;
  readonly lines: Map<string, number>;
  /** Start of the alias that leads here. */
  readonly aliasOffset: number | null;
}

function walk(node: unknown, at: Walk): void {
  if (isAlias(node)) {
    const aliasOffset = at.aliasOffset ?? node.range?.[0] ?? 0;
    walk(node.resolve(at.document), { ...at, aliasOffset });
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key)) visit({ name: String(key.value), start: key, value }, at);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      visit({ name: index, start: item, value: item }, at);
    }
  }
}

function visit(
  part: { readonly name: string | number; readonly start: unknown; readonly value: unknown },
  at: Walk,
): void {
  const path = [...at.path, part.name];
  const offset = at.aliasOffset ?? (isNode(part.start) ? part.start.range?.[0] : undefined) ?? 0;
  at.lines.set(keyText(path), at.counter.linePos(offset).line);
  walk(part.value, { ...at, path });
}

/**
 * The origin of a key's value. Of several assignments the last one counts; below
 * an assigned key the file has no say.
 */
export function originOf(
  path: KeyPath,
  sources: { readonly assignments: readonly Assignment[]; readonly lines: KeyLines },
): Origin {
  const key = keyText(path);
  const assigned = sources.assignments.findLast((each) => liesBelow(key, keyText(each.path)));
  if (assigned !== undefined) {
    return isSet(assigned.value, path.slice(assigned.path.length))
      ? { kind: "assigned", label: assigned.label }
      : { kind: "default" };
  }
  const line = sources.lines.get(key);
  return line === undefined ? { kind: "default" } : { kind: "file", line };
}

function isSet(value: unknown, path: KeyPath): boolean {
  let part = value;
  for (const step of path) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, step)) return false;
    part = (part as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return true;
}
