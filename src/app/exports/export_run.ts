/**
 * Exports and previews in child processes: `lookback export`, at the lowest priority
 * and in the same line as all exports. What one costs in time and memory is no
 * matter of the server that starts it.
 *
 * In:   what is wanted. Out: progress while it goes on, then the film's name or why not.
 *
 * @module
 */

import { basename } from "node:path";
import * as z from "zod";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { isoUtc, unixMs } from "../../base/units.ts";
import { lookbackCommand } from "../../host/own_program.ts";
import { type Child, type ChildOptions, startChild } from "../../host/process.ts";
import type { TimeWindow } from "../../model/window.ts";
import type { ExportPreview, ExportWish } from "../../web/doors.ts";
import { type ExportLine, previewSchema, readExportLine } from "./export_lines.ts";

/** A child that is asked to end has this long, in milliseconds. */
const STOP_MS = 2_000;

const START_AGAIN = "if Lookback was replaced by another version, start it again";

/** Longest output of a child, in characters: a receipt has 0.6 kB for each of its batches. */
const LARGEST_OUTPUT = 64 * 1_048_576;

/** Which footage, and how the child finds it. */
export interface ExportPlace {
  readonly root: string;
  /** Null where there is no settings file. */
  readonly configPath: string | null;
}

export interface ExportFault {
  readonly code: string;
  readonly text: string;
  readonly fix: readonly string[];
}

export type ExportEnd =
  | { readonly ok: true; readonly file: string; readonly bytes: number }
  | { readonly ok: false; readonly fault: ExportFault };

/** An export that goes on. */
export interface ExportRun {
  /** Never rejects. */
  readonly ended: Promise<ExportEnd>;
  /** Ends it; nothing is left behind. */
  cancel(): void;
}

type Exported = Omit<ExportWish, "range"> & { readonly window: TimeWindow };

/** Starts an export. `onLine` hears how far it is. */
export function runExport(
  place: ExportPlace,
  wish: Exported,
  onLine: (line: ExportLine) => void,
): ExportRun {
  const args = [
    ...asked(place, wish.cameraId, wish.window),
    ...["--mode", wish.mode, "--gaps", wish.gaps === "join" ? "collapse" : "keep"],
    ...(wish.overlay.length > 0 ? ["--overlay", wish.overlay.join(",")] : []),
    ...["--json", "--progress", "json"],
  ];
  try {
    const child = startExport(args, onLine);
    return { ended: child.ended.then(toEnd), cancel: child.cancel };
  } catch (error) {
    // An end like any other: nobody waits where an export begins by itself.
    const text = messageOf(error);
    const fault = { code: "export-failed", text, fix: [START_AGAIN] };
    return { ended: Promise.resolve({ ok: false, fault }), cancel: () => {} };
  }
}

/**
 * What there is for a request.
 *
 * @throws {DOMException} "AbortError" when the signal is aborted.
 */
export async function runPreview(
  place: ExportPlace,
  { cameraId, window }: { readonly cameraId: string; readonly window: TimeWindow },
  signal: AbortSignal,
): Promise<ExportPreview | ExportFault> {
  const args = [...asked(place, cameraId, window), "--preview", "--json", "--progress", "json"];
  const child = startExport(args, () => {});
  signal.addEventListener("abort", child.cancel);
  const { output, fault } = await child.ended;
  signal.removeEventListener("abort", child.cancel);
  signal.throwIfAborted();
  const { data } = previewSchema.safeParse(parsed(output));
  return data === undefined ? fault : previewOf(data);
}

function asked(
  { root, configPath }: ExportPlace,
  cameraId: string,
  window: TimeWindow,
): readonly string[] {
  return [
    ...["export", `--root=${root}`, ...(configPath === null ? [] : [`--config=${configPath}`])],
    ...[`--camera=${cameraId}`, `--at=${isoUtc(window.fromMs)}`],
    `--duration=${window.toMs - window.fromMs}ms`,
  ];
}

interface Ended {
  /** Undefined where it did not end well. */
  readonly output: string | undefined;
  readonly fault: ExportFault;
}

function startExport(args: readonly string[], onLine: (line: ExportLine) => void) {
  const [command, ...before] = lookbackCommand();
  let fault: ExportFault | undefined;
  const child = startLookback({
    command,
    args: [...before, ...args],
    onErrorLine: (text) => {
      const line = readExportLine(text);
      if (line?.state === "failed") fault = line;
      else if (line !== undefined) onLine(line);
    },
  });
  const ended = (async (): Promise<Ended> => {
    const output = await readText(child.stdout, () => child.kill());
    const { code, signal } = await child.ended;
    const text = child.errorTail().at(-1) ?? `it ended with ${signal ?? `code ${code}`}`;
    return {
      output: code === 0 ? output : undefined,
      fault: fault ?? { code: "export-failed", text: `Cannot export: ${text}`, fix: [] },
    };
  })();
  // Who cancels does not wait: `ended` tells.
  return { ended, cancel: () => void child.stop(STOP_MS) };
}

/** @throws {OperatorError} "export-failed" where this program's own file is gone or can't be started. */
function startLookback(options: ChildOptions): Child {
  try {
    return startChild(options);
  } catch (error) {
    const reason = messageOf(error);
    throw new OperatorError("export-failed", `Cannot begin the export: ${reason}`, {
      fix: [START_AGAIN],
    });
  }
}

async function readText(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onTooMuch: () => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > LARGEST_OUTPUT) onTooMuch();
  }
  return text;
}

const doneSchema = z.object({
  path: z.string(),
  receipt: z.object({ file: z.object({ size_bytes: z.number() }) }),
});

function toEnd({ output, fault }: Ended): ExportEnd {
  const { data } = doneSchema.safeParse(parsed(output));
  if (data === undefined) return { ok: false, fault };
  return { ok: true, file: basename(data.path), bytes: data.receipt.file.size_bytes };
}

function parsed(output: string | undefined): unknown {
  try {
    return JSON.parse(output ?? "");
  } catch {
    return undefined;
  }
}

function previewOf(json: z.output<typeof previewSchema>): ExportPreview {
  const windowOf = ({ start, end }: { readonly start: string; readonly end: string }) => ({
    fromMs: unixMs(Date.parse(start)),
    toMs: unixMs(Date.parse(end)),
  });
  const window = windowOf(json);
  const gaps = json.gaps.map((gap) => ({
    ...windowOf(gap),
    cause: gap.cause,
    detail: gap.detail,
  }));
  const missingMs = gaps.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const { understood, frames, bytes } = json;
  const coverage = 1 - missingMs / (window.toMs - window.fromMs);
  return { window, understood, frames, bytes, gaps, coverage: Math.max(0, Math.min(1, coverage)) };
}
