import { strictEqual } from "node:assert/strict";
import { damageIn } from "../../src/app/database_watch.ts";

const PLACE = { path: "/root/data/lookback.db" };
const READ = { ...PLACE, state: "read", sizeBytes: 1, version: 2, knownVersion: 2 } as const;

const CASES = [
  { name: "finds none in a whole one", check: { ...READ, faults: [] }, damage: undefined },
  {
    name: "takes SQLite's first word",
    check: { ...READ, faults: ["Tree 9 page 20: btreeInitPage() returns error code 11", "more"] },
    damage: "Tree 9 page 20: btreeInitPage() returns error code 11",
  },
  {
    name: "takes a file that can't be read as a database for damaged",
    check: { ...PLACE, state: "unusable", reason: "file is not a database" },
    damage: "file is not a database",
  },
  {
    name: "does not take a lock for damage",
    check: { ...PLACE, state: "unusable", reason: "database is locked" },
    damage: undefined,
  },
  {
    name: "finds none where there is no file",
    check: { ...PLACE, state: "missing" },
    damage: undefined,
  },
] as const;

for (const { name, check, damage } of CASES) {
  Deno.test(`damageIn() ${name}`, () => {
    strictEqual(damageIn(check), damage);
  });
}
