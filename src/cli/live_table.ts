/**
 * The table that `lookback run` shows on a terminal: one row a camera.
 *
 * Pure.
 *
 * @module
 */

import type { CameraStatus } from "../capture/messages.ts";

const COLUMNS = [
  { title: "camera", width: 16, align: "left" },
  { title: "state", width: 10, align: "left" },
  { title: "fps", width: 6, align: "right" },
  { title: "Mbit/s", width: 7, align: "right" },
  { title: "frames", width: 9, align: "right" },
  { title: "batches", width: 8, align: "right" },
  { title: "last still", width: 10, align: "right" },
  { title: "restarts", width: 8, align: "right" },
] as const;

/** Rows of the table for cameras in the given order, each at most `columns` wide. */
export function liveTable(
  cameras: readonly { readonly id: string; readonly status: CameraStatus | undefined }[],
  screen: { readonly columns: number; readonly timeZone: string },
): string[] {
  const rows = cameras.flatMap(({ id, status }) => {
    const row = toLine(cells(id, status, screen.timeZone));
    return [row, ...(status === undefined ? [] : remarks(status))];
  });
  return [toLine(COLUMNS.map(({ title }) => title)), ...rows].map((line) =>
    line.length <= screen.columns ? line : `${line.slice(0, screen.columns - 1)}…`
  );
}

/** Queues that fill up show here: below this nobody needs to look, in bytes and rows. */
const QUIET_BYTES = 4_000_000;
const QUIET_ROWS = 16;

function remarks(status: CameraStatus): string[] {
  const { cause, detail, stillsLost, queuedBytes, rowsPending, rowsRefused } = status;
  return [
    ...(cause === null ? [] : [`  ${cause}: ${detail}`]),
    ...(stillsLost > 0 ? [`  ${stillsLost} stills lost`] : []),
    ...(queuedBytes > QUIET_BYTES ? [`  ${queuedBytes} bytes wait for the disk`] : []),
    ...(rowsRefused > 0 ? [`  ${rowsRefused} rows found no room; their files are on disk`] : []),
    ...(rowsPending > QUIET_ROWS ? [`  ${rowsPending} rows wait for the database`] : []),
  ];
}

function cells(id: string, status: CameraStatus | undefined, timeZone: string): string[] {
  if (status === undefined) return [id, "starting", "", "", "", "", "", ""];
  return [
    id,
    status.state,
    status.fps.toFixed(1),
    (status.bitsPerSecond / 1_000_000).toFixed(2),
    String(status.frames),
    String(status.batches),
    status.lastStillMs === null ? "none" : clockTime(status.lastStillMs, timeZone),
    String(status.restarts),
  ];
}

function clockTime(atMs: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone)
    .toPlainTime().toString({ smallestUnit: "second" });
}

function toLine(texts: readonly string[]): string {
  return texts.map((text, index) => {
    const { width, align } = COLUMNS[index]!;
    const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    return align === "left" ? cut.padEnd(width) : cut.padStart(width);
  }).join("  ").trimEnd();
}
