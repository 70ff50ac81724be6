/**
 * Every command with its options and its example, out of the command definitions.
 *
 * @module
 */

import type { Argument, Command, Option } from "commander";

/** A section for each command; those below another one stand behind it. */
export function commandsText(top: Command): string {
  return below(top, "lookback").map(({ name, command }) => sectionOf(name, command)).join("\n\n");
}

/** All commands that do something themselves, by the words that call them. */
export function below(
  top: Command,
  name: string,
): readonly { readonly name: string; readonly command: Command }[] {
  return top.createHelp().visibleCommands(top)
    .filter((command) => command.name() !== "help")
    .flatMap((command) => {
      const full = `${name} ${command.name()}`;
      const inner = below(command, full);
      return inner.length > 0 ? inner : [{ name: full, command }];
    });
}

function sectionOf(name: string, command: Command): string {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter(({ long }) => long !== "--help");
  const rows = [
    ...help.visibleArguments(command).map(argumentRow),
    ...options.map(optionRow),
  ];
  const usage = [name, ...command.registeredArguments.map(argumentText)].join(" ");
  const example = examplesOf(command);
  const description = sentence(command.description());
  return [
    `### \`${name}\``,
    ...(rows.length === 0
      ? [`${description} Usage: \`${usage}\``]
      : [description, ["| `" + usage + "` | meaning |", "|---|---|", ...rows].join("\n")]),
    ...(example === "" ? [] : [`\`\`\`text\n${example}\n\`\`\``]),
  ].join("\n\n");
}

function argumentText(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function argumentRow(argument: Argument): string {
  return `| \`${argumentText(argument)}\` | ${cell(argument.description)} |`;
}

function optionRow(option: Option): string {
  const choices = option.argChoices?.map((choice) => `\`${choice}\``).join(", ");
  const fallback = option.defaultValue;
  const remarks = [
    ...(choices === undefined ? [] : [`one of ${choices}`]),
    ...(fallback === undefined || fallback === false ? [] : [`default: \`${fallback}\``]),
  ];
  const behind = remarks.length === 0 ? "" : ` (${remarks.join("; ")})`;
  return `| \`${option.flags}\` | ${cell(option.description)}${behind} |`;
}

/** The lines of the help behind "Example". */
function examplesOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => text += part }).outputHelp();
  const lines = /\nExamples?:\n((?: {2}.*(?:\n|$))+)/.exec(text)?.[1] ?? "";
  return lines.split("\n").map((line) => line.slice(2)).join("\n").trim();
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/[<>]/g, (sign) => `\\${sign}`);
}
