/**
 * The storage root that the guide's commands are run in: as a box that has recorded for
 * some days, made in a second.
 *
 * In:   a folder.
 * Out:  footage of two cameras: the last minutes, yesterday around 14:05, and a person who
 *       was seen a minute ago; a settings file beside it.
 *
 * @module
 */

import { join } from "node:path";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import type { LedgerEntry } from "../../src/model/ledger.ts";
import { openForWriting } from "../../src/store/database.ts";
import { LedgerFiles } from "../../src/store/ledger_files.ts";
import { LedgerWriter } from "../../src/store/ledger_writer.ts";
import { cameraEntry, runEndEntry, visionEntry } from "../support/ledger_entries.ts";
import { recordRun } from "../support/recorded_run.ts";

/** Length of a stretch of footage, in seconds. */
const STRETCH_S = 150;

const CLIP = { seconds: STRETCH_S, size: "128x72", fps: 10, gop: 10 } as const;

/** The settings that the guide writes on its first pages. */
const SETTINGS = `cameras:
  - id: front
    name: Front door
    source: test://128x72@10
  - id: yard
    source: test://128x72@10
`;

/** The zone of the machine that the guide's outputs were taken from. */
export const GUIDE_ZONE = "Europe/Berlin";

/** Fills a folder; `now` is the instant that "1 minute ago" counts from. */
export async function makeGuideRoot(root: string, now: UnixMs): Promise<void> {
  await Deno.mkdir(join(root, "data"), { recursive: true });
  await Deno.writeTextFile(join(root, "lookback.yaml"), SETTINGS);
  const entries: LedgerEntry[] = [];
  const starts = [yesterdayAt14(now), unixMs(now - STRETCH_S * 1_000 - 20_000)];
  for (const cameraId of ["front", "yard"]) {
    const { atMs: _, ...camera } = cameraEntry(cameraId);
    entries.push({
      ...camera,
      name: cameraId === "front" ? "Front door" : "yard",
      source: "test://128x72@10",
      geoLocation: null,
      atMs: starts[0]!,
    });
    for (const [index, startMs] of starts.entries()) {
      const run = await recordRun(root, {
        clip: CLIP,
        cameraId,
        startMs,
        batchDurationMs: 10_000,
        startingFrameId: 1 + index * STRETCH_S * CLIP.fps,
      });
      const endMs = unixMs(startMs + STRETCH_S * 1_000);
      entries.push(...run.filter(({ type }) => type !== "run-end"));
      entries.push({ ...runEndEntry(cameraId, startMs), atMs: endMs });
    }
  }
  const startMs = unixMs(now - 60_000);
  entries.push(visionEntry(0, { startMs, eventId: `front-${startMs}-1` }));
  commit(root, entries, now);
}

/** Another root with the same footage, to be changed as a page likes. */
export async function copyGuideRoot(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (!isDirectory) await Deno.copyFile(source, target);
    else {
      await Deno.mkdir(target, { recursive: true });
      await copyGuideRoot(source, target);
    }
  }
}

function commit(root: string, entries: readonly LedgerEntry[], now: UnixMs): void {
  const database = openForWriting(root);
  const writer = new LedgerWriter(database, new LedgerFiles(root, () => now));
  const [refused] = writer.commit(entries);
  database.close();
  if (refused !== undefined) throw new Error(`Refused: ${refused.reason}`);
}

/** One minute before 14:05 of the day before, by the clocks of the guide's machine. */
function yesterdayAt14(now: UnixMs): UnixMs {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(GUIDE_ZONE);
  const start = today.subtract({ days: 1 }).withPlainTime("14:04");
  return unixMs(start.epochMilliseconds);
}
