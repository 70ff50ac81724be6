/**
 * The rules of deleting, on archives of plain numbers: what they choose in plain
 * cases. What holds for any archive is in retention_properties_test.ts.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Hold } from "../../src/model/hold.ts";
import {
  chooseVictims,
  type RetentionFacts,
  type RetentionLimits,
  type RetentionRules,
  type Victim,
  withoutAges,
} from "../../src/model/retention.ts";
import { NO_RULES, second, Shelf } from "../support/batch_shelf.ts";

/** Cameras a and b with batches of 10 s and 100 bytes, a's first. */
function twoCameras(batches: number): Shelf {
  const shelf = new Shelf();
  for (let number = 0; number < batches; number += 1) {
    for (const [cameraId, lateS] of [["a", 0], ["b", 5]] as const) {
      const startMs = second(100 + number * 10 + lateS);
      shelf.add({ cameraId, startMs, endMs: startMs + 10_000, bytes: 100 });
    }
  }
  return shelf;
}

function rules(
  all: Partial<RetentionRules["all"]>,
  cameras: Record<string, Partial<RetentionLimits>> = {},
): RetentionRules {
  const own = Object.entries(cameras).map(([id, limits]) =>
    [id, { ageMs: null, maxBytes: null, ...limits }] as const
  );
  return { all: { ...NO_RULES.all, ...all }, cameras: new Map(own) };
}

function hold(fromS: number, toS: number, cameraId: string | null = null): Hold {
  return { name: "h", cameraId, fromMs: second(fromS), toMs: second(toS) };
}

const CASES: readonly {
  readonly name: string;
  readonly facts: Partial<RetentionFacts>;
  /** Camera and number of its batch, in the order chosen. */
  readonly chosen: readonly string[];
  readonly cause?: string;
}[] = [
  { name: "nothing without limits", facts: {}, chosen: [] },
  {
    name: "what is older than the age limit, by its end",
    facts: { nowMs: second(200), rules: rules({ ageMs: 76_000 }) },
    chosen: ["a0", "a1", "b0"],
    cause: "age",
  },
  {
    name: "by the shorter of a camera's age limit and that of all",
    facts: {
      nowMs: second(200),
      rules: rules({ ageMs: 85_000 }, { b: { ageMs: 70_000 }, a: { ageMs: 1e9 } }),
    },
    chosen: ["a0", "b0", "b1"],
    cause: "age",
  },
  {
    name: "a camera's oldest when it takes up too much",
    facts: { rules: rules({}, { b: { maxBytes: 250 } }) },
    chosen: ["b0", "b1"],
    cause: "size",
  },
  {
    name: "the oldest of all when all take up too much",
    facts: { rules: rules({ maxBytes: 500 }) },
    chosen: ["a0", "b0", "a1"],
    cause: "size",
  },
  {
    name: "as much as the disk lacks",
    facts: {
      rules: rules({ keepFree: { kind: "bytes", bytes: 1_000 } }),
      disk: { freeBytes: 850, totalBytes: 5_000 },
    },
    chosen: ["a0", "b0"],
    cause: "free-space",
  },
  {
    name: "for a share of the disk that is to be free",
    facts: {
      rules: rules({ keepFree: { kind: "share", share: 0.1 } }),
      disk: { freeBytes: 499, totalBytes: 5_000 },
    },
    chosen: ["a0"],
    cause: "free-space",
  },
  {
    name: "what is needed at once",
    facts: { urgentBytes: 101 },
    chosen: ["a0", "b0"],
    cause: "disk-full",
  },
  {
    name: "a batch less where an urgent need is part of what the disk lacks",
    facts: {
      urgentBytes: 100,
      rules: rules({ keepFree: { kind: "bytes", bytes: 1_000 } }),
      disk: { freeBytes: 800, totalBytes: 5_000 },
    },
    chosen: ["a0", "b0"],
  },
  {
    name: "a camera's second when the first is held",
    facts: { rules: rules({ maxBytes: 700 }), holds: [hold(102, 103, "a")] },
    chosen: ["b0"],
  },
  {
    name: "nothing that a hold only touches, nor what ends right before it",
    facts: { rules: rules({ maxBytes: 300 }), holds: [hold(120.5, 121, "a")] },
    chosen: ["a0", "b0", "b1", "b2", "a3"],
  },
  {
    name: "nothing at all when everything is held",
    facts: { rules: rules({ maxBytes: 1 }), holds: [hold(0, 1_000)] },
    chosen: [],
  },
  {
    name: "the next oldest when an hour is being read",
    facts: { rules: rules({ maxBytes: 600 }), busyFolders: new Set(["a/0"]) },
    chosen: ["b0", "b1"],
  },
  {
    name: "all but one batch of a log that is being written",
    facts: { rules: rules({ maxBytes: 1 }), openLogs: new Set(["a/0.jsonl", "b/0.jsonl"]) },
    chosen: ["a0", "b0", "a1", "b1", "a2", "b2"],
  },
  {
    name: "room for the batch that is being recorded",
    facts: {
      rules: rules({}, { a: { maxBytes: 400 } }),
      usage: [{ cameraId: "a", usedBytes: 400, openBytes: 60 }],
    },
    chosen: ["a0"],
  },
];

for (const { name, facts, chosen, cause } of CASES) {
  Deno.test(`chooseVictims() chooses ${name}`, () => {
    const shelf = twoCameras(4);
    const { victims } = chooseVictims(shelf.facts(facts));
    const numberOf = ({ cameraId, startMs }: Victim) =>
      `${cameraId}${Math.floor((startMs - 100_000) / 10_000)}`;
    deepStrictEqual(victims.map(numberOf), chosen);
    if (cause !== undefined) ok(victims.every((victim) => victim.cause === cause));
  });
}

Deno.test("chooseVictims() counts a frame log as used until its last batch goes", () => {
  const shelf = new Shelf();
  for (let number = 0; number < 3; number += 1) {
    const startMs = second(number * 10);
    shelf.add({ cameraId: "a", startMs, endMs: startMs + 10_000, bytes: 100, logBytes: 50 });
  }
  shelf.add({ cameraId: "a", startMs: second(4_000), endMs: second(4_010), bytes: 100 });
  strictEqual(shelf.bytes("a"), 550);
  const plan = chooseVictims(shelf.facts({ rules: rules({ maxBytes: 349 }) }));
  // Two batches would leave 350 bytes; the third takes the log with it.
  strictEqual(plan.victims.length, 3);
  strictEqual(plan.freedBytes, 450);
});

Deno.test("chooseVictims() names the limit that holds keep from being met, and what is missing", () => {
  const plan = chooseVictims(
    twoCameras(2).facts({
      rules: rules({ maxBytes: 150 }, { a: { maxBytes: 50 } }),
      holds: [hold(0, 1_000)],
    }),
  );
  deepStrictEqual(plan.unmet, [
    { cause: "size", cameraId: "a", missingBytes: 150 },
    { cause: "size", cameraId: null, missingBytes: 250 },
  ]);
});

Deno.test("chooseVictims() stops at the most that one plan may have, and says so", () => {
  const { victims, isCut } = chooseVictims(
    twoCameras(4).facts({ rules: rules({ maxBytes: 1 }), most: 3 }),
  );
  deepStrictEqual([victims.length, isCut], [3, true]);
});

Deno.test("chooseVictims() reads past a hold of a month without its batches", () => {
  const shelf = twoCameras(1_000);
  let pages = 0;
  const facts = shelf.facts({ rules: rules({ maxBytes: 199_900 }), holds: [hold(0, 9_000)] });
  const { victims } = chooseVictims({
    ...facts,
    pageAfter: (...place) => {
      pages += 1;
      return facts.pageAfter(...place);
    },
  });
  strictEqual(victims[0]?.startMs, second(9_000));
  ok(pages <= 8, `${pages} pages`);
});

/** {@linkcode twoCameras}, and something seen in the first batch of each. */
function withEvents(batches: number): Shelf {
  const shelf = twoCameras(batches);
  shelf.batches = shelf.batches.map((batch) => ({ ...batch, hasEvent: batch.batchId <= 2 }));
  return shelf;
}

const EVENT_CASES: typeof CASES = [
  {
    name: "footage with events like all other where nothing keeps it longer",
    facts: { nowMs: second(200), rules: rules({ ageMs: 76_000 }) },
    chosen: ["a0", "a1", "b0"],
  },
  {
    name: "footage with events last of all, then the oldest of it",
    facts: { nowMs: second(200), rules: rules({ maxBytes: 150, eventsMs: 1e9 }) },
    chosen: ["a1", "b1", "a2", "b2", "a3", "b3", "a0"],
  },
  {
    name: "nothing with an event for its age, until that is over too",
    // a0 ended 90 s ago, b0 85 s ago.
    facts: { nowMs: second(200), rules: rules({ ageMs: 70_000, eventsMs: 87_000 }) },
    chosen: ["a0", "a1", "a2", "b1"],
  },
  {
    name: "by the camera's own time for events where it has one",
    facts: {
      nowMs: second(200),
      rules: rules({ ageMs: 60_000, eventsMs: 1e9 }, { b: { eventsMs: 1_000 } }),
    },
    chosen: ["a1", "a2", "a3", "b0", "b1", "b2"],
  },
  {
    name: "footage with events before footage that is held",
    facts: {
      nowMs: second(200),
      rules: rules({ maxBytes: 1, eventsMs: 1e9 }),
      holds: [hold(0, 1_000, "b")],
    },
    chosen: ["a1", "a2", "a3", "a0"],
  },
];

for (const { name, facts, chosen } of EVENT_CASES) {
  Deno.test(`chooseVictims() chooses ${name}`, () => {
    const shelf = withEvents(4);
    const ids = chooseVictims(shelf.facts(facts)).victims.map(({ batchId }) => batchId);
    const names = ids.map((id) => {
      const { cameraId } = shelf.batches.find(({ batchId }) => batchId === id)!;
      return `${cameraId}${Math.floor((id - 1) / 2)}`;
    });
    deepStrictEqual(names, chosen);
  });
}

Deno.test("withoutAges() leaves no limit by age, and lets no event become too old", () => {
  const doubted = withoutAges(rules({ ageMs: 1, eventsMs: 2 }, { a: { ageMs: 3 } }));
  deepStrictEqual([doubted.all.ageMs, doubted.all.eventsMs], [null, Infinity]);
  deepStrictEqual(doubted.cameras.get("a"), { ageMs: null, maxBytes: null });
  strictEqual(doubted.areAgesDoubted, true);
});
