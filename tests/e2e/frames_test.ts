/**
 * `lookback frames` and the exports that change a film, as commands.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isoUtc } from "../../src/base/units.ts";
import { namesIn } from "../../src/host/files.ts";
import { filesBelow } from "../support/archive.ts";
import { at } from "../support/ledger_entries.ts";
import { lookback } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { twoRuns } from "../support/two_runs.ts";

const WINDOW = ["--camera", "front", "--from", isoUtc(at(1)), "--duration", "4s"];

Deno.test("frames writes a set from somebody else's disk and changes nothing there", async () => {
  await using runs = await twoRuns({ isSeen: true });
  await using desk = await tempFolder();
  const before = await filesBelow(runs.root);
  const { code, stdout, stderr } = await lookback(
    [
      ...["frames", ...WINDOW, "--fps", "2", "--size", "64x36", "--classes", "person"],
      ...["--out", "set", "--root", runs.root, "--read-only", "--json"],
    ],
    { cwd: desk.path },
  );
  strictEqual(code, 0, stderr);
  const summary = JSON.parse(stdout);
  strictEqual(summary.pictures, 8);
  strictEqual(summary.boxes, 8);
  deepStrictEqual(summary.categories, ["person"]);
  const names = await namesIn(join(desk.path, "set"));
  strictEqual(names.length, 10);
  match(names.at(-1)!, /^front_20261121T2057\d{5}Z_\d+\.jpg$/);
  deepStrictEqual(await filesBelow(runs.root), before);
});

Deno.test("frames says what is wrong with what it is asked", async () => {
  await using runs = await twoRuns();
  const cases = [
    { flags: ["--fps", "0"], code: 2, says: /Cannot read "0" as frames a second/ },
    { flags: ["--size", "640"], code: 2, says: /Cannot read "640" as the size/ },
    { flags: ["--max", "none"], code: 2, says: /Cannot take "none" pictures/ },
    { flags: ["--at", "-1m"], code: 2, says: /give it once, with --from or with --at/ },
    { flags: ["--classes", "person"], code: 1, says: /frames with something seen: 0/ },
  ];
  for (const { flags, code, says } of cases) {
    const args = ["frames", ...WINDOW, "--out", "set", ...flags];
    const done = await lookback(args, { cwd: runs.root });
    match(done.stderr, says);
    strictEqual(done.code, code, done.stderr);
  }
  ok(!(await namesIn(runs.root)).some((name) => name.startsWith("set")));
});

Deno.test("export --fps --overlay says that it encodes, and its receipt can be verified", async () => {
  await using runs = await twoRuns({ isSeen: true });
  const args = ["export", "--camera", "front", "--at", isoUtc(at(1)), "--duration", "2s"];
  const changed = [...args, "--fps", "5", "--overlay", "boxes,clock,name", "--out", "film.mp4"];
  const { code, stdout, stderr } = await lookback(changed, { cwd: runs.root });
  strictEqual(code, 0, stderr);
  match(stdout, /encoded anew: 10 frames, 5 a second, with boxes, clock, name burnt in/);
  const receipt = JSON.parse(await Deno.readTextFile(join(runs.root, "film.mp4.json")));
  deepStrictEqual(
    [receipt.encoded_frames, receipt.fps, receipt.overlay, receipt.delivered.frames],
    [10, 5, ["boxes", "clock", "name"], 10],
  );
  const verified = await lookback(["verify", "film.mp4"], { cwd: runs.root });
  strictEqual(verified.code, 0, verified.stderr);
  const refused = await lookback([...args, "--overlay", "logo"], { cwd: runs.root });
  strictEqual(refused.code, 2);
});
