import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  formatOpenHours,
  nothingOpen,
  openHoursPath,
  type OpenHoursState,
  parseOpenHours,
  withPath,
} from "../../src/model/open_hours.ts";

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const paths = fc.array(fc.string({ unit: "binary" }));
const anyState: fc.Arbitrary<OpenHoursState> = fc.record({
  cameraId: fc.string({ minLength: 1 }),
  newestFrameId: count,
  newestRun: count,
  folders: paths,
  logs: paths,
}, { noNullPrototype: true });

const STATE: OpenHoursState = {
  cameraId: "front",
  newestFrameId: 250,
  newestRun: 1_795_294_627_504,
  folders: ["data/recordings/front/2026-11-21/20"],
  logs: ["data/frames/front/2026-11-21/20.jsonl"],
};

Deno.test("openHoursPath() has a file for each camera", () => {
  strictEqual(openHoursPath("front"), "data/open/front.json");
});

Deno.test("parseOpenHours() gives back what formatOpenHours() wrote", () => {
  fc.assert(fc.property(anyState, (state) => {
    deepStrictEqual(parseOpenHours(formatOpenHours(state)), state);
  }));
});

Deno.test("formatOpenHours() writes one line that says its format", () => {
  strictEqual(
    formatOpenHours(STATE),
    '{"format":"lookback-open-1","camera_id":"front","newest_frame_id":250,' +
      '"newest_run":1795294627504,"folders":["data/recordings/front/2026-11-21/20"],' +
      '"logs":["data/frames/front/2026-11-21/20.jsonl"]}\n',
  );
});

Deno.test("parseOpenHours() gives undefined for a file that was torn anywhere", () => {
  const text = formatOpenHours(STATE);
  // Without its line end it is whole.
  for (let length = 0; length < text.length - 1; length += 1) {
    strictEqual(parseOpenHours(text.slice(0, length)), undefined);
  }
});

const FOREIGN = [
  { name: "null", text: "null" },
  { name: "a list", text: "[]" },
  { name: "zeros", text: "\0".repeat(99) },
  { name: "no camera", text: formatOpenHours({ ...STATE, cameraId: undefined as never }) },
  { name: "half an id", text: formatOpenHours({ ...STATE, newestFrameId: 0.5 }) },
  { name: "no run", text: formatOpenHours({ ...STATE, newestRun: null as never }) },
  { name: "folders that are no list", text: formatOpenHours({ ...STATE, folders: "a" as never }) },
  { name: "logs that are no texts", text: formatOpenHours({ ...STATE, logs: [7] as never }) },
];

for (const { name, text } of FOREIGN) {
  Deno.test(`parseOpenHours() gives undefined for ${name}`, () => {
    strictEqual(parseOpenHours(text), undefined);
  });
}

Deno.test("nothingOpen() keeps the numbers and no path", () => {
  deepStrictEqual(nothingOpen("front", { newestFrameId: 3, newestRun: 4 }), {
    cameraId: "front",
    newestFrameId: 3,
    newestRun: 4,
    folders: [],
    logs: [],
  });
});

const PATHS = [
  { name: "begins", before: [], path: "a", isAllCommitted: true, after: ["a"] },
  {
    name: "keeps the one before",
    before: ["a"],
    path: "b",
    isAllCommitted: true,
    after: ["a", "b"],
  },
  {
    name: "lets older ones go when all is committed",
    before: ["a", "b"],
    path: "c",
    isAllCommitted: true,
    after: ["b", "c"],
  },
  {
    name: "keeps all while rows wait",
    before: ["a", "b", "c"],
    path: "d",
    isAllCommitted: false,
    after: ["a", "b", "c", "d"],
  },
  {
    name: "moves a known one to the end and lets none go",
    before: ["a", "b", "c"],
    path: "a",
    isAllCommitted: true,
    after: ["b", "c", "a"],
  },
];

for (const { name, before, path, isAllCommitted, after } of PATHS) {
  Deno.test(`withPath() ${name}`, () => {
    deepStrictEqual(withPath(before, path, { isAllCommitted }), after);
  });
}

Deno.test("withPath() always has the new path last, the one before it, and none twice", () => {
  const step = fc.record({ path: fc.constantFrom(..."abcdef"), isAllCommitted: fc.boolean() });
  fc.assert(fc.property(fc.array(step), (steps) => {
    let paths: readonly string[] = [];
    for (const { path, isAllCommitted } of steps) {
      const last = paths.at(-1);
      paths = withPath(paths, path, { isAllCommitted });
      strictEqual(paths.at(-1), path);
      ok(last === undefined || paths.includes(last));
      strictEqual(new Set(paths).size, paths.length);
    }
  }));
});
