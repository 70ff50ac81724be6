/**
 * Writes the completion script for zsh: a function for each command.
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

/** The script; it may be sourced, or lie in a folder of `fpath` as `_lookback`. */
export function zshScript(top: CommandSpec): string {
  return `#compdef ${top.name}
# zsh completion for ${top.name}, made by "${top.name} completion zsh".

_${top.name}_cameras() {
  local -a ids
  ids=(\${(f)"$("\${lookback_line[1]}" completion cameras -- "\${lookback_line[@]}" 2>/dev/null)"})
  compadd -a ids
}

${allCommands(top).map(commandFunction).join("\n")}
_${top.name}() {
  # Kept whole, because _arguments cuts "words" down to the inner command.
  local -a lookback_line
  lookback_line=("\${words[@]}")
  ${functionName(top)}
}

if [[ "$funcstack[1]" == "_${top.name}" ]]; then
  _${top.name} "$@"
elif (( $+functions[compdef] )); then
  compdef _${top.name} ${top.name}
fi
`;
}

function functionName({ path }: CommandSpec): string {
  return ["_lookback_at", ...path.map((name) => name.replaceAll("-", "_"))].join("_");
}

function commandFunction(spec: CommandSpec): string {
  const options = spec.options.map((option) => `    ${optionArgument(option)}`);
  if (spec.commands.length === 0) {
    return `${functionName(spec)}() {
  _arguments -s \\
${options.join(" \\\n")}
}
`;
  }
  const names = spec.commands.map(({ name, description }) =>
    `        ${quote(`${name}:${description}`)}`
  );
  const calls = spec.commands.map((each) => `        ${each.name}) ${functionName(each)} ;;`);
  return `${functionName(spec)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${options.join(" \\\n")} \\
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
      local -a commands
      commands=(
${names.join("\n")}
      )
      _describe command commands ;;
    rest)
      case $line[1] in
${calls.join("\n")}
      esac ;;
  esac
}
`;
}

/** An option as _arguments reads it: `'(-h --help)'{-h,--help}'[text]:message:action'`. */
function optionArgument({ names, description, value }: OptionSpec): string {
  const text = `[${description.replaceAll(/[[\]\\]/g, "\\$&")}]`;
  const tail = quote(text + valueAction(value));
  return names.length === 1
    ? `${names[0]}${tail}`
    : `${quote(`(${names.join(" ")})`)}{${names.join(",")}}${tail}`;
}

function valueAction(value: ValueSpec): string {
  switch (value.kind) {
    case "none":
      return "";
    case "text":
      return ":value: ";
    case "choice":
      return `:value:(${value.choices.join(" ")})`;
    case "file":
      return ":file:_files";
    case "folder":
      return ":folder:_files -/";
    case "camera":
      return ":camera:_lookback_cameras";
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
