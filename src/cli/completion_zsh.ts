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
  return `#compdef lookback
# zsh completion for lookback, made by "lookback completion zsh".

_lookback_cameras() {
  local -a ids
  ids=(\${(f)"$("\${lookback_line[1]}" completion cameras -- "\${lookback_line[@]}" 2>/dev/null)"})
  compadd -a ids
}

${allCommands(top).map(commandFunction).join("\n")}
_lookback() {
  # Kept whole, because _arguments cuts "words" down to the inner command.
  local -a lookback_line
  lookback_line=("\${words[@]}")
  ${functionName(top)}
}

if [[ "$funcstack[1]" == "_lookback" ]]; then
  _lookback "$@"
elif (( $+functions[compdef] )); then
  compdef _lookback lookback
fi
`;
}

function functionName({ path }: CommandSpec): string {
  return ["_lookback_at", ...path.map((name) => name.replaceAll("-", "_"))].join("_");
}

function commandFunction(spec: CommandSpec): string {
  const options = spec.options.map((option) => `    ${optionArgument(option)}`);
  if (spec.commands.length === 0) {
    const argument = valueAction(spec.argument);
    const all = argument === "" ? options : [...options, `    ${quote(`1${argument}`)}`];
    return all.length === 0
      ? `${functionName(spec)}() { :; }\n`
      : `${functionName(spec)}() {\n  _arguments \\\n${all.join(" \\\n")}\n}\n`;
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

/** An option as _arguments reads it: `'(-h --help)'{-h,--help}'[text]'`, `--mode='[text]:value:(a b)'`. */
function optionArgument({ names, description, value }: OptionSpec): string {
  const text = `[${description.replaceAll(/[[\]\\]/g, "\\$&")}]`;
  // With "=" the value may follow in the same word, too.
  const equals = value.kind === "none" ? "" : "=";
  const tail = equals + quote(text + valueAction(value));
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
