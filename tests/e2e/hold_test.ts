/**
 * `lookback hold`, `lookback release` and what `lookback status` says of keeping
 * footage, as people use them.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { at } from "../support/ledger_entries.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { smallArchive } from "../support/small_archive.ts";

Deno.test("lookback hold keeps a stretch under a name until lookback release", async () => {
  await using archive = await smallArchive();
  const cwd = archive.root;
  await archive.record("front", at(0));
  await archive.record("front", at(10));
  const window = ["--from", "2026-11-21T20:57:12Z", "--duration", "3s"];
  const made = await lookback(["hold", "case-7", "--camera", "front", ...window], { cwd });
  strictEqual(made.code, 0, made.stderr);
  match(made.stderr, /camera {3}front\nfrom {5}2026-11-21 21:57:12 .*\nto .*:15 .*\nduration 3 s/);
  match(made.stdout, /^held {5}\d\.\d kB until: lookback release case-7/);

  const listed = await lookback(["hold", "--list", "--json"], { cwd });
  const { holds: [hold] } = JSON.parse(listed.stdout);
  deepStrictEqual([hold.name, hold.camera_id, hold.from, hold.to], [
    "case-7",
    "front",
    "2026-11-21T20:57:12.000Z",
    "2026-11-21T20:57:15.000Z",
  ]);
  const status = JSON.parse((await lookback(["status", "--json"], { cwd })).stdout);
  strictEqual(status.cameras[0].held_bytes, hold.held_bytes);
  deepStrictEqual(status.outlook.holds, ["case-7"]);

  strictEqual((await lookback(["release", "case-7"], { cwd })).code, 0);
  match((await lookback(["hold", "--list"], { cwd })).stdout, /^no holds/);
});

const REFUSALS = [
  { args: ["a"], says: /need either --camera ID or --all/ },
  { args: ["a", "--all", "--camera", "front"], says: /need either --camera ID or --all/ },
  { args: ["a", "--all", "--from", "-10m"], says: /either --to TIME or --duration LENGTH/ },
  { args: ["a", "--all", "--from", "-1h", "--to", "-2h"], says: /ends before it begins/ },
  { args: ["Case 7", "--all", "--from", "-1h", "--duration", "1m"], says: /need lower-case/ },
  { args: [], says: /without a name/ },
  { args: ["a", "--camera", "frnt", "--from", "-1h", "--duration", "1m"], says: /did you mean/ },
] as const;

Deno.test("lookback hold refuses what is unclear with code 2", async () => {
  await using archive = await smallArchive();
  await archive.record("front", at(0));
  for (const { args, says } of REFUSALS) {
    const { code, stderr } = await lookback(["hold", ...args], { cwd: archive.root });
    match(stderr, says);
    strictEqual(code, 2);
  }
  const { code, stderr } = await lookback(["release", "b"], { cwd: archive.root });
  match(stderr, /there is no such hold\n {2}holds: none/);
  strictEqual(code, 2);
});

Deno.test("lookback status warns when fewer days than promised will be held", async () => {
  await using archive = await smallArchive();
  const cwd = archive.root;
  // A batch of 500 kB in the last minute.
  const nowMs = Date.now();
  const startMs = at(Math.floor((nowMs - at(0)) / 1_000) - 60);
  await archive.record("front", startMs, { recordingBytes: 500_000 });
  await writeConfig(cwd, "retention: { days: 30, max_size: 1 GB }\ncameras: []\n");
  const { stdout, code, stderr } = await lookback(["status"], { cwd });
  strictEqual(code, 0, stderr);
  match(stdout, /keeps {3}about \d.* up to the size limit of all cameras \(retention\.max_size\)/);
  match(stdout, /warning 30 days are promised, .* will be held/);
  const { outlook } = JSON.parse((await lookback(["status", "--json"], { cwd })).stdout);
  strictEqual(outlook.cameras[0].less_than_promised, true);
});
