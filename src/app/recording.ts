/**
 * Recording as a whole: takes the storage root, starts the writer and a Worker
 * for each camera, and ends them in order.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { logger, type LogRecordMessage } from "../base/log.ts";
import type { CameraStatus, CaptureSettings } from "../capture/messages.ts";
import { CameraSupervisor } from "../capture/supervisor.ts";
import { holdRoot } from "../host/root_lock.ts";
import type { Camera } from "../model/camera.ts";
import { Reader } from "../store/reader.ts";
import { startWriter, type WriterCounters } from "../store/writer.ts";

export interface RecordingOptions {
  /** Absolute. */
  readonly root: string;
  readonly cameras: readonly (Camera & { readonly stillsEnabled: boolean })[];
  readonly batchDurationMs: number;
  readonly fragmentMs: number;
  readonly stills: { readonly everyMs: number; readonly quality: number };
  readonly ffmpegPath: string;
  readonly onLog: (record: LogRecordMessage) => void;
}

export interface Recording {
  /** The newest state of each camera that has reported. */
  readonly statuses: ReadonlyMap<string, CameraStatus>;
  readonly writer: WriterCounters;
  /** Resolves when every camera has stopped or ended. */
  readonly ended: Promise<void>;
  /** Resolves when one camera has stopped or ended. */
  cameraEnded(cameraId: string): Promise<void>;
  /** Closes all batches, writes everything and lets go of the root. */
  stop(): Promise<void>;
}

/**
 * Starts recording.
 *
 * @throws {OperatorError} "root-in-use", "root-unusable" or "database-unusable".
 */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const lock = await holdRoot(options.root);
  try {
    const writer = await startWriter(options.root, options.onLog);
    const statuses = new Map<string, CameraStatus>();
    const supervisors = new Map(options.cameras.map((camera) => [
      camera.id,
      new CameraSupervisor({
        settings: () => captureSettings(options, camera),
        connectWriter: () => writer.connect(camera.id),
        clock: systemClock,
        log: logger("capture", camera.id),
        onLog: options.onLog,
        onStatus: (status) => statuses.set(status.cameraId, status),
      }),
    ]));
    const ended = Promise.all([...supervisors.values()].map(({ done }) => done)).then(() => {});
    return {
      statuses,
      get writer() {
        return writer.counters;
      },
      ended,
      cameraEnded: (cameraId) => supervisors.get(cameraId)?.done ?? Promise.resolve(),
      async stop() {
        for (const supervisor of supervisors.values()) supervisor.stop();
        await ended;
        await writer.close();
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function captureSettings(
  options: RecordingOptions,
  camera: RecordingOptions["cameras"][number],
): CaptureSettings {
  using reader = new Reader(options.root);
  const { stillsEnabled, ...plain } = camera;
  return {
    root: options.root,
    camera: {
      id: plain.id,
      name: plain.name,
      source: plain.source,
      geoLocation: plain.geoLocation,
    },
    batchDurationMs: options.batchDurationMs,
    fragmentMs: options.fragmentMs,
    stills: stillsEnabled ? options.stills : null,
    ffmpegPath: options.ffmpegPath,
    newestFrameId: reader.newestFrameId(camera.id),
    newestRun: reader.newestRun(camera.id)?.run ?? 0,
  };
}
