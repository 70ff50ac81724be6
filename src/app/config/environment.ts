/**
 * Settings out of the environment: `LOOKBACK_STILLS_QUALITY=70` is
 * `stills: { quality: 70 }`. The names follow from the configuration's schema, so a
 * new setting has its variable at once.
 *
 * In:   the environment, and the schema of config.ts.
 * Out:  values bound to keys, and a line for each variable that is no setting.
 * Not here: whether a value is right; layers.ts has the schema judge it.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { configJsonSchema } from "../../../config.ts";
import { nearestWord } from "../../base/did_you_mean.ts";
import { readYaml } from "../../base/yaml_mistakes.ts";

const PREFIX = "LOOKBACK_";

/** Variables that are no settings: who reads each, and what for. */
export const OTHER_VARIABLES: Readonly<Record<string, string>> = {
  LOOKBACK_BIN: "the end-to-end tests: runs this executable instead of the sources",
  LOOKBACK_FAULTS: "the fault tests: long asks for all rounds",
  LOOKBACK_FAULTS_OUT: "the fault tests: file that gets what was measured",
  LOOKBACK_FAULTS_SEED: "the fault tests: gives the chance of an earlier run again",
  LOOKBACK_FOOTAGE: "the end-to-end tests: folder with recorded footage",
  LOOKBACK_STACK: "the program: 1 prints where in the sources it failed",
};

/** How a variable's text becomes a value. */
type ValueKind = "text" | "number" | "boolean" | "yaml";

/** A setting as the environment has it. */
export interface ConfigVariable {
  readonly name: string;
  /** The key in the file: `["stills", "quality"]`. */
  readonly path: readonly string[];
  readonly kind: ValueKind;
}

/** A value that takes the place of the file's. */
export interface Assignment {
  /** Where it comes from, as it stands in front of a mistake. */
  readonly label: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface EnvironmentReading {
  readonly assignments: readonly Assignment[];
  /** One line for each variable that can't be read. */
  readonly mistakes: readonly string[];
}

/** The part of JSON Schema that is read here. */
interface SchemaNode {
  readonly type?: unknown;
  readonly properties?: { readonly [key: string]: SchemaNode };
}

/** All settings that the environment may hold, in the order of the schema. */
export function configVariables(schema: unknown = configJsonSchema()): readonly ConfigVariable[] {
  return variablesOf(schema as SchemaNode, []);
}

function variablesOf(node: SchemaNode, path: readonly string[]): readonly ConfigVariable[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, part]) =>
      variablesOf(part, [...path, key])
    );
  }
  return [{ name: PREFIX + path.join("_").toUpperCase(), path, kind: kindOf(node) }];
}

function kindOf({ type }: SchemaNode): ValueKind {
  switch (type) {
    case "string":
      return "text";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    default:
      return "yaml";
  }
}

/**
 * Picks the settings out of an environment. An empty variable counts as unset:
 * unit files and container files can't leave a variable out.
 */
export function readEnvironment(
  environment: Readonly<Record<string, string>>,
): EnvironmentReading {
  const named = Object.entries(environment).filter(([name]) =>
    name.startsWith(PREFIX) && !Object.hasOwn(OTHER_VARIABLES, name)
  );
  // Most have none, and making the list of all takes 30 ms of a command's start.
  const variables = named.length > 0 ? configVariables() : [];
  const assignments: Assignment[] = [];
  const mistakes: string[] = [];
  for (const [name, text] of named.toSorted(byName)) {
    const variable = variables.find((each) => each.name === name);
    if (variable === undefined) {
      mistakes.push(`${name}: unknown variable, ${describeKnown(name, variables)}`);
    } else if (text.trim() !== "") {
      const { values, faults } = toValue(text, variable);
      assignments.push(...values);
      mistakes.push(...faults);
    }
  }
  return { assignments, mistakes };
}

function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : 1;
}

function toValue(
  text: string,
  { name, path, kind }: ConfigVariable,
): { readonly values: readonly Assignment[]; readonly faults: readonly string[] } {
  if (kind === "yaml") {
    const reading = readYaml(text, { schema: z.unknown() });
    return reading.ok
      ? { values: [{ label: name, path, value: reading.value }], faults: [] }
      : { values: [], faults: reading.mistakes.map((fault) => `${name}: ${fault.text}`) };
  }
  return { values: [{ label: name, path, value: toScalar(text, kind) }], faults: [] };
}

/** A text that is not of its kind stays a text, and the schema then says what it needs. */
function toScalar(text: string, kind: Exclude<ValueKind, "yaml">): unknown {
  const word = text.trim();
  if (kind === "number" && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word)) {
    return Number(word);
  }
  if (kind === "boolean" && /^(?:true|false)$/i.test(word)) return /^t/i.test(word);
  return text;
}

function describeKnown(name: string, variables: readonly ConfigVariable[]): string {
  const names = [...variables.map((variable) => variable.name), ...Object.keys(OTHER_VARIABLES)];
  // The prefix is right already and must not make far names look near.
  const bare = (variable: string) => variable.slice(PREFIX.length);
  const nearest = nearestWord(bare(name), names.map(bare));
  if (nearest !== null) return `did you mean "${PREFIX}${nearest}"?`;
  const section = bare(name).split("_", 1)[0]!;
  const neighbours = names.filter((known) => known.startsWith(`${PREFIX}${section}_`));
  return `known here: ${(neighbours.length > 0 ? neighbours : names).join(", ")}`;
}
