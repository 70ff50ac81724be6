/**
 * Which events are looked at, pass by pass, on an index of plain numbers.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { EventFootage } from "../../src/model/event_retention.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { EventSweep, type SweepParts } from "../../src/upkeep/event_deletion.ts";
import { NO_RULES } from "../support/batch_shelf.ts";
import { tempFolder } from "../support/temp_folder.ts";

const DAY_MS = 86_400_000;

Deno.test("pass() looks at some hundred events at a time and comes round to all of them", async () => {
  await using folder = await tempFolder();
  let looked = 0;
  const events = new Map<string, EventFootage[]>();
  for (const [cameraId, count] of [["a", 700], ["b", 0], ["c", 300]] as const) {
    const own = Array.from({ length: count }, (_, number): EventFootage => ({
      ...{ cameraId, eventId: `${cameraId}${number}`, pictures: [] },
      ...{ startMs: unixMs(number), endMs: unixMs(number), hasFootage: number % 10 > 0 },
    }));
    events.set(cameraId, own);
  }
  const sent: LedgerEntry[] = [];
  const parts: SweepParts = {
    root: folder.path,
    nowMs: unixMs(9 * DAY_MS),
    openFolders: new Set(),
    rules: NO_RULES,
    holds: [],
    send: (entry) => {
      sent.push(entry);
      return Promise.resolve();
    },
    index: {
      usage: () => [...events.keys()].map((id) => ({ cameraId: id, usedBytes: 1, openBytes: 0 })),
      eventsAfter: ({ cameraId }, after, limit) => {
        const page = events.get(cameraId)!
          .filter(({ startMs }) => after === null || startMs > after.startMs).slice(0, limit);
        looked += page.length;
        return page;
      },
    },
  };
  const sweep = new EventSweep();
  const passes = [];
  for (let pass = 0; pass < 3; pass += 1) {
    passes.push([(await sweep.pass(parts)).events, looked]);
    looked = 0;
  }
  // All of a and c, then a from the beginning.
  deepStrictEqual(passes, [[50, 500], [50, 500], [50, 500]]);
  const gone = sent.flatMap((entry) => entry.type === "vision-deletion" ? entry.eventIds : []);
  strictEqual(new Set(gone.slice(0, 100)).size, 100);
  strictEqual(gone[100], "a0");
});
