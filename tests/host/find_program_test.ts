import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { findProgram, findProgramSync } from "../../src/host/find_program.ts";
import { toolOutput } from "../../src/host/tool_output.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("findProgram() takes the first program of that name on PATH, and no other file", async () => {
  await using folder = await tempFolder();
  const path = (name: string) => join(folder.path, name);
  for (const name of ["a", "b", "c"]) await Deno.mkdir(path(name));
  await Deno.mkdir(path("a/tool"));
  await Deno.writeTextFile(path("b/tool"), "", { mode: 0o644 });
  await Deno.writeTextFile(path("c/tool"), "", { mode: 0o755 });
  const search = ["missing", "a", "b", "c"].map(path).join(":");
  for (const find of [findProgram, findProgramSync]) {
    strictEqual(await find("tool", search), path("c/tool"));
    strictEqual(await find("other", search), null);
    strictEqual(await find(path("b/tool"), search), null);
    strictEqual(await find(path("c/tool"), ""), path("c/tool"));
  }
});

const TOOLS = [
  { name: "prints", script: "echo hello", output: "hello\n" },
  { name: "fails", script: "echo hello; exit 3", output: null },
];

for (const { name, script, output } of TOOLS) {
  Deno.test(`toolOutput() is ${JSON.stringify(output)} when the tool ${name}`, async () => {
    strictEqual(await toolOutput("sh", ["-c", script]), output);
  });
}

Deno.test("toolOutput() is null when there is no such tool", async () => {
  strictEqual(await toolOutput("/nowhere/tool", []), null);
});
