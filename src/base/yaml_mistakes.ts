/**
 * Reads a YAML text against a zod schema and says of every mistake where it
 * stands, what was found and what would be right, one line each.
 *
 * In:   the text, a schema and rules that concern several keys at once.
 * Out:  the value that the schema makes of it, or all mistakes in the order of
 *       the text.
 * Not here: the settings themselves (config.ts), files, printing.
 *
 * The `error` text of a schema completes the sentence "need …".
 *
 * @module
 */

import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import * as z from "zod";
import { nearestWord } from "./did_you_mean.ts";
import { maskSecrets } from "./secrets.ts";

/** Way to a value: names of keys and, in lists, positions from 0. */
export type KeyPath = readonly PropertyKey[];

/** A mistake in a value, not yet looked up in the text. */
export interface ValueProblem {
  readonly path: KeyPath;
  /** What was found and what would be right, without passwords. */
  readonly text: string;
}

/** A mistake and its place. Lines and columns count from 1. */
export interface YamlMistake {
  readonly line: number;
  readonly column: number;
  /** The key as people write it ("cameras[0].source"); empty for the text as a whole. */
  readonly key: string;
  readonly text: string;
}

export type YamlReading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly mistakes: readonly YamlMistake[] };

/** Longest part of a text that a mistake quotes, in characters: one line of a terminal. */
const QUOTE_LENGTH = 60;

/**
 * Texts longer than this are not quoted at all, in characters. Masking needs
 * the whole text, and no setting is that long.
 */
const QUOTABLE_LENGTH = 300;

/**
 * Reads a YAML text.
 *
 * A text that is not YAML gets its syntax mistakes only, at most one a line:
 * what follows a broken line is guesswork. Otherwise every mistake of the
 * schema and of the rules is reported together with keys written twice.
 *
 * Unknown keys come from strict objects of the schema. Anchors and aliases are
 * resolved; a mistake inside an alias stands at the alias.
 *
 * @param options `rules` sees the value as written, before the schema, and so
 * speaks up even where other keys are wrong.
 */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  options: {
    readonly schema: Schema;
    readonly rules?: (written: unknown) => readonly ValueProblem[];
  },
): YamlReading<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Found by surveyDocument instead, which knows the whole key.
    uniqueKeys: false,
  });
  const syntaxMistakes = readSyntaxMistakes(document, lines);
  if (syntaxMistakes.length > 0) return { ok: false, mistakes: syntaxMistakes };

  const survey = surveyDocument(document, lines);
  const locate = (problem: PlacedProblem) => locateProblem(problem, { survey, lines });
  if (survey.dangling.length > 0) return { ok: false, mistakes: survey.dangling.map(locate) };

  const written = toValue(document);
  if (written instanceof ReferenceError) {
    return { ok: false, mistakes: [locate({ path: [], text: TOO_MANY_ALIASES })] };
  }
  const parsed = options.schema.safeParse(written, { error: describeNeed });
  const mistakes = [
    ...survey.repeated,
    ...(parsed.error?.issues ?? []).flatMap((issue) =>
      describeIssue(issue, { written, schema: options.schema })
    ),
    ...(options.rules?.(written) ?? []),
  ].map(locate);
  if (parsed.success && mistakes.length === 0) return { ok: true, value: parsed.data };
  return { ok: false, mistakes: mistakes.toSorted(byPlace) };
}

/** Writes a mistake as one line: `FILE:LINE:COLUMN KEY: TEXT`. */
export function yamlMistakeLine(file: string, mistake: YamlMistake): string {
  const key = mistake.key === "" ? "" : ` ${mistake.key}`;
  const line = `${file}:${mistake.line}:${mistake.column}${key}: ${mistake.text}`;
  // A file may hold anything, also what would move a terminal's cursor.
  return line.replaceAll(/\p{Cc}+/gu, " ");
}

/** Says what was found, as people would write it: short and without passwords. */
export function describeFound(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") {
    return value.length > QUOTABLE_LENGTH
      ? `a text of ${value.length} characters`
      : JSON.stringify(shorten(maskValue(value)));
  }
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "keys and values";
  return String(value);
}

// Syntax

/** Plainer words for the faults that people make most often. */
const SYNTAX_TEXTS: { readonly [Code in ErrorCode]?: string } = {
  BAD_SCALAR_START: "found a value that starts with a reserved character, need it in quotes",
  BLOCK_AS_IMPLICIT_KEY: 'found ": " inside a value, need the value in quotes, or each key on a ' +
    "line of its own with the same indentation as its neighbours",
  MULTIPLE_DOCS: "found a second document, need one for each file",
  NON_STRING_KEY: "found a list, keys and values or an alias as a key, need a name",
  RESOURCE_EXHAUSTION: "found too many levels of nesting, need at most a few",
  TAB_AS_INDENT: "found a tab as indentation, need spaces",
};

const TOO_MANY_ALIASES = "found too many aliases, need the values written out";

function readSyntaxMistakes(document: Document.Parsed, lines: LineCounter): YamlMistake[] {
  // The parser calls an unknown tag a warning and drops it; the value would
  // then not be what its writer meant.
  const faults = [...document.errors, ...document.warnings];
  const exhausted = faults.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  const mistakes = (exhausted === undefined ? faults : [exhausted]).map((fault) => ({
    ...placeAt(fault.pos[0], lines),
    key: "",
    text: SYNTAX_TEXTS[fault.code] ?? `not valid YAML: ${describeFault(fault)}`,
  })).toSorted(byPlace);
  return mistakes.filter((mistake, index) => mistake.line !== mistakes[index - 1]?.line);
}

/** The parser's own words, which may repeat what the text holds. */
function describeFault({ code, message }: YAMLError): string {
  return message.length > QUOTABLE_LENGTH ? code : maskValue(message);
}

/** Places of the keys, and what only a walk through the document can find. */
interface Survey {
  /** Start of each key and list item in the text, by path (see {@linkcode pathId}). */
  readonly offsets: Map<string, number>;
  readonly repeated: PlacedProblem[];
  readonly dangling: PlacedProblem[];
  /** Anchors met so far: an alias may only look back. */
  readonly anchors: Set<string>;
}

interface PlacedProblem extends ValueProblem {
  /** Start in the text, where the path alone does not tell it. */
  readonly offset?: number;
}

interface Walk {
  readonly path: KeyPath;
  readonly survey: Survey;
  readonly lines: LineCounter;
}

function surveyDocument(document: Document.Parsed, lines: LineCounter): Survey {
  const survey: Survey = {
    offsets: new Map([[pathId([]), startOf(document.contents)]]),
    repeated: [],
    dangling: [],
    anchors: new Set(),
  };
  surveyNode(document.contents, { path: [], survey, lines });
  return survey;
}

function surveyNode(node: unknown, walk: Walk): void {
  const { path, survey } = walk;
  if (isAlias(node)) {
    if (survey.anchors.has(node.source)) return;
    const alias = describeFound(`*${node.source}`);
    const text = `found the alias ${alias}, need its anchor before it`;
    survey.dangling.push({ path, text, offset: startOf(node) });
    return;
  }
  if (isNode(node) && node.anchor !== undefined) survey.anchors.add(node.anchor);
  if (isMap(node)) surveyMap(node, walk);
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      survey.offsets.set(pathId([...path, index]), startOf(item));
      surveyNode(item, { ...walk, path: [...path, index] });
    }
  }
}

function surveyMap(map: YAMLMap, { path, survey, lines }: Walk): void {
  const seen = new Map<string, number>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value ?? "") : "";
    const keyPath = [...path, name];
    const offset = startOf(key);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, offset);
    } else {
      const text = `found a second time, need it once (first on line ${
        placeAt(first, lines).line
      })`;
      survey.repeated.push({ path: keyPath, text, offset });
    }
    // The last of two equal keys is the one whose value the schema gets to see.
    survey.offsets.set(pathId(keyPath), offset);
    surveyNode(value, { path: keyPath, survey, lines });
  }
}

function startOf(node: unknown): number {
  return isNode(node) ? node.range?.[0] ?? 0 : 0;
}

function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (thrown) {
    // Thrown for aliases that would unfold into far more than the file holds.
    if (thrown instanceof ReferenceError) return thrown;
    throw thrown;
  }
}

// Values

type Issue = z.core.$ZodIssue;

function describeIssue(
  issue: Issue,
  { written, schema }: { readonly written: unknown; readonly schema: z.ZodType },
): ValueProblem[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      text: `unknown key, ${describeKnownKeys(key, known)}`,
    }));
  }
  const found = describeFound(valueAt(written, issue.path));
  return [{ path: issue.path, text: `found ${found}, need ${issue.message}` }];
}

function describeKnownKeys(key: string, known: readonly string[]): string {
  const nearest = nearestWord(key, known);
  return nearest === null ? `known here: ${known.join(", ")}` : `did you mean "${nearest}"?`;
}

/** What a value must be, by the kinds of zod, where the schema itself says nothing. */
const NEEDS: { readonly [expected: string]: string | undefined } = {
  array: 'a list: lines that start with "- "',
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "keys and values",
  string: "text",
};

/** Takes the place of zod's own English where a schema has no `error` text. */
function describeNeed(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return NEEDS[issue.expected];
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "too_small":
      return `at least ${issue.minimum}`;
    default:
      return undefined;
  }
}

function knownKeys(schema: z.ZodType, path: KeyPath): readonly string[] {
  let part: unknown = bare(schema);
  for (const step of path) {
    if (part instanceof z.ZodArray) part = bare(part.element);
    else if (part instanceof z.ZodObject) part = bare(part.shape[String(step)]);
  }
  return part instanceof z.ZodObject ? Object.keys(part.shape) : [];
}

/** Takes a schema out of its "may be left out" and "has a default". */
function bare(schema: unknown): unknown {
  let part = schema;
  while (
    part instanceof z.ZodOptional || part instanceof z.ZodDefault || part instanceof z.ZodPrefault
  ) {
    part = part.unwrap();
  }
  return part;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let part = value;
  for (const step of path) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, step)) return undefined;
    part = (part as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return part;
}

// Places and texts

function locateProblem(
  { path, text, offset }: PlacedProblem,
  { survey, lines }: { readonly survey: Survey; readonly lines: LineCounter },
): YamlMistake {
  let known = path;
  // A key that is missing has no place of its own; what should hold it has.
  while (known.length > 0 && !survey.offsets.has(pathId(known))) known = known.slice(0, -1);
  const start = offset ?? survey.offsets.get(pathId(known)) ?? 0;
  return { ...placeAt(start, lines), key: keyText(path), text };
}

function placeAt(offset: number, lines: LineCounter): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  // Line 0 is the counter's word for a text without any line.
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function byPlace(left: YamlMistake, right: YamlMistake): number {
  return left.line - right.line || left.column - right.column;
}

function pathId(path: KeyPath): string {
  return JSON.stringify(path);
}

/** Names as they stand in the text; quoted where they would not be one plain word. */
function keyText(path: KeyPath): string {
  return path.map((step, index) => {
    if (typeof step === "number") return `[${step}]`;
    const name = String(step);
    const quoted = /^[\w-]+$/.test(name) ? shorten(name) : describeFound(name);
    return index === 0 ? quoted : `.${quoted}`;
  }).join("");
}

/**
 * Hides the password in one value.
 *
 * maskSecrets finds URLs within sentences and so ends a password at a space or
 * a "/". Here the whole text is known to be one value: where it found nothing to
 * hide, everything between the user and the last "@" may be the password.
 */
function maskValue(value: string): string {
  // The "@" of a synthetic camera stands before its frame rate.
  if (/^test:\/\/[^:]*$/i.test(value)) return value;
  const masked = maskSecrets(value);
  return masked.includes("***@") ? masked : masked.replace(/(:\/\/(?:[^:@]*:)?)[^]*@/, "$1***@");
}

function shorten(text: string): string {
  return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH - 1)}…` : text;
}
