import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { unixMs } from "../../src/base/units.ts";
import { GAP_CAUSES } from "../../src/model/ledger.ts";
import { type LedgerRecord, readLedgerLine, writeLedgerLine } from "../../src/store/ledger_line.ts";
import { batchEntry, cameraEntry } from "../support/ledger_entries.ts";

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const atMs = fc.maxSafeInteger().map(unixMs);
const text = fc.string({ unit: "binary", maxLength: 40 });
const hash = fc.option(fc.string({ unit: fc.constantFrom(..."0189abef"), maxLength: 64 }));
const cameraId = fc.string({ unit: fc.constantFrom(..."abz09_-"), minLength: 1, maxLength: 64 });
const cause = fc.constantFrom(...GAP_CAUSES);
const degrees = fc.double({ min: -180, max: 180, noNaN: true }).map((value) => value + 0);

const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { noNullPrototype: true });
const box = record({ x: share, y: share, width: share, height: share });

/** A record of each kind, with any values that its fields take. */
const KINDS: Readonly<
  Record<LedgerRecord["type"], Readonly<Record<string, fc.Arbitrary<unknown>>>>
> = {
  camera: {
    ...{ name: text, source: text, atMs },
    geoLocation: fc.option(fc.record({ lat: degrees, lon: degrees }, { noNullPrototype: true })),
  },
  "run-start": {
    ...{ run: count, codec: text, width: count, height: count, timescale: count },
    closed: fc.array(fc.record({ run: count, endedMs: count }, { noNullPrototype: true })),
  },
  "run-end": { run: count, atMs, cause },
  batch: {
    ...{ run: count, startingFrameId: count, endingFrameId: count, frameCount: count },
    ...{ startMs: atMs, endMs: atMs, recordingPath: text, recordingBytes: count },
    ...{ framesPath: text, framesOffset: count, framesBytes: count, stillsBytes: count },
    ...{ recordingSha256: hash, framesSha256: hash, previousChain: hash, chain: hash },
    batchId: count,
  },
  event: {
    ...{ atMs, untilMs: fc.option(atMs), detail: text, cause: fc.option(cause) },
    kind: fc.constantFrom("started", "offline", "frames-lost", "clock-step"),
  },
  "run-shift": { run: count, shiftMs: fc.maxSafeInteger() },
  deletion: {
    ...{ atMs, cause: fc.constantFrom("age", "recording-missing") },
    ...{ batchIds: fc.array(count), files: fc.array(text) },
    breaks: fc.array(fc.record({ previousChain: text, chain: text }, { noNullPrototype: true })),
    newest: fc.option(
      fc.record({ frameId: count, batchId: count, chain: hash }, { noNullPrototype: true }),
    ),
  },
  removed: { files: fc.array(text), logBytes: count },
  repair: { atMs, kind: fc.constantFrom("tail-cut", "row-made"), path: text, detail: text },
  check: { atMs, kind: fc.constantFrom("canary", "scrub"), ok: fc.boolean(), detail: text },
  "vision-event": {
    ...{ eventId: text, kind: fc.constantFrom("motion_detected", "object_detected") },
    ...{ class: fc.option(text), startMs: atMs, endMs: fc.option(atMs), score: share },
    best: record({ atMs, box, score: share, wholePath: hash, cropPath: hash }),
    trace: fc.array(record({ atMs, box }), { maxLength: 5 }),
    zones: fc.array(text),
    crossings: fc.array(record({ line: text, atMs, direction: fc.constantFrom("to-left") })),
  },
  "vision-deletion": { atMs, eventIds: fc.array(text), files: fc.array(text) },
};

for (const [type, fields] of Object.entries(KINDS)) {
  Deno.test(`readLedgerLine() gives back what writeLedgerLine() wrote of any "${type}"`, () => {
    const record = fc.record({ type: fc.constant(type), cameraId, ...fields }, {
      noNullPrototype: true,
    }) as fc.Arbitrary<unknown> as fc.Arbitrary<LedgerRecord>;
    fc.assert(fc.property(count, record, (sequence, record) => {
      const line = writeLedgerLine(sequence, record);
      // One line, whatever the texts hold.
      strictEqual(line.indexOf("\n"), line.length - 1);
      deepStrictEqual(readLedgerLine(line.slice(0, -1)), { sequence, record });
    }));
  });
}

const BATCH = {
  ...batchEntry(0),
  batchId: 7,
  previousChain: "0".repeat(64),
  chain: "c".repeat(64),
};

Deno.test("writeLedgerLine() writes keys that people and other programs can read", () => {
  const line = writeLedgerLine(12, BATCH);
  match(
    line,
    /^\{"sequence":12,"type":"batch","camera_id":"front","run":\d+,"starting_frame_id":1,/,
  );
  match(line, /"recording_sha256":"0{64}".*"batch_id":7,"previous_chain":"0+","chain":"c+"\}\n$/);
});

Deno.test("readLedgerLine() gives undefined for a line that was torn anywhere", () => {
  const line = writeLedgerLine(1, BATCH).slice(0, -1);
  for (let length = 0; length < line.length; length += 1) {
    strictEqual(readLedgerLine(line.slice(0, length)), undefined);
    if (length > 0) strictEqual(readLedgerLine(line.slice(length)), undefined);
  }
});

const FOREIGN = [
  { name: "that is empty", line: "" },
  { name: "of zeros", line: "\0".repeat(700) },
  { name: "that is null", line: "null" },
  { name: "that is a number", line: "17" },
  { name: "that is a list", line: "[1]" },
  { name: "of an unknown kind", line: '{"sequence":1,"type":"dream","camera_id":"front"}' },
  { name: "without a kind", line: '{"sequence":1,"camera_id":"front"}' },
  { name: "without a number", line: '{"type":"event","camera_id":"front"}' },
  { name: "with half a number", line: '{"sequence":1.5,"type":"event","camera_id":"front"}' },
  { name: "without a camera", line: '{"sequence":1,"type":"event"}' },
];

for (const { name, line } of FOREIGN) {
  Deno.test(`readLedgerLine() gives undefined for a line ${name}`, () => {
    strictEqual(readLedgerLine(line), undefined);
  });
}

Deno.test("readLedgerLine() never throws, whatever a line holds", () => {
  const line = writeLedgerLine(1, cameraEntry()).slice(0, -1);
  const place = fc.nat(line.length - 1);
  fc.assert(fc.property(place, fc.string({ maxLength: 5 }), place, (from, text, length) => {
    readLedgerLine(line.slice(0, from) + text + line.slice(from + length));
  }));
});
