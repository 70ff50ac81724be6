import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { coverageJson, coverageSummary, holeLines } from "../../src/cli/coverage_text.ts";
import type { GapCause } from "../../src/model/ledger.ts";
import type { Coverage } from "../../src/upkeep/coverage_causes.ts";

const START = Date.parse("2026-11-21T20:57:00Z");

const hole = (fromMs: number, toMs: number, cause: GapCause, detail: string) => ({
  window: { fromMs: unixMs(START + fromMs), toMs: unixMs(START + toMs) },
  cause,
  detail,
});

const COVERAGE: Coverage = {
  range: { fromMs: unixMs(START), toMs: unixMs(START + 3_600_000) },
  wantedMs: 3_600_000,
  onDiskMs: 3_582_500,
  missingMs: 17_500,
  missingByCause: new Map([["restart", 9_400], ["camera-stalled", 8_100]]),
  holes: [
    hole(1_000, 9_100, "camera-stalled", "no data for 8 s"),
    hole(60_000, 69_400, "restart", "cut off"),
  ],
};

const WHOLE: Coverage = {
  ...COVERAGE,
  onDiskMs: 3_600_000,
  missingMs: 0,
  missingByCause: new Map(),
  holes: [],
};

Deno.test("coverageSummary() says what is on disk and what is missing by cause", () => {
  strictEqual(
    coverageSummary(COVERAGE),
    "99.51 % of 1 h: 17.500 s missing (restart 9.400 s, camera-stalled 8.100 s)",
  );
  strictEqual(coverageSummary(WHOLE), "100.00 % of 1 h");
  strictEqual(
    coverageSummary({ ...WHOLE, wantedMs: 0, onDiskMs: 0 }),
    "nothing was to be recorded",
  );
});

Deno.test("coverageSummary() never rounds up to 100 %", () => {
  const almost = { ...COVERAGE, onDiskMs: 3_599_999, missingMs: 1 };
  strictEqual(coverageSummary(almost).slice(0, 7), "99.99 %");
});

Deno.test("holeLines() shows the five longest holes in order of time", () => {
  strictEqual(
    holeLines(COVERAGE, "Europe/Berlin")[0],
    "21:57:01.000  8.100 s  camera-stalled: no data for 8 s",
  );
  const holes = [3, 9, 4, 8, 5, 7, 6].map((seconds, index) =>
    hole(index * 60_000, index * 60_000 + seconds * 1_000, "unknown", `${seconds}`)
  );
  const lines = holeLines({ ...COVERAGE, holes }, "Europe/Berlin");
  deepStrictEqual(lines.map((line) => line.split(": ").at(-1)), [
    ...["9", "8", "5", "7", "6"],
    "--json shows all",
  ]);
});

Deno.test("coverageJson() gives seconds and every hole", () => {
  deepStrictEqual(coverageJson(COVERAGE), {
    wanted_seconds: 3_600,
    on_disk_seconds: 3_582.5,
    missing_seconds: 17.5,
    missing_by_cause: { "restart": 9.4, "camera-stalled": 8.1 },
    holes: [
      {
        start: "2026-11-21T20:57:01.000Z",
        end: "2026-11-21T20:57:09.100Z",
        seconds: 8.1,
        cause: "camera-stalled",
        detail: "no data for 8 s",
      },
      {
        start: "2026-11-21T20:58:00.000Z",
        end: "2026-11-21T20:58:09.400Z",
        seconds: 9.4,
        cause: "restart",
        detail: "cut off",
      },
    ],
  });
});
