/**
 * Events as people use them: listed, exported by their id, and chosen in the prompt.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { at, visionEntry } from "../support/ledger_entries.ts";
import { lookback } from "../support/lookback.ts";
import { realArchive } from "../support/real_archive.ts";

/** Within the three seconds of the archive. */
const PERSON = visionEntry(1, { endMs: at(1.6) });

Deno.test("an event is listed, exported with its padding, and had in the prompt by its name", async () => {
  await using archive = await realArchive();
  archive.commit([PERSON, visionEntry(0.4, { class: "dog", endMs: at(0.8) })]);
  const cwd = archive.root;
  const [listed, exported, prompted] = await Promise.all([
    lookback(["events", "--class", "person", "--json"], { cwd }),
    lookback(["export", "--event", PERSON.eventId, "--padding", "0.2s", "--json"], { cwd }),
    lookback(["prompt"], { cwd, input: "front\nlast dog\nyes\nno\n" }),
  ]);
  strictEqual(listed.code, 0, listed.stderr);
  const { events, older_left_out: isCut } = JSON.parse(listed.stdout);
  deepStrictEqual([events.length, events[0].event_id, isCut], [1, PERSON.eventId, false]);
  strictEqual(exported.code, 0, exported.stderr);
  const { receipt } = JSON.parse(exported.stdout);
  deepStrictEqual(receipt.asked, {
    start: "2026-11-21T20:57:00.800Z",
    end: "2026-11-21T20:57:01.800Z",
    duration_ms: 1_000,
  });
  strictEqual(receipt.delivered.frames, 25);
  strictEqual(prompted.code, 0, prompted.stderr);
  match(prompted.stdout, /last dog: 2026-11-21 21:57:00\.400 .*, 0\.400 s\n/);
  match(prompted.stdout, /from {5}2026-11-21 21:56:55\.400 /);
});

Deno.test("lookback export refuses an event that there is not with code 2", async () => {
  await using archive = await realArchive();
  const { code, stderr } = await lookback(["export", "--event", "x-1"], { cwd: archive.root });
  strictEqual(code, 2);
  match(stderr, /Cannot find event "x-1"\n.*lookback events/);
});
