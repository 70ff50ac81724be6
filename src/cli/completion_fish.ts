/**
 * Writes the completion script for fish.
 *
 * Pure.
 *
 * @module
 */

import {
  allCommands,
  type CommandSpec,
  type OptionSpec,
  type ValueSpec,
} from "./completion_spec.ts";

/** The script; it may be sourced, or lie in fish's folder of completions. */
export function fishScript(top: CommandSpec): string {
  const commands = allCommands(top);
  const paths = commands.slice(1).map(({ path }) => quote(at(path)));
  return `# fish completion for ${top.name}, made by "${top.name} completion fish".

function __${top.name}_at --description 'True when the command line is at this command'
    set -l at ''
    for word in (commandline -opc)[2..]
        switch "$at $word"
            case ${paths.join(" ")}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end

function __${top.name}_cameras
    set -l line (commandline -opc)
    $line[1] completion cameras -- $line 2>/dev/null
end

complete -c ${top.name} -f
${commands.flatMap((command) => commandLines(top.name, command)).join("\n")}
`;
}

function commandLines(
  program: string,
  { path, commands, options }: CommandSpec,
): readonly string[] {
  const start = `complete -c ${program} -n ${quote(`__${program}_at "${at(path)}"`)}`;
  return [
    ...commands.map(({ name, description }) => `${start} -a ${name} -d ${quote(description)}`),
    ...options.map((option) => `${start} ${optionFlags(option, program)}`),
  ];
}

function optionFlags({ names, description, value }: OptionSpec, program: string): string {
  const flags = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  );
  return [...flags, ...valueFlags(value, program), `-d ${quote(description)}`].join(" ");
}

function valueFlags(value: ValueSpec, program: string): readonly string[] {
  switch (value.kind) {
    case "none":
      return [];
    case "text":
      return ["-x"];
    case "choice":
      return [`-x -a ${quote(value.choices.join(" "))}`];
    case "file":
      return ["-r -F"];
    case "folder":
      return ["-x -a '(__fish_complete_directories)'"];
    case "camera":
      return [`-x -a '(__${program}_cameras)'`];
  }
}

function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join("");
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
