import { deepStrictEqual } from "node:assert/strict";
import { findLongFiles, MAX_LINES } from "../../tools/check_length.ts";

function fileOf(path: string, lines: number) {
  return { path, text: "x;\n".repeat(lines) };
}

Deno.test("findLongFiles() names a file one line past the wall", () => {
  const files = [fileOf("src/a.ts", MAX_LINES), fileOf("tests/b.ts", MAX_LINES + 1)];
  deepStrictEqual(findLongFiles(files), [{ path: "tests/b.ts", lines: MAX_LINES + 1 }]);
});

Deno.test("findLongFiles() counts a last line without a line feed", () => {
  const text = "x;\n".repeat(MAX_LINES) + "x;";
  deepStrictEqual(findLongFiles([{ path: "a.ts", text }]), [{ path: "a.ts", lines: 401 }]);
});

Deno.test("findLongFiles() lets a data table be long", () => {
  deepStrictEqual(findLongFiles([fileOf("src/table.ts", 900)], ["src/table.ts"]), []);
});
