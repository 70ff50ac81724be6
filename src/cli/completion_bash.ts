/**
 * Writes the completion script for bash.
 *
 * Pure.
 *
 * @module
 */

import { allCommands, type CommandSpec, type ValueSpec } from "./completion_spec.ts";

/** The script; it has to be sourced. */
export function bashScript(top: CommandSpec): string {
  const commands = allCommands(top);
  const paths = commands.slice(1).map(({ path }) => quote(at(path)));
  return `# bash completion for lookback, made by "lookback completion bash".

_lookback_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# $1 is -f for files, -d for folders.
_lookback_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_lookback() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  # "=" is a word of its own here: "--mode=strict" has three.
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local at= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${paths.join(" | ")})
        at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $prev" in
${valueCases(commands).join("\n")}
  esac
  if [[ $cur != -* ]]; then
    case "$at" in
${commands.flatMap((command) => plainCase(command)).join("\n")}
    esac
  fi
  case "$at" in
${commands.flatMap((command) => optionCase(command)).join("\n")}
  esac
}

complete -F _lookback lookback
`;
}

/** What follows an option that takes a value; options with the same values share a line. */
function valueCases(commands: readonly CommandSpec[]): readonly string[] {
  const patterns = new Map<string, string[]>();
  for (const { path, options } of commands) {
    for (const { names, value } of options.filter((option) => option.value.kind !== "none")) {
      const action = valueAction(value);
      const same = patterns.get(action) ?? [];
      patterns.set(action, same);
      same.push(...names.map((name) => quote(`${at(path)} ${name}`)));
    }
  }
  return [...patterns].map(([action, same]) =>
    `    ${same.join(" | ")})\n      ${action === "" ? "" : `${action}; `}return ;;`
  );
}

/** A command line that fills COMPREPLY; nothing where no shell can know the value. */
function valueAction(value: ValueSpec): string {
  switch (value.kind) {
    case "choice":
      return `_lookback_words ${quote(value.choices.join(" "))}`;
    case "camera":
      return '_lookback_words "$("${COMP_WORDS[0]}" completion cameras -- "${COMP_WORDS[@]}" 2>/dev/null)"';
    case "file":
      return "_lookback_paths -f";
    case "folder":
      return "_lookback_paths -d";
    case "none":
    case "text":
      return "";
  }
}

/** What may stand by itself: an inner command, or an argument. */
function plainCase({ path, commands, argument }: CommandSpec): readonly string[] {
  const names = commands.map(({ name }) => name).join(" ");
  const action = names === "" ? valueAction(argument) : `_lookback_words ${quote(names)}`;
  return action === "" ? [] : [`      ${quote(at(path))}) ${action}; return ;;`];
}

function optionCase({ path, options }: CommandSpec): readonly string[] {
  const names = options.flatMap((option) => option.names).join(" ");
  return names === "" ? [] : [`    ${quote(at(path))}) _lookback_words ${quote(names)} ;;`];
}

function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join("");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
