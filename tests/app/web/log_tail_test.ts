import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { LogTail } from "../../../src/app/web/log_tail.ts";

function fill(tail: LogTail, count: number): void {
  for (let index = 0; index < count; index += 1) {
    tail.add({ level: "info", room: "cli", text: `${index}`, atMs: index, values: {} });
  }
}

Deno.test("LogTail gives each line once, and all that is kept to a new listener", () => {
  const tail = new LogTail();
  fill(tail, 3);
  deepStrictEqual(tail.takeNew().records.map(({ text }) => text), ["0", "1", "2"]);
  strictEqual(tail.takeNew().records.length, 0);
  tail.rewind();
  strictEqual(tail.takeNew().records.length, 3);
});

Deno.test("LogTail counts lines that nobody came for in time", () => {
  const tail = new LogTail();
  fill(tail, 1_200);
  const { records, lost } = tail.takeNew();
  deepStrictEqual([records.length, records[0]?.text, lost], [1_000, "200", 200]);
  strictEqual(tail.takeNew().lost, 0);
});

Deno.test("LogTail leaves out what a line holds of secrets, in its text and its values", () => {
  const tail = new LogTail();
  const values = { name: "admin", password: "Xy7-pq" };
  tail.add({ level: "warning", room: "web", text: "log in with Xy7-pq", atMs: 1, values });
  deepStrictEqual(tail.takeNew().records, [{
    level: "warning",
    room: "web",
    text: "log in with ***",
    atMs: 1,
    values: { name: "admin", password: "***" },
  }]);
});
