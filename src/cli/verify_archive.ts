/**
 * `lookback verify` without a file: reads all recorded footage again and names
 * what is not as it was written.
 *
 * @module
 */

import type { IndexPlace } from "../app/open_index.ts";
import { openIndex } from "../app/open_index.ts";
import { verifyRecorded } from "../app/verify.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { isoUtc, type UnixMs, unixMs } from "../base/units.ts";
import { formatDuration } from "../footage/duration.ts";
import { describeInstant, parseInstant } from "../footage/instant.ts";
import type { TimeWindow } from "../model/window.ts";
import type { Fault } from "../upkeep/fault.ts";
import type { BatchFilter } from "../model/batch.ts";
import type { ArchiveSummary } from "../upkeep/verify_archive.ts";
import { localZone, type ReadOptions, requireCamera, settingsToRead } from "./context.ts";
import { interruptible } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import { formatBytes, print, printJson } from "./terminal.ts";

export interface VerifyArchiveFlags extends ReadOptions {
  readonly camera?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** What was read, and how long it took. */
interface Outcome extends ArchiveSummary {
  readonly tookMs: number;
}

/** Exit code 1 when there is a fault. */
export async function verifyArchiveCommand(flags: VerifyArchiveFlags): Promise<void> {
  const settings = await settingsToRead(flags);
  const filter = filterOf(settings, flags);
  const faults: Fault[] = [];
  const startedAt = performance.now();
  const summary = await interruptible(async (signal) => {
    using progress = startProgress("verifying");
    return await verifyRecorded(settings, {
      filter,
      signal,
      onProgress: ({ doneBytes, totalBytes }) =>
        progress.update(doneBytes, totalBytes, speedText(doneBytes, startedAt)),
      onFault: (fault) => {
        progress.clear();
        if (flags.json) faults.push(fault);
        else printFault(fault);
      },
    });
  });
  const outcome = { ...summary, tookMs: Math.round(performance.now() - startedAt) };
  if (flags.json) printJson(toJson(outcome, faults));
  else printOutcome(outcome);
  if (outcome.faults > 0) Deno.exitCode = 1;
}

function filterOf(settings: IndexPlace, { camera, from, to }: VerifyArchiveFlags): BatchFilter {
  const at = { nowMs: systemClock.now(), timeZone: localZone() };
  const fromMs = from === undefined ? null : parseInstant(from, at);
  const toMs = to === undefined ? null : parseInstant(to, at);
  using index = openIndex(settings);
  if (camera !== undefined) requireCamera(index.cameras(), camera);
  return { cameraId: camera ?? null, window: windowOf(fromMs, toMs) };
}

function windowOf(fromMs: UnixMs | null, toMs: UnixMs | null): TimeWindow | null {
  if (fromMs === null && toMs === null) return null;
  const window = {
    fromMs: fromMs ?? unixMs(0),
    toMs: toMs ?? unixMs(Number.MAX_SAFE_INTEGER),
  };
  if (window.fromMs < window.toMs) return window;
  throw new OperatorError("usage", "Cannot verify a time that ends before it begins", {
    found: { "--from": isoUtc(window.fromMs), "--to": isoUtc(window.toMs) },
    fix: ["give an earlier --from or a later --to"],
  });
}

function speedText(doneBytes: number, startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1_000;
  return `${formatBytes(Math.round(doneBytes / Math.max(seconds, 0.001)))}/s`;
}

function printFault({ kind, cameraId, batchId, path, bytes, window, detail }: Fault): void {
  const place = bytes === null ? "" : ` bytes ${bytes.fromByte}-${bytes.toByte - 1}`;
  const batch = batchId === null ? "" : ` batch ${batchId}`;
  const time = window === null ? "" : `  ${spanText(window)}`;
  print(`FAULT ${kind}  ${path}${place}  ${cameraId}${batch}${time}: ${detail}`);
}

function spanText({ fromMs, toMs }: TimeWindow): string {
  return `${describeInstant(fromMs, localZone())} for ${formatDuration(toMs - fromMs)}`;
}

function printOutcome({ batches, bytes, faults, unhashed, tookMs }: Outcome): void {
  const speed = formatBytes(Math.round(bytes * 1_000 / Math.max(tookMs, 1)));
  const read = `${batches} ${batches === 1 ? "batch" : "batches"}, ${formatBytes(bytes)} ` +
    `in ${formatDuration(tookMs)} (${speed}/s)`;
  print(`Read ${read}`);
  if (unhashed > 0) {
    print(`${unhashed} of them were recorded without hashes: only their structure is checked`);
  }
  if (faults === 0) print("No fault found");
  else print(`Found ${faults} ${faults === 1 ? "fault" : "faults"}`);
}

function toJson(outcome: Outcome, faults: readonly Fault[]): Record<string, unknown> {
  const { batches, bytes, unhashed, tookMs } = outcome;
  return {
    ok: faults.length === 0,
    batches,
    bytes,
    batches_without_hashes: unhashed,
    took_ms: tookMs,
    faults: faults.map(({ kind, cameraId, batchId, path, bytes, window, detail }) => ({
      kind,
      camera_id: cameraId,
      batch_id: batchId,
      path,
      from_byte: bytes?.fromByte ?? null,
      to_byte: bytes?.toByte ?? null,
      from: window === null ? null : isoUtc(window.fromMs),
      to: window === null ? null : isoUtc(window.toMs),
      detail,
    })),
  };
}
