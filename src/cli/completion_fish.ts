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
  return `# fish completion for lookback, made by "lookback completion fish".

function __lookback_at --description 'True when the command line is at this command'
    set -l at ''
    for word in (commandline -opc)[2..]
        switch "$at $word"
            case ${paths.join(" ")}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end

function __lookback_cameras
    set -l line (commandline -opc)
    $line[1] completion cameras -- $line 2>/dev/null
end

complete -c lookback -f
${commands.flatMap((command) => commandLines(command)).join("\n")}
`;
}

function commandLines(spec: CommandSpec): readonly string[] {
  const { path, commands, options, argument } = spec;
  const start = `complete -c lookback -n ${quote(`__lookback_at "${at(path)}"`)}`;
  return [
    ...commands.map(({ name, description }) => `${start} -a ${name} -d ${quote(description)}`),
    ...(argument.kind === "file" ? [`${start} -F`] : []),
    ...(argument.kind === "choice" ? [`${start} -a ${quote(argument.choices.join(" "))}`] : []),
    ...options.map((option) => `${start} ${optionFlags(option)}`),
  ];
}

function optionFlags({ names, description, value }: OptionSpec): string {
  const flags = names.map((name) =>
    name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  );
  return [...flags, ...valueFlags(value), `-d ${quote(description)}`].join(" ");
}

function valueFlags(value: ValueSpec): readonly string[] {
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
      return ["-x -a '(__lookback_cameras)'"];
  }
}

function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join("");
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
