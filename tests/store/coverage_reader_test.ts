import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { CoverageReader } from "../../src/store/coverage_reader.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import {
  at,
  batchEntry,
  cameraEntry,
  eventEntry,
  runEndEntry,
  runStartEntry,
} from "../support/ledger_entries.ts";
import { smallArchive } from "../support/small_archive.ts";
import { tempFolder } from "../support/temp_folder.ts";

async function withLedger(
  entries: readonly LedgerEntry[],
  use: (reader: CoverageReader) => void,
): Promise<void> {
  await using folder = await tempFolder();
  await Deno.mkdir(`${folder.path}/data`);
  const database = openForWriting(folder.path);
  try {
    deepStrictEqual(new LedgerWriter(database).commit([cameraEntry(), ...entries]), []);
  } finally {
    database.close();
  }
  using reader = new CoverageReader(folder.path);
  use(reader);
}

const event = (seconds: number, changes: Parameters<typeof eventEntry>[1]) =>
  eventEntry(seconds, { cause: null, ...changes });

Deno.test("batchSpans() gives a range's batches and the nearest on each side, and reads on no further than it must", async () => {
  const batches = Array.from({ length: 2_000 }, (_, index) => batchEntry(index));
  await withLedger([runStartEntry(), ...batches], (reader) => {
    const range = { fromMs: unixMs(at(1_000) + 1), toMs: at(1_100) };
    const spans = [...reader.batchSpans("front", range)];
    strictEqual(spans[0]!.endMs, at(1_000));
    strictEqual(spans[1]!.startMs, at(1_000));
    // Ten of the range and two hours more, in case that the clock was set back.
    strictEqual(spans.length, 1 + 10 + 720);
    deepStrictEqual([...reader.batchSpans("back", range)], []);
  });
});

Deno.test("lifecycle() tells since when a camera was wanted and what happened to it last", async () => {
  const entries = [
    event(-5, { kind: "started" }),
    runStartEntry("front", at(0)),
    batchEntry(0, { startMs: unixMs(at(0) - 300) }),
    runEndEntry("front", at(0)),
    event(61, { kind: "stopped", cause: "stopped" }),
  ];
  await withLedger(entries, (reader) => {
    deepStrictEqual(reader.lifecycle("front"), {
      firstMs: at(0) - 300,
      lastEndMs: at(10),
      turns: [{ kind: "started", atMs: at(-5) }],
      newest: { kind: "stopped", atMs: at(61) },
      runStoppedMs: at(60),
    });
    deepStrictEqual(reader.lifecycle("back"), {
      firstMs: null,
      lastEndMs: null,
      turns: [],
      newest: null,
      runStoppedMs: null,
    });
  });
});

Deno.test("lifecycle() begins where a corrected clock says that the first run began", async () => {
  const entries: LedgerEntry[] = [
    runStartEntry("front", 5_000),
    batchEntry(0, { run: 5_000, startMs: unixMs(5_000), endMs: unixMs(15_000) }),
    { type: "run-shift", cameraId: "front", run: 5_000, shiftMs: at(0) },
  ];
  await withLedger(entries, (reader) => {
    strictEqual(reader.lifecycle("front").firstMs, at(0) + 5_000);
    strictEqual(reader.lifecycle("front").lastEndMs, at(0) + 15_000);
  });
});

Deno.test("eventsIn() leaves out what a session noted again by the right clock", async () => {
  const entries = [
    event(0, { kind: "started", detail: "before" }),
    event(1, { kind: "stopped", detail: "before" }),
    event(2, { kind: "started", detail: "wrong" }),
    event(3, { kind: "online", detail: "wrong" }),
    event(4, { kind: "frames-lost", detail: "wrong", untilMs: at(5) }),
    event(100, { kind: "clock-step", cause: "clock-step", detail: "put right", untilMs: at(110) }),
    event(100, { kind: "started", detail: "right" }),
    event(101, { kind: "online", detail: "right" }),
  ];
  await withLedger(entries, (reader) => {
    const details = reader.eventsIn("front", { fromMs: at(0), toMs: at(200) })
      .map(({ detail }) => detail);
    deepStrictEqual(details, ["before", "before", "put right", "right", "right"]);
    deepStrictEqual(reader.lostIn("front", { fromMs: at(0), toMs: at(200) }), []);
    deepStrictEqual(reader.lifecycle("front").turns.map(({ atMs }) => atMs), [at(0), at(100)]);
  });
});

Deno.test("newestTurns() gives the newest first, so many as are asked for, of the kinds asked for", async () => {
  const entries = [
    event(0, { kind: "started" }),
    event(1, { kind: "online" }),
    event(2, { kind: "offline" }),
    event(3, { kind: "frames-lost", untilMs: at(4) }),
    event(5, { kind: "online" }),
    event(9, { kind: "offline" }),
  ];
  await withLedger(entries, (reader) => {
    const turns = (kinds: readonly ("offline" | "online")[], limit: number, to = 100) =>
      reader.newestTurns("front", { fromMs: at(0), toMs: at(to) }, { kinds, limit })
        .map(({ atMs }) => (atMs - at(0)) / 1_000);
    deepStrictEqual(turns(["offline", "online"], 3), [9, 5, 2]);
    deepStrictEqual(turns(["offline", "online"], 9, 9), [5, 2, 1]);
    deepStrictEqual(turns(["online"], 1), [5]);
  });
});

Deno.test("CoverageReader notices a correction of the clock that comes while it is open", async () => {
  await using archive = await smallArchive();
  await archive.send(cameraEntry("front"));
  await archive.send(event(2, { kind: "started", detail: "wrong" }));
  await archive.send(event(3, { kind: "online", detail: "wrong" }));
  using reader = new CoverageReader(archive.root);
  const details = () =>
    reader.eventsIn("front", { fromMs: at(0), toMs: at(200) }).map(({ detail }) => detail);
  deepStrictEqual(details(), ["wrong", "wrong"]);
  const right = { kind: "clock-step", cause: "clock-step", detail: "right" } as const;
  await archive.send(event(100, { ...right, untilMs: at(110) }));
  deepStrictEqual(details(), ["right"]);
});

Deno.test("lostIn() finds lost stretches that share time with a range", async () => {
  const entries = [
    event(10, { kind: "frames-lost", cause: "frames-lost", untilMs: at(20) }),
    event(30, { kind: "frames-lost", cause: "disk-failed" }),
    event(40, { kind: "frames-lost", cause: "recording-missing", untilMs: at(50) }),
  ];
  await withLedger(entries, (reader) => {
    const found = (from: number, to: number) =>
      reader.lostIn("front", { fromMs: at(from), toMs: at(to) }).map(({ cause }) => cause);
    deepStrictEqual(found(0, 100), ["frames-lost", "recording-missing"]);
    deepStrictEqual(found(19, 40), ["frames-lost"]);
    deepStrictEqual(found(20, 41), ["recording-missing"]);
  });
});
