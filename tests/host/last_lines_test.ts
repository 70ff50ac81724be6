import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import { lastLines } from "../../src/host/last_lines.ts";
import { tempFolder } from "../support/temp_folder.ts";

const FILES = [
  { name: "of a short file, all of them", text: "a\nb\n", lines: ["a", "b"] },
  { name: "with the one that has no end yet", text: "a\nb\nc", lines: ["b", "c"] },
  { name: "of an empty file, none", text: "", lines: [] },
  {
    name: "of a long file, whole ones",
    text: `${"x".repeat(300_000)}\n${"y".repeat(300_000)}\nz\n`,
    lines: ["z"],
  },
];

for (const { name, text, lines } of FILES) {
  Deno.test(`lastLines() gives ${name}`, async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, "log");
    await Deno.writeTextFile(path, text);
    deepStrictEqual(await lastLines(path, 2), lines);
  });
}
