/**
 * The tables of docs/mqtt.md, out of the topics and their schemas. A test compares.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { COMMAND_SCHEMAS } from "./asked.ts";
import { type TopicRow, TOPICS } from "./topics.ts";

/** What of a JSON Schema is read here. */
interface Node {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
}

/** The table of all topics. */
export function topicTable(): string {
  const rows = Object.values(TOPICS).map((row) => [
    `\`${row.pattern}\``,
    row.direction,
    needing(row),
    row.qos.join(" or "),
    row.retain ? "yes" : "no",
  ]);
  return table(["topic", "direction", "what", "QoS", "retained"], rows);
}

/** All payloads, each under the name of its topic. */
export function payloadTables(): string {
  const parts = Object.values(TOPICS).flatMap((row) => {
    if (row === TOPICS.command) return [heading(row), ...commandTables()];
    if (row.schema === null) return [heading(row), "A JPEG, as it is."];
    return [heading(row), fieldTable(row.schema, row.direction)];
  });
  return parts.join("\n\n");
}

function heading({ pattern }: TopicRow): string {
  return `### ${pattern}`;
}

function commandTables(): readonly string[] {
  return Object.entries(COMMAND_SCHEMAS).flatMap(([name, schema]) => [
    `\`${name}\`:`,
    fieldTable(schema, "in"),
  ]);
}

function fieldTable(schema: z.ZodType, direction: TopicRow["direction"]): string {
  const io = direction === "in" ? "input" : "output";
  const rows = fieldRows(z.toJSONSchema(schema, { io }) as Node, "");
  return direction === "in" ? table(["field", "type", "needed", "meaning"], rows) : table(
    ["field", "type", "meaning"],
    rows.map(([field, type, , meaning]) => [
      field!,
      type!,
      meaning!,
    ]),
  );
}

/** A row for each field, and for those within it. */
function fieldRows(node: Node, path: string): string[][] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const inner = withFields(field);
    const isList = inner !== undefined && typesOf(field).some((type) => type === "array");
    const place = `${path}${name}`;
    const needed = node.required?.includes(name) && field.default === undefined ? "yes" : "no";
    const usual = field.default === undefined || field.default === null
      ? ""
      : ` (default: \`${field.default}\`)`;
    const row = [`\`${place}\``, typeText(field), needed, meaningOf(field) + usual];
    return [row, ...fieldRows(inner ?? {}, `${place}${isList ? "[]" : ""}.`)];
  });
}

/** The object that a field holds, or its list, or that it may hold. */
function withFields(node: Node): Node | undefined {
  if (node.properties !== undefined) return node;
  if (node.items !== undefined) return withFields(node.items);
  return node.anyOf?.map(withFields).find((each) => each !== undefined);
}

function typesOf({ anyOf, type }: Node): readonly (string | undefined)[] {
  return anyOf?.flatMap(typesOf) ?? [type].flat();
}

function meaningOf({ description, const: only }: Node): string {
  return description ?? (only === undefined ? "" : "The command's name");
}

function typeText(node: Node): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((each) => `\`${each}\``).join(", ");
  if (node.anyOf !== undefined) return node.anyOf.map(typeText).join(" or ");
  const types = typesOf(node);
  if (types.length > 1) {
    return types.map((type) => typeText({ ...node, type: type! })).join(" or ");
  }
  switch (types[0]) {
    case "string":
      return node.format === "date-time" ? "time" : "text";
    case "integer":
      return "whole number";
    case "boolean":
      return "true or false";
    case "array":
      return `list of ${plural(node.items ?? {})}`;
    default:
      return types[0] ?? "any";
  }
}

function plural(node: Node): string {
  const text = typeText(node);
  return text.startsWith("`") ? text : `${text}s`;
}

function needing({ what, needs }: TopicRow): string {
  return needs === undefined ? what : `${what} (needs \`${needs}\`)`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
