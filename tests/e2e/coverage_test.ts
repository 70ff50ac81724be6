// deno-lint-ignore-file camelcase -- the names are those of the JSON that leaves the box
/**
 * Coverage as its users see it: a crash, a stop in good order, and the same
 * causes in an export of that time.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { openArchive } from "../support/archive.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

interface Day {
  readonly camera_id: string;
  readonly wanted_seconds: number;
  readonly on_disk_seconds: number;
  readonly missing_seconds: number;
  readonly missing_by_cause: Readonly<Record<string, number>>;
  readonly holes: readonly { start: string; end: string; seconds: number; cause: string }[];
}

/** Coverage of the whole time that a test can take: it may run over midnight. */
async function coverage(root: string): Promise<readonly Day[]> {
  const yesterday = Temporal.Now.plainDateISO("Europe/Berlin").subtract({ days: 1 });
  const shown = await lookback(["coverage", "--from", `${yesterday}`, "--json"], { cwd: root });
  strictEqual(shown.code, 0, shown.stderr);
  return JSON.parse(shown.stdout).days;
}

function sum(days: readonly Day[], of: (day: Day) => number): number {
  return days.reduce((total, day) => total + Math.round(of(day) * 1_000), 0);
}

Deno.test("coverage names a crash and a stop, adds up, and says what an export says", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(
    root,
    "batch: { duration_seconds: 1 }\ncameras:\n  - { id: lab, source: test://320x180@25 }\n",
  );
  {
    await using running = startLookback(["run"], { cwd: root });
    await running.shown("capture lab: Recording");
    await until(() => hasBatch(root), { limitMs: 20_000, what: "a batch" });
    running.kill("SIGKILL");
    await running.finished;
  }
  const crashed = await coverage(root);
  ok(crashed.some((day) => (day.missing_by_cause.restart ?? 0) > 0));
  const run = await lookback(["run", "--for", "4s"], { cwd: root });
  strictEqual(run.code, 0, run.stderr);

  const days = await coverage(root);
  for (const day of days) {
    const missing = Object.values(day.missing_by_cause);
    const exact = (values: readonly number[]) =>
      values.reduce((total, value) => total + Math.round(value * 1_000), 0);
    strictEqual(exact([day.on_disk_seconds, day.missing_seconds]), exact([day.wanted_seconds]));
    strictEqual(exact(missing), exact([day.missing_seconds]));
    strictEqual(exact(day.holes.map(({ seconds }) => seconds)), exact([day.missing_seconds]));
  }
  ok(sum(days, (day) => day.on_disk_seconds) > 3_000);
  // Nothing is wanted behind the stop: the figures of a closed archive stay.
  deepStrictEqual(await coverage(root), days);

  const holes = days.flatMap((day) => day.holes);
  const crash = holes.filter(({ cause }) => cause === "restart");
  const window = {
    fromMs: unixMs(Date.parse(crash[0]!.start)),
    toMs: unixMs(Date.parse(crash.at(-1)!.end)),
  };
  using archive = openArchive(root);
  const survey = await archive.survey({ cameraId: "lab", window }, "video");
  const inExport = survey.gaps.map(({ cause }) => cause);
  deepStrictEqual([...new Set(inExport)], ["restart"]);

  const text = await lookback(["coverage", "--camera", "lab"], { cwd: root });
  strictEqual(text.code, 0, text.stderr);
  ok(text.stdout.startsWith("lab  (Europe/Berlin)\n"), text.stdout);
  const unknown = await lookback(["coverage", "--camera", "yard"], { cwd: root });
  strictEqual(unknown.code, 2);
});

function hasBatch(root: string): boolean {
  try {
    using archive = openArchive(root);
    return (archive.cameras()[0]?.batches ?? 0) >= 2;
  } catch {
    // There is no database yet.
    return false;
  }
}
