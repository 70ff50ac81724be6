/**
 * What the web server asks about the system as a whole, and the news that it passes on.
 *
 * @module
 */

import type { UnixMs } from "../base/units.ts";
import type { Box, Detection, VisionEvent } from "../model/vision.ts";
import type { ExportFacts } from "./doors_exports.ts";

/** How a part of Lookback does. */
export interface HealthFact {
  readonly component: string;
  readonly state: "ok" | "warning" | "fault";
  readonly detail: string;
}

/** How everything does. */
export interface SystemFacts {
  readonly startedMs: UnixMs;
  readonly root: string;
  readonly cameras: readonly CameraNumbers[];
  readonly disk: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    /** Of the camera that reaches back least; null where that can't be told. */
    readonly forecastDays: number | null;
  };
  readonly writer: {
    readonly rows: number;
    readonly commits: number;
    readonly lastCommitMs: number;
    readonly waiting: number;
    readonly restarts: number;
  };
  readonly vision: readonly VisionNumbers[];
  /** Of all cameras together, since the vision Worker began. */
  readonly detection: {
    /** Pictures of events that could not be written. */
    readonly picturesLost: number;
    /** Those that were not tried, because the disk was full. */
    readonly picturesLeftOut: number;
    readonly detectorRestarts: number;
  };
  readonly clock: { readonly nowMs: UnixMs; readonly state: string };
  readonly workerFailures: Readonly<Record<"vision" | "upkeep" | "web", number>>;
  readonly health: readonly HealthFact[];
}

/** A camera's state and counters since its Worker began. */
export interface CameraNumbers extends CameraNews {
  readonly name: string;
  readonly frames: number;
  readonly batches: number;
  readonly bytes: number;
  readonly stills: number;
  readonly stillsLost: number;
  readonly restarts: number;
  readonly rowsPending: number;
  readonly queuedBytes: number;
  /** Recordings, stills and frame logs; null before it is known. */
  readonly usedBytes: number | null;
  /** How long footage will be kept at this rate; null where that can't be told. */
  readonly forecastDays: number | null;
}

export interface VisionNumbers {
  readonly cameraId: string;
  readonly pictures: number;
  readonly movingPictures: number;
  readonly detected: number;
  readonly skipped: number;
  readonly openEvents: number;
  readonly restarts: number;
  /** How often of these the decoder gave no pictures any more. */
  readonly hangs: number;
}

/** A line of the log. */
export type LogNews = Extract<News, { readonly type: "log" }>;

/** A mistake in a settings file. Lines and columns count from 1. */
export interface ConfigMistake {
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly message: string;
}

export interface ConfigFacts {
  /** The file; null where there is none: then nothing can be applied. */
  readonly path: string | null;
  /** Its text, with secrets masked. */
  readonly yaml: string;
  /** Of that text: whoever changes it names it, and changes nothing else. */
  readonly etag: string;
  /** JSON Schema of the file. */
  readonly schema: unknown;
  /** What is in effect, with secrets masked. */
  readonly values: unknown;
}

/** What became of a change of the settings file. */
export type ConfigOutcome =
  | { readonly kind: "applied"; readonly text: string }
  /** It is not the file any more that was to be changed. */
  | { readonly kind: "changed-meanwhile" }
  | { readonly kind: "wrong"; readonly mistakes: readonly ConfigMistake[] };

export interface SystemDoor {
  facts(): Promise<SystemFacts>;
  /** The newest last. */
  logs(which: { readonly level: string | null; readonly limit: number }): readonly LogNews[];
  /** True once the newest status has come, and not long ago. */
  isReady(): boolean;
  config(): Promise<ConfigFacts>;
  /** What is wrong with a text. Masked secrets stand for those of the file. */
  checkConfig(yaml: string): Promise<readonly ConfigMistake[]>;
  /**
   * Puts a text in place of the settings file and has it read, if the file is still the one
   * that `ifMatch` names. The one before is kept beside it.
   *
   * @throws {OperatorError} "config-invalid", with the file as it was.
   */
  applyConfig(yaml: string, ifMatch: string): Promise<ConfigOutcome>;
}

/** Something that those hear at once who listen to the stream of news. */
export type News =
  | { readonly type: "status"; readonly cameras: readonly CameraNews[] }
  | {
    readonly type: "event";
    readonly change: "begun" | "updated" | "ended";
    readonly event: VisionEvent;
  }
  | {
    readonly type: "sight";
    readonly cameraId: string;
    readonly atMs: UnixMs;
    /** The frame in its run, in ticks; null where the pictures come from a stream of their own. */
    readonly frame: { readonly run: number; readonly pts: number } | null;
    readonly moving: readonly Box[];
    /** Null where no detector looked. */
    readonly detections: readonly Detection[] | null;
  }
  | {
    readonly type: "alert";
    readonly priority: string;
    readonly cameraId: string | null;
    readonly text: string;
    readonly atMs: UnixMs;
  }
  | {
    readonly type: "log";
    readonly atMs: UnixMs;
    readonly level: string;
    readonly category: string;
    readonly message: string;
  }
  | { readonly type: "export"; readonly export: ExportFacts };

export interface CameraNews {
  readonly cameraId: string;
  readonly state: string;
  readonly cause: string | null;
  readonly detail: string;
  readonly fps: number;
  readonly bitsPerSecond: number;
}
