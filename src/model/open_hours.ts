/**
 * What of a camera may be unfinished: the folders and logs in which it has made
 * files since they were last known to be whole. Start-up after a crash looks at
 * these and at nothing else, however much is recorded.
 *
 * Kept in `data/open/<camera>.json`, written before the first file of an hour is made.
 *
 * @module
 */

/** Paths are relative to the storage root, in the order of their last use. */
export interface OpenHoursState {
  readonly cameraId: string;
  /** Newest ids when it was written; those in files and rows may be newer. */
  readonly newestFrameId: number;
  readonly newestRun: number;
  /** Folders of recordings, such as "data/recordings/front/2026-11-21/20". */
  readonly folders: readonly string[];
  /** Frame logs, such as "data/frames/front/2026-11-21/20.jsonl". */
  readonly logs: readonly string[];
}

export function openHoursPath(cameraId: string): string {
  return `data/open/${cameraId}.json`;
}

/** A camera of which nothing is unfinished. */
export function nothingOpen(
  cameraId: string,
  newest: { readonly newestFrameId: number; readonly newestRun: number },
): OpenHoursState {
  return { cameraId, ...newest, folders: [], logs: [] };
}

/**
 * Paths with another one in use. While everything that was sent is committed, only
 * the one before it may still have batches that are closing.
 */
export function withPath(
  paths: readonly string[],
  path: string,
  { isAllCommitted }: { readonly isAllCommitted: boolean },
): readonly string[] {
  const others = paths.filter((other) => other !== path);
  if (others.length < paths.length) return [...others, path];
  return [...(isAllCommitted ? others.slice(-1) : others), path];
}

export function formatOpenHours(state: OpenHoursState): string {
  return `${
    JSON.stringify({
      format: "lookback-open-1",
      camera_id: state.cameraId,
      newest_frame_id: state.newestFrameId,
      newest_run: state.newestRun,
      folders: state.folders,
      logs: state.logs,
    })
  }\n`;
}

/** Undefined when the text is not one of ours, for example because it was torn. */
export function parseOpenHours(text: string): OpenHoursState | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { camera_id: cameraId, newest_frame_id: newestFrameId, newest_run: newestRun } = value ??
    {};
  const { folders, logs } = value ?? {};
  if (typeof cameraId !== "string" || !isNumber(newestFrameId) || !isNumber(newestRun)) {
    return undefined;
  }
  if (!isTexts(folders) || !isTexts(logs)) return undefined;
  return { cameraId, newestFrameId, newestRun, folders, logs };
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
