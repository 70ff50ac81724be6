/**
 * Joins the sources of settings: a flag wins over the environment, that over the
 * file, that over the defaults.
 *
 * In:   the texts of all sources.
 * Out:  {@linkcode LayeredConfig}: what is in effect and where each value comes
 *       from, or one OperatorError with the mistakes of every source.
 * Not here: finding and reading files (load_config.ts).
 *
 * Pure.
 *
 * @module
 */

import { parse } from "yaml";
import { type Config, inFull, readConfig, type Settings, toSettings } from "../../../config.ts";
import type { KeyPath, YamlMistake, YamlReading } from "../../base/yaml_mistakes.ts";
import { type Assignment, readEnvironment } from "./environment.ts";
import { configInvalid, type ConfigMistakes, fileMistakes, shownPath } from "./mistakes.ts";
import { keyLines, keyText, liesBelow, type Origin, originOf } from "./origins.ts";

export interface ConfigSources {
  /** The file, with its absolute path; null where there is none. */
  readonly file: { readonly path: string; readonly text: string } | null;
  /** All variables; those without our prefix are passed over. */
  readonly environment: Readonly<Record<string, string>>;
  /** Value of `--root`. */
  readonly rootFlag?: string | undefined;
  /** Working folder: what relative paths in flags and variables start at. */
  readonly cwd: string;
}

/** The settings and where they come from. */
export interface LayeredConfig {
  readonly settings: Settings;
  /** What is in effect, in the file's shape, with nothing left out. */
  readonly config: Config;
  readonly originOf: (path: KeyPath) => Origin;
}

/**
 * Joins the sources.
 *
 * The file must be right by itself, also where another source has the last word:
 * it is the same file without that source.
 *
 * @throws {OperatorError} With code "config-invalid" and a line for each mistake.
 */
export function layerConfig(sources: ConfigSources): LayeredConfig {
  const { file, cwd, rootFlag } = sources;
  const environment = readEnvironment(sources.environment);
  const flags = rootFlag === undefined
    ? []
    : [{ label: "--root", path: ["storage", "root"], value: rootFlag }];
  const assignments = [...environment.assignments, ...flags];

  const fileReading = file === null ? null : readConfig(file.text);
  const joined = readJoined(file?.text, assignments);
  const isFileRight = fileReading?.ok ?? true;
  const wrong = joined.ok ? [] : assignedMistakes(joined.mistakes, { assignments, isFileRight });
  const linesOf = (isFlag: boolean) =>
    wrong.filter((each) => each.isFlag === isFlag).map(({ line }) => line);
  const mistakes = [
    ...(fileReading?.ok === false && file !== null
      ? [fileMistakes(shownPath(file.path, cwd), fileReading.mistakes)]
      : []),
    mistakesOf("environment", [...environment.mistakes, ...linesOf(false)]),
    mistakesOf("flags", linesOf(true)),
  ];
  if (!joined.ok || mistakes.some(({ lines }) => lines.length > 0)) {
    throw configInvalid(...mistakes);
  }

  const lines = file === null ? new Map<string, number>() : keyLines(file.text);
  const typedKeys = new Set(assignments.map(({ path }) => keyText(path)));
  const settings = toSettings(joined.value, { path: file?.path ?? null, cwd, typedKeys });
  return {
    settings,
    config: inFull(joined.value, settings),
    originOf: (path) => originOf(path, { assignments, lines }),
  };
}

/** The file with the assigned values in place of its own, checked as a whole. */
function readJoined(
  text: string | undefined,
  assignments: readonly Assignment[],
): YamlReading<Config> {
  const joined = text === undefined ? {} : writtenValue(text);
  for (const { path, value } of assignments) assign(joined, { path, value });
  // JSON is YAML, so every source passes the same reader and gets the same words.
  return readConfig(JSON.stringify(joined));
}

/** A value as a person wrote it, with no defaults. */
type Written = { [key: string]: unknown };

function isWritten(value: unknown): value is Written {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the text says; nothing where it can't be read, which its own reading reports. */
function writtenValue(text: string): Written {
  try {
    const value: unknown = parse(text, { stringKeys: true, uniqueKeys: false, logLevel: "silent" });
    return isWritten(value) ? value : {};
  } catch {
    return {};
  }
}

function assign(
  target: Written,
  { path, value }: { readonly path: readonly string[]; readonly value: unknown },
): void {
  const [key, ...rest] = path;
  if (key === undefined) throw new TypeError("Cannot assign a value to no key");
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const part = target[key];
  const inner = isWritten(part) ? part : {};
  target[key] = inner;
  assign(inner, { path: rest, value });
}

/** One mistake of a flag or of the environment. */
interface AssignedMistake {
  readonly isFlag: boolean;
  readonly line: string;
}

/** Mistakes in the joined value that the file did not make. */
function assignedMistakes(
  mistakes: readonly YamlMistake[],
  { assignments, isFileRight }: {
    readonly assignments: readonly Assignment[];
    readonly isFileRight: boolean;
  },
): readonly AssignedMistake[] {
  return mistakes.flatMap(({ key, text }) => {
    const owner = assignments.findLast(({ path }) => liesBelow(key, keyText(path)));
    if (owner !== undefined) {
      return [{ isFlag: isFlag(owner), line: `${owner.label} ${key}: ${text}` }];
    }
    // The file is right by itself, so it is the other sources that do not fit it.
    return isFileRight ? [{ isFlag: false, line: `environment ${key}: ${text}` }] : [];
  });
}

function isFlag({ label }: Assignment): boolean {
  return label.startsWith("--");
}

/** The mistakes of a source that is not a file. */
function mistakesOf(source: "flags" | "environment", lines: readonly string[]): ConfigMistakes {
  return {
    subject: source === "flags" ? "flags" : "settings of the environment",
    // A variable may hold anything, also what would move a terminal's cursor.
    lines: lines.map((line) => line.replaceAll(/\p{Cc}+/gu, " ")),
    fix: source === "flags"
      ? "correct the flags named"
      : "correct the variables named, or unset them",
  };
}
