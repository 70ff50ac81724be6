import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  EXPECTED,
  faultTable,
  type MeasuredFault,
  missingFaults,
  readMeasured,
  withTable,
} from "../../tools/reliability.ts";

const row = (fault: string, measured = "3 ms"): MeasuredFault => ({
  fault,
  lostAtMost: "1 s",
  measured,
  test: "run does it",
});

Deno.test("readMeasured() takes the last line of each fault", () => {
  const lines = [row("a", "1"), row("b", "2"), row("a", "3")].map((each) => JSON.stringify(each));
  deepStrictEqual(readMeasured(`${lines.join("\n")}\n`).map(({ measured }) => measured), [
    "3",
    "2",
  ]);
});

Deno.test("missingFaults() names what is expected and was not measured", () => {
  deepStrictEqual(missingFaults([row("power cut at noon")], ["power cut", "flood"]), ["flood"]);
});

Deno.test("faultTable() puts expected faults first, in their order, and escapes bars", () => {
  const table = faultTable([row("other"), row("b", "1 | 2"), row("a")], ["a", "b"]);
  deepStrictEqual(table.split("\n").slice(2), [
    "| a | 1 s | 3 ms | run does it |",
    "| b | 1 s | 1 \\| 2 | run does it |",
    "| other | 1 s | 3 ms | run does it |",
  ]);
});

Deno.test("withTable() changes nothing of the page but its table", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/reliability.md", import.meta.url));
  const changed = withTable(page, "| new |");
  ok(changed.includes("\n| new |\n"));
  const begin = page.indexOf("<!-- table");
  strictEqual(changed.slice(0, begin), page.slice(0, begin));
  strictEqual(withTable(changed, "| new |"), changed);
  throws(() => withTable("no page", "| new |"), /Cannot find/);
});

Deno.test("docs/reliability.md has a row for every expected fault", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/reliability.md", import.meta.url));
  for (const begin of EXPECTED) ok(page.includes(`| ${begin}`), begin);
});
