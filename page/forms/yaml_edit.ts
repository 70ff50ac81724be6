/**
 * Changes single values in the text of a settings file and leaves all else as it
 * is: comments, order, quotes.
 *
 * @module
 */

import { type Document, isMap, isSeq, parseDocument } from "yaml";

export type Path = readonly (string | number)[];

/** A text as it stands; `isSound` false where it is no YAML and can't be edited by fields. */
export interface ReadYaml {
  readonly document: Document.Parsed;
  readonly isSound: boolean;
}

export function readYaml(text: string): ReadYaml {
  const document = parseDocument(text, { keepSourceTokens: true });
  return { document, isSound: document.errors.length === 0 };
}

/** The value at a path; undefined where nothing is set. */
export function valueAt({ document }: ReadYaml, path: Path): unknown {
  const node = document.getIn(path, false);
  return isMap(node) || isSeq(node) ? node.toJSON() : node;
}

/** How many items a list has. */
export function countAt({ document }: ReadYaml, path: Path): number {
  const node = document.getIn(path, true);
  return isSeq(node) ? node.items.length : 0;
}

/** The text with a value set, or taken away where it is undefined; what gets empty by that goes too. */
export function withValue(text: string, path: Path, value: unknown): string {
  const { document } = readYaml(text);
  if (value === undefined) removeAt(document, path);
  else {
    makeWay(document, path);
    document.setIn(path, document.createNode(value));
  }
  return textOf(document, text);
}

/** The text with one more item at the end of a list. */
export function withItem(text: string, path: Path, item: unknown): string {
  const read = readYaml(text);
  const count = countAt(read, path);
  if (count === 0) return withValue(text, path, [item]);
  read.document.addIn(path, read.document.createNode(item));
  return textOf(read.document, text);
}

/** The text without an item of a list. */
export function withoutItem(text: string, path: Path): string {
  const { document } = readYaml(text);
  document.deleteIn(path);
  return textOf(document, text);
}

/** `vision:` with nothing behind it is a null that nothing can be set in. */
function makeWay(document: Document.Parsed, path: Path): void {
  if (document.contents === null) document.contents = document.createNode({}) as never;
  for (let depth = 1; depth < path.length; depth += 1) {
    const above = path.slice(0, depth);
    const node = document.getIn(above, true);
    if (!isMap(node) && !isSeq(node)) {
      document.setIn(above, document.createNode(typeof path[depth] === "number" ? [] : {}));
    }
  }
}

function removeAt(document: Document.Parsed, path: Path): void {
  if (!document.hasIn(path)) return;
  document.deleteIn(path);
  const above = path.slice(0, -1);
  // An item of a list stays, even when it has nothing left: its neighbours keep their numbers.
  if (above.length === 0 || typeof above.at(-1) === "number") return;
  const node = document.getIn(above, true);
  if (isMap(node) && node.items.length === 0) removeAt(document, above);
}

function textOf(document: Document.Parsed, before: string): string {
  const isEmpty = isMap(document.contents) && document.contents.items.length === 0;
  // "{}" stands for a file without settings; the comments alone say it better.
  if (isEmpty && document.commentBefore === null && !before.includes("#")) return "";
  return document.toString({ lineWidth: 0 });
}
