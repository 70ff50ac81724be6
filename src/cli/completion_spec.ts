/**
 * What a shell needs to know to complete a command line, read out of the command
 * definitions: commands, options, and what an option's value can be.
 *
 * Pure.
 *
 * @module
 */

import type { Argument, Command, Option } from "commander";

/** What stands behind an option, or by itself. */
export type ValueSpec =
  /** Nothing: an option that is a switch, a command without arguments. */
  | { readonly kind: "none" }
  /** A text that no shell can know. */
  | { readonly kind: "text" }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "folder" }
  | { readonly kind: "camera" };

export interface OptionSpec {
  /** As typed, the short one first: `["-h", "--help"]`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly value: ValueSpec;
}

export interface CommandSpec {
  /** Names of the commands down to this one; empty for the program itself. */
  readonly path: readonly string[];
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** What stands by itself, such as the source that is looked at. */
  readonly argument: ValueSpec;
  readonly commands: readonly CommandSpec[];
}

/** Reads a command with all that lie below it. Hidden commands and options are left out. */
export function commandSpec(command: Command, path: readonly string[] = []): CommandSpec {
  const help = command.createHelp();
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(optionSpec),
    argument: argumentSpec(command.registeredArguments[0]),
    commands: help.visibleCommands(command).map((each) =>
      commandSpec(each, [...path, each.name()])
    ),
  };
}

/** A command and all below it, the outer ones first. */
export function allCommands(spec: CommandSpec): readonly CommandSpec[] {
  return [spec, ...spec.commands.flatMap(allCommands)];
}

/** A source can be a file too; the shell has no say in its other forms. */
function argumentSpec(argument: Argument | undefined): ValueSpec {
  if (argument === undefined) return { kind: "none" };
  if (argument.argChoices !== undefined) return { kind: "choice", choices: argument.argChoices };
  return { kind: /^(?:file|source)$/.test(argument.name()) ? "file" : "text" };
}

function optionSpec(option: Option): OptionSpec {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  return { names, description: option.description, value: valueSpec(option) };
}

/** Reads the kind of value out of the placeholder, such as `<file>`. */
function valueSpec(option: Option): ValueSpec {
  if (!option.required && !option.optional) return { kind: "none" };
  if (option.argChoices !== undefined) return { kind: "choice", choices: option.argChoices };
  if (option.long === "--camera") return { kind: "camera" };
  if (/<file>/.test(option.flags)) return { kind: "file" };
  if (/<folder>/.test(option.flags)) return { kind: "folder" };
  return { kind: "text" };
}
