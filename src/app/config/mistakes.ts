/**
 * Makes one error of everything that is wrong with the settings, whatever source
 * they come from: the file, the environment, a flag.
 *
 * Pure.
 *
 * @module
 */

import { relative } from "node:path";
import { OperatorError } from "../../base/errors.ts";
import { type YamlMistake, yamlMistakeLine } from "../../base/yaml_mistakes.ts";

/** Mistakes printed at once; more are the sign of another kind of file. */
const MAX_MISTAKES = 100;

/** The mistakes of one source of settings. */
export interface ConfigMistakes {
  /** The source, as it stands after "Cannot use". */
  readonly subject: string;
  /** One line for each mistake. */
  readonly lines: readonly string[];
  readonly fix: string;
}

/** The mistakes of a file. */
export function fileMistakes(shown: string, mistakes: readonly YamlMistake[]): ConfigMistakes {
  return {
    subject: `configuration "${shown}"`,
    lines: mistakes.map((mistake) => yamlMistakeLine(shown, mistake)),
    fix: "correct the file at the lines and columns named, then try again",
  };
}

/**
 * The error for the mistakes of all sources, in their order.
 *
 * @throws {TypeError} If there is no mistake.
 */
export function configInvalid(...all: readonly ConfigMistakes[]): OperatorError {
  const sources = all.filter(({ lines }) => lines.length > 0);
  const [first, ...others] = sources;
  if (first === undefined) throw new TypeError("Cannot make an error without a mistake");
  const mistakes = sources.flatMap(({ lines }) => lines);
  const lines = mistakes.slice(0, MAX_MISTAKES);
  if (mistakes.length > lines.length) lines.push(`… and ${mistakes.length - lines.length} more`);
  const subjects = sources.map(({ subject }) => subject).join(" and ");
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const message = [`Cannot use ${subjects}: found ${count}`, ...lines].join("\n  ");
  return new OperatorError("config-invalid", message, {
    fix: [first.fix, ...others.map(({ fix }) => fix)],
  });
}

/** The path as people look for it: short where the file is below the working folder. */
export function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below === "" || below.startsWith("..") ? path : below;
}
