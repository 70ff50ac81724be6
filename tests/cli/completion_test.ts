/**
 * The completion scripts in real shells. A shell that is not installed leaves its
 * tests out; bash is always there.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { bashScript } from "../../src/cli/completion_bash.ts";
import { fishScript } from "../../src/cli/completion_fish.ts";
import { allCommands, commandSpec } from "../../src/cli/completion_spec.ts";
import { zshScript } from "../../src/cli/completion_zsh.ts";
import { sharedOptionsIn } from "../../src/cli/completion.ts";
import { program } from "../../src/cli/main.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SPEC = commandSpec(await program());

const SHELLS = [
  { shell: "bash", check: "-n", script: bashScript(SPEC) },
  { shell: "zsh", check: "-n", script: zshScript(SPEC) },
  { shell: "fish", check: "--no-execute", script: fishScript(SPEC) },
] as const;

/** What a shell prints for a script that it reads from a file. */
async function shellOutput(shell: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(shell, { args: [...args] }).output();
  const text = new TextDecoder().decode(stderr);
  strictEqual(text, "");
  strictEqual(code, 0);
  return new TextDecoder().decode(stdout);
}

async function isInstalled(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const INSTALLED = new Set<string>();
for (const { shell } of SHELLS) if (await isInstalled(shell)) INSTALLED.add(shell);

/** A test that needs a shell; its name says so where the shell is missing. */
function shellTest(shell: string, name: string, run: () => Promise<void>): void {
  const isThere = INSTALLED.has(shell);
  const why = isThere ? "" : ` (left out: ${shell} is not on PATH)`;
  Deno.test({ name: `${name}${why}`, ignore: !isThere, fn: run });
}

for (const { shell, check, script } of SHELLS) {
  shellTest(shell, `completion script for ${shell} is accepted by ${shell} ${check}`, async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "script");
    await Deno.writeTextFile(path, script);
    strictEqual(await shellOutput(shell, [check, path]), "");
  });
}

/** A command line, the last word being typed, and what it can become. */
const LINES: readonly { readonly line: readonly string[]; readonly words: readonly string[] }[] = [
  { line: ["ex"], words: ["export"] },
  { line: ["export", "--mode", ""], words: ["exact", "keyframe", "strict"] },
  { line: ["export", "--mode", "k"], words: ["keyframe"] },
  { line: ["export", "--gaps", "keep", "--so"], words: ["--source"] },
  { line: ["export", "--camera", ""], words: ["front", "yard"] },
  { line: ["export", "--camera", "y"], words: ["yard"] },
  { line: ["export", "--at", ""], words: [] },
  { line: ["config", "c"], words: ["check"] },
  { line: ["config", "check", "--js"], words: ["--json"] },
  { line: ["completion", "f"], words: ["fish"] },
  { line: ["init", "--out", "lookback.s"], words: ["lookback.save"] },
  { line: ["run", "--root", "lookback."], words: ["lookback.folder"] },
  { line: ["no-command", "--mo"], words: [] },
];

/** Only bash splits a word at "=". */
const SPLIT_LINES: typeof LINES = [
  { line: ["export", "--mode", "="], words: ["exact", "keyframe", "strict"] },
  { line: ["export", "--mode", "=", "s"], words: ["strict"] },
];

/** A folder with files to complete and a program that knows two cameras. */
async function world(script: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await tempFolder();
  await Deno.writeTextFile(join(folder.path, "script"), script);
  await Deno.writeTextFile(join(folder.path, "lookback.save"), "");
  await Deno.mkdir(join(folder.path, "lookback.folder"));
  const stand = '#!/bin/sh\n[ "$1 $2 $3" = "completion cameras --" ] && echo front && echo yard\n';
  await Deno.writeTextFile(join(folder.path, "lookback"), stand, { mode: 0o755 });
  return folder;
}

const BASH_HARNESS = `
cd "$1" && source ./script || exit 1
COMP_WORDS=("$1/lookback" "\${@:2}")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_lookback
printf '%s\\n' "\${COMPREPLY[@]}"
`;

for (const { line, words } of [...LINES, ...SPLIT_LINES]) {
  shellTest("bash", `bash completes "lookback ${line.join(" ")}"`, async () => {
    await using here = await world(bashScript(SPEC));
    const shown = await shellOutput("bash", ["-c", BASH_HARNESS, "bash", here.path, ...line]);
    deepStrictEqual(shown.split("\n").filter((word) => word !== "").toSorted(), words);
  });
}

const FISH_HARNESS = `cd $argv[1]; and source ./script; and set PATH $argv[1] $PATH
complete -C "lookback $argv[2]"`;

for (const { line, words } of LINES) {
  shellTest("fish", `fish completes "lookback ${line.join(" ")}"`, async () => {
    await using here = await world(fishScript(SPEC));
    const shown = await shellOutput("fish", [
      ...["--no-config", "-c", FISH_HARNESS],
      ...[here.path, line.join(" ")],
    ]);
    const found = shown.split("\n").map((each) => each.split("\t")[0]!.replace(/\/$/, ""));
    deepStrictEqual(found.filter((word) => word !== "").toSorted(), words);
  });
}

Deno.test("commandSpec() leaves out what is hidden and knows every visible command", () => {
  const paths = allCommands(SPEC).map(({ path }) => path.join(" "));
  ok(paths.includes("config check"));
  ok(!paths.includes("completion cameras"));
});

const OPTION_LINES = [
  { line: ["lookback", "export", "--root", "/mnt/a", "--camera"], options: { root: "/mnt/a" } },
  { line: ["lookback", "export", "--root=/mnt/a"], options: { root: "/mnt/a" } },
  {
    line: ["lookback", "frame", "--config", "=", "a.yaml", "--root", "=", "b"],
    options: { config: "a.yaml", root: "b" },
  },
  { line: ["lookback", "export", "--camera", ""], options: {} },
] as const;

for (const { line, options } of OPTION_LINES) {
  Deno.test(`sharedOptionsIn() reads "${line.join(" ")}"`, () => {
    deepStrictEqual(sharedOptionsIn(line), options);
  });
}
