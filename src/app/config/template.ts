/**
 * Writes a settings file for people: the values that were chosen, and every other
 * setting as a comment with its meaning and default. Made from the schema, so a
 * new setting is in the next file.
 *
 * In:   the chosen values in the file's shape, and the schema of config.ts.
 * Out:  YAML. A comment has a blank behind its "#"; a setting that is left out has
 *       none, and counts as soon as the "#" is taken away.
 * Not here: asking (cli/init.ts), files (files.ts).
 *
 * Pure.
 *
 * @module
 */

import { Document } from "yaml";
import { type ConfigInput, configJsonSchema, readConfig } from "../../../config.ts";
import { liesBelow } from "./origins.ts";

/** Chosen settings in the file's shape; what is left out keeps its default. */
export type ConfigDraft = ConfigInput & { readonly cameras: readonly DraftCamera[] };

export type DraftCamera = NonNullable<ConfigInput["cameras"]>[number];

/** A file that records at once on any machine: a synthetic camera. */
export const TEMPLATE_DRAFT: ConfigDraft = {
  cameras: [{ id: "lab", name: "Synthetic camera", source: "test://1280x720@25" }],
};

/** Stands below the cameras of {@linkcode TEMPLATE_DRAFT}. */
const REAL_CAMERA = [
  "  # A real camera looks like this:",
  '  #- { id: front, name: Front door, source: "rtsp://user:password@192.0.2.10/stream1" }',
];

/** Longest line of a comment, in characters. */
const COMMENT_COLUMNS = 100;

/** The part of JSON Schema that is read here. */
interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** What is wrong with one key of a draft, completing a sentence; undefined if nothing is. */
export function problemWith(key: string, draft: unknown): string | undefined {
  const reading = readConfig(JSON.stringify(draft));
  if (reading.ok) return undefined;
  return reading.mistakes.find((mistake) => liesBelow(mistake.key, key))?.text;
}

/**
 * Writes the file.
 *
 * @param options `schemaFile` is the schema's path as seen from the file: editors
 * complete and check keys with it.
 */
export function configTemplate(
  draft: ConfigDraft,
  options: { readonly schemaFile: string },
): string {
  const { properties = {} } = configJsonSchema() as SchemaNode;
  const { cameras: cameraList, ...sections } = properties;
  const chosen: Chosen = { ...draft };
  return [
    `# yaml-language-server: $schema=${options.schemaFile}`,
    "#",
    "# Settings of Lookback. Where a key begins with #, the line shows its default or an example.",
    "#   lookback config check   finds mistakes in this file",
    "#   lookback config show    shows what is in effect, and where each value comes from",
    "",
    ...Object.entries(sections).flatMap(([key, node]) => [
      ...settingLines(node, { key, value: chosen[key], indent: "" }),
      "",
    ]),
    ...commentLines(cameraList?.description, ""),
    "cameras:",
    ...draft.cameras.flatMap((camera, index) =>
      cameraLines(camera, { schema: cameraList?.items ?? {}, isFirst: index === 0 })
    ),
    ...(draft === TEMPLATE_DRAFT ? REAL_CAMERA : []),
    "",
  ].join("\n");
}

type Chosen = Readonly<Record<string, unknown>>;

interface Setting {
  readonly key: string;
  /** The chosen value; undefined where the default stays. */
  readonly value: unknown;
  readonly indent: string;
}

/** A setting with its comment; a section with all its settings. */
function settingLines(node: SchemaNode, { key, value, indent }: Setting): readonly string[] {
  const mark = value === undefined ? "#" : "";
  const comment = commentLines(node.description, indent);
  if (node.properties === undefined) {
    const shown = value === undefined ? sampleOf(node) : value;
    return [...comment, `${indent}${mark}${key}: ${flow(shown)}`];
  }
  const parts = Object.entries(node.properties).flatMap(([name, part]) =>
    settingLines(part, { key: name, value: (value as Chosen)?.[name], indent: `${indent}  ` })
  );
  return [...comment, `${indent}${mark}${key}:`, ...parts];
}

/** A camera as an item of the list. The first one explains all keys. */
function cameraLines(
  camera: DraftCamera,
  { schema, isFirst }: { readonly schema: SchemaNode; readonly isFirst: boolean },
): readonly string[] {
  const chosen = Object.entries(camera).filter(([, value]) => value !== undefined);
  const set = chosen.map(([key, value], index) =>
    `  ${index === 0 ? "-" : " "} ${key}: ${flow(value)}`
  );
  if (!isFirst) return set;
  const others = Object.entries(schema.properties ?? {}).filter(([key]) =>
    !chosen.some(([name]) => name === key)
  );
  return [
    ...set,
    ...others.flatMap(([key, node]) => [
      ...commentLines(node.description, "    "),
      `    #${key}: ${flow(sampleOf(node))}`,
    ]),
  ];
}

/** The default, or else an example. */
function sampleOf(node: SchemaNode): unknown {
  if (node.examples !== undefined) return node.default ?? node.examples[0];
  if (node.properties === undefined) return node.default;
  return Object.fromEntries(
    Object.entries(node.properties).map(([key, part]) => [key, sampleOf(part)]),
  );
}

/** A value on one line. */
function flow(value: unknown): string {
  if (value === undefined) return "";
  const text = new Document(value).toString({ collectionStyle: "flow", lineWidth: 0 });
  return text.trimEnd();
}

function commentLines(text: string | undefined, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of (text ?? "").split(" ").filter((each) => each !== "")) {
    if (line.length + 1 + word.length > COMMENT_COLUMNS) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return line.endsWith("#") ? lines : [...lines, line];
}
