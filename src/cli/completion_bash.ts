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
  const paths = commands.slice(1).map(({ path }) => `" ${path.join(" ")}"`);
  return `# bash completion for ${top.name}, made by "${top.name} completion bash".

_${top.name}() {
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
      ${paths.join(" | \\\n        ")})
        at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $prev" in
${valueCases(commands).join("\n")}
  esac
  case "$at" in
${commands.map(wordCase).join("\n")}
  esac
}

complete -F _${top.name} ${top.name}
`;
}

/** What follows an option that takes a value. */
function valueCases(commands: readonly CommandSpec[]): readonly string[] {
  return commands.flatMap(({ path, options }) =>
    options.filter(({ value }) => value.kind !== "none").map(({ names, value }) => {
      const patterns = names.map((name) => `"${at(path)} ${name}"`);
      return `    ${patterns.join(" | ")}) ${valueAction(value)} return ;;`;
    })
  );
}

function valueAction(value: ValueSpec): string {
  switch (value.kind) {
    case "choice":
      return fill(`compgen -W "${value.choices.join(" ")}" -- "$cur"`);
    case "camera":
      return fill(
        `compgen -W "$("\${COMP_WORDS[0]}" completion cameras -- "\${COMP_WORDS[@]}" 2>/dev/null)"` +
          ` -- "$cur"`,
      );
    case "file":
      return `compopt -o filenames 2>/dev/null; ${fill('compgen -f -- "$cur"')}`;
    case "folder":
      return `compopt -o filenames 2>/dev/null; ${fill('compgen -d -- "$cur"')}`;
    case "none":
    case "text":
      return "";
  }
}

/** Commands where there are any and no "-" is typed; options otherwise. */
function wordCase({ path, options, commands }: CommandSpec): string {
  const names = options.flatMap(({ names }) => names).join(" ");
  const inner = commands.map(({ name }) => name).join(" ");
  const fillOptions = fill(`compgen -W "${names}" -- "$cur"`);
  const action = inner === ""
    ? fillOptions
    : `if [[ $cur == -* ]]; then ${fillOptions} else ${fill(`compgen -W "${inner}" -- "$cur"`)} fi`;
  return `    "${at(path)}") ${action} ;;`;
}

function at(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join("");
}

function fill(words: string): string {
  return `mapfile -t COMPREPLY < <(${words});`;
}
