/**
 * What records, or does what a recorder does, and is measured while it does it.
 *
 * @module
 */

/** What a contestant is given to work on. */
export interface ContestantTask {
  readonly cameras: number;
  /** An empty folder of its own. */
  readonly folder: string;
}

export interface Contestant {
  /** In the report: "Lookback with stills". */
  readonly name: string;
  /** Bytes a second of the clip that each of its cameras plays. */
  readonly clipBytesPerSecond: number;
  /** Resolves when it works on all cameras. */
  start(task: ContestantTask): Promise<RunningContestant>;
}

export interface RunningContestant {
  /** The tops of its process trees. */
  readonly pids: readonly number[];
  /** For Lookback: where it records, and its cameras. */
  readonly recorded?: { readonly root: string; readonly cameraIds: readonly string[] };
  /** @throws {Error} If it had failed. */
  stop(): Promise<void>;
}
