import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseStat, sumOfLines, treeOf } from "../../src/bench/process_tree.ts";
import { cpuClockId } from "../../src/bench/process_cpu.ts";

const AFTER_PARENT = "7 7 0 -1 4194560 1 2 3 4 50 60 125 75 20 0 1 0";

Deno.test("parseStat() reads past a name with blanks and brackets", () => {
  deepStrictEqual(parseStat(`42 (a) b (c)) S 7 ${AFTER_PARENT}`), {
    pid: 42,
    parent: 7,
    endedChildrenSeconds: 2,
  });
  strictEqual(parseStat(""), undefined);
});

Deno.test("treeOf() takes a process and all below it, whatever their order", () => {
  const each = (pid: number, parent: number) => ({ pid, parent, endedChildrenSeconds: 0 });
  const all = [each(9, 5), each(3, 1), each(5, 3), each(8, 2), each(4, 3)];
  deepStrictEqual(treeOf(all, 3).map(({ pid }) => pid), [3, 5, 4, 9]);
  deepStrictEqual(treeOf(all, 77), []);
});

Deno.test("sumOfLines() adds up what a pattern finds in several files", () => {
  const text = "Rss: 9 kB\nPss:    12 kB\nPss_Dirty: 4 kB\nRss: 9 kB\nPss: 30 kB\n";
  strictEqual(sumOfLines(text, /^Pss:\s+(\d+) kB$/gm), 42);
});

Deno.test("cpuClockId() gives the number that clock_getcpuclockid(3) gives", () => {
  strictEqual(cpuClockId(1), -14);
  strictEqual(cpuClockId(4_194_304), -33_554_438);
});
