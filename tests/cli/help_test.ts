import { deepStrictEqual, ok } from "node:assert/strict";
import type { Command } from "commander";
import { program } from "../../src/cli/main.ts";

/** A command's help as it is printed, and its name with those above it. */
interface Help {
  readonly name: string;
  readonly text: string;
}

function helpOf(command: Command, before: string): readonly Help[] {
  const name = `${before}${command.name()}`;
  let text = "";
  command.configureOutput({ writeOut: (part) => text += part }).outputHelp();
  return [{ name, text }, ...command.commands.flatMap((inner) => helpOf(inner, `${name} `))];
}

Deno.test("--help of every command shows an example of that command", async () => {
  const all = helpOf(await program(), "");
  ok(all.length > 10);
  const without = all.filter(({ name, text }) => {
    const example = /\n(?:Examples?|Start here):\n((?: {2}.*(?:\n|$))+)/.exec(text)?.[1];
    return example === undefined || !example.includes(name);
  });
  deepStrictEqual(without.map(({ name }) => name), []);
});
