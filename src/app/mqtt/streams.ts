/**
 * What each camera's stream is, out of the index: the newest run, and how far its key
 * frames are apart.
 *
 * In:   the index. Out: facts, remembered while the run is the same.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { readBatchFrames } from "../../footage/frame_reader.ts";
import type { StreamFacts } from "../../mqtt/camera_messages.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type { KeptIndex } from "../web/kept_index.ts";

const log = logger("mqtt");

/** How often a run is looked for, in milliseconds: a question to the index for each camera. */
const LOOK_MS = 10_000;

/** The same while it is not known what the stream is. */
const LOOK_FOR_MS = 2_000;

export type StreamShape = Pick<StreamFacts, "codec" | "width" | "height" | "keyEveryMs">;

const UNKNOWN: StreamShape = { codec: null, width: null, height: null, keyEveryMs: null };

interface Known {
  readonly run: number | undefined;
  readonly shape: StreamShape;
  readonly lookedAt: number;
}

export class StreamShapes {
  readonly #index: KeptIndex;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(index: KeptIndex, clock: Clock) {
    this.#index = index;
    this.#clock = clock;
  }

  shapeOf(cameraId: string): StreamShape {
    const nowMs = this.#clock.monotonic();
    const known = this.#known.get(cameraId);
    const pauseMs = known?.shape.keyEveryMs === null ? LOOK_FOR_MS : LOOK_MS;
    if (known !== undefined && nowMs - known.lookedAt < pauseMs) return known.shape;
    const looked = { ...this.#look(cameraId, known), lookedAt: nowMs };
    this.#known.set(cameraId, looked);
    return looked.shape;
  }

  #look(cameraId: string, known: Known | undefined): Omit<Known, "lookedAt"> {
    try {
      return this.#index.ask((reader) => shapeIn(reader, cameraId, known));
    } catch (error) {
      // A new root has no database yet; the next look comes by itself.
      log.debug("Cannot say what {camera} streams: {reason}", {
        camera: cameraId,
        reason: messageOf(error),
      });
      return { run: known?.run, shape: known?.shape ?? UNKNOWN };
    }
  }
}

function shapeIn(
  reader: TimelineReader,
  cameraId: string,
  known: Known | undefined,
): Omit<Known, "lookedAt"> {
  const newest = reader.newestRun(cameraId);
  if (newest === undefined) return { run: undefined, shape: UNKNOWN };
  const { run, codec, width, height } = newest;
  const isKnown = known?.run === run && known.shape.keyEveryMs !== null;
  const keyEveryMs = isKnown ? known.shape.keyEveryMs : keyInterval(reader, cameraId, run);
  return { run, shape: { codec, width, height, keyEveryMs } };
}

/** The mean of the run's newest batch, or null where it has no two key frames. */
function keyInterval(reader: TimelineReader, cameraId: string, run: number): number | null {
  const batch = reader.batchEndingBefore(cameraId, Number.MAX_SAFE_INTEGER);
  if (batch === undefined || batch.run !== run) return null;
  const reading = readBatchFrames(reader.root, batch);
  if (!reading.ok) return null;
  const keys = reading.frames.filter(({ isKey }) => isKey);
  const [first, last] = [keys[0], keys.at(-1)];
  if (first === undefined || last === undefined || keys.length < 2) return null;
  const ticks = (last.pts - first.pts) / (keys.length - 1);
  return Math.round(1_000 * ticks / first.timescale);
}
