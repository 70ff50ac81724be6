/**
 * A settings file as it may be shown and edited elsewhere: secrets are masked, and
 * stand for those of the file when the text comes back.
 *
 * In:   texts of YAML. Out: texts of YAML; comments and layout stay.
 * Not here: whether the settings are right (config.ts), files (web/config.ts).
 *
 * A masked secret is known again by its place: the keys on the way to it, and in
 * lists the entry's `id` or `name`. One that stands elsewhere is a mistake.
 *
 * Pure.
 *
 * @module
 */

import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
} from "yaml";
import { maskSecrets } from "../../base/secrets.ts";
import type { YamlMistake } from "../../base/yaml_mistakes.ts";
import { MASK, maskText, SECRET_KEY } from "./report.ts";

/** A key with its value in a comment: a camera that somebody has taken out for a while. */
const COMMENTED_SECRET = /((?:password|passphrase|token|secret)\s*[:=]\s*)\S+/gi;

/** Where a mask stands in a value that had a secret. */
const MASKED = /\*{3}@|=\*{3}|^\*{3}$/;

/** A value that stands in a text. */
interface Place {
  /** Keys, and for entries of lists their names. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** Where its source begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** The text without its secrets. */
export function maskYaml(text: string): string {
  const masked = placesIn(parse(text)).flatMap(({ path, value, from, to }) => {
    const shown = maskValue(value, path);
    return shown === undefined ? [] : [{ from, to, text: JSON.stringify(shown) }];
  });
  return replaced(text, masked).split("\n").map(maskComment).join("\n");
}

/** A text that was masked and edited, with the secrets of the text before in their places. */
export function unmaskYaml(
  edited: string,
  before: string,
): { readonly text: string; readonly mistakes: readonly YamlMistake[] } {
  const text = withComments(edited, before);
  const secrets = new Map(
    placesIn(parse(before)).map((place) => [place.path.join("\0"), place] as const),
  );
  const counter = new LineCounter();
  const mistakes: YamlMistake[] = [];
  const changes: Change[] = [];
  for (const { path, value, from, to } of placesIn(parse(text, counter))) {
    if (typeof value !== "string" || !value.includes(MASK)) continue;
    const secret = secrets.get(path.join("\0"));
    if (secret !== undefined && maskValue(secret.value, path) === value) {
      const source = before.slice(secret.from, secret.to);
      const isLine = !source.includes("\n");
      changes.push({ from, to, text: isLine ? source : JSON.stringify(secret.value) });
    } else if (MASKED.test(value)) {
      const { line, col } = counter.linePos(from);
      const text = 'found a masked secret ("***"), need the secret: it is not the file\'s any more';
      mistakes.push({ line, column: col, key: shownKey(path), text });
    }
  }
  return { text: replaced(text, changes), mistakes };
}

/** "cameras[front].source". */
function shownKey(path: readonly string[]): string {
  return path.map((part) => part.startsWith("=") ? `[${part.slice(1)}]` : `.${part}`).join("")
    .slice(1);
}

/** The entity tag of a text as it is shown: another text has another one. */
export async function textTag(shown: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(shown));
  return `"${new Uint8Array(hash).toBase64({ alphabet: "base64url" }).slice(0, 22)}"`;
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function replaced(text: string, changes: readonly Change[]): string {
  let result = text;
  // From the end: places before a change stay where they are.
  for (const { from, to, text: part } of changes.toSorted((one, other) => other.from - one.from)) {
    const end = result.slice(from, to).endsWith("\n") ? "\n" : "";
    result = `${result.slice(0, from)}${part}${end}${result.slice(to)}`;
  }
  return result;
}

/** What is shown in place of a value; undefined where it is no secret. */
function maskValue(value: unknown, path: readonly string[]): string | undefined {
  if (value === null || value === undefined) return undefined;
  const text = String(value);
  const isWhole = SECRET_KEY.test(path.at(-1) ?? "") && text !== "";
  const shown = isWhole ? MASK : typeof value === "string" ? maskText(value, path) : text;
  return shown === text && !isWhole ? undefined : shown;
}

function maskComment(line: string): string {
  const [whole, code = "", comment] = /^(.*?(?:^|\s))(#.*)$/.exec(line) ?? [line];
  if (comment === undefined) return whole;
  return `${code}${maskSecrets(comment).replaceAll(COMMENTED_SECRET, `$1${MASK}`)}`;
}

/** Whole lines of comment come back as they were. */
function withComments(edited: string, before: string): string {
  const known = new Map(
    before.split("\n").filter((line) => /^\s*#/.test(line))
      .map((line) => [maskComment(line), line] as const),
  );
  return edited.split("\n").map((line) => known.get(line) ?? line).join("\n");
}

function parse(text: string, lineCounter = new LineCounter()): Document {
  return parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    logLevel: "silent",
  });
}

function placesIn(document: Document): Place[] {
  return walk(document.contents, []);
}

function walk(node: unknown, path: readonly string[]): Place[] {
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) =>
      walk(value, [...path, String(isScalar(key) ? key.value : key)])
    );
  }
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => walk(item, [...path, nameOf(item) ?? `${index}`]));
  }
  if (!isScalar(node) || !node.range) return [];
  const [from, to] = (node as Scalar).range!;
  return [{ path, value: node.value, from, to }];
}

/** What an entry of a list is known by, wherever it is moved. */
function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const name = item.get("id") ?? item.get("name");
  return typeof name === "string" ? `=${name}` : undefined;
}
