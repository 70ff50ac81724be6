/**
 * The label in every recording file: a `uuid` box behind the init segment that
 * says whose footage it is and where its stream time lies in wall time. With it
 * a file explains itself, and the database can be made again from files.
 *
 * The box has a fixed size, so that the label can be written again in place
 * while the wall time of a new stream is still being learnt.
 *
 * Design: docs/design/storage.md
 *
 * @module
 */

import { type UnixMs, unixMs } from "../base/units.ts";
import type { GeoLocation } from "../model/camera.ts";
import { type Box, MalformedMedia } from "./boxes.ts";
import { box } from "./box_writer.ts";

/** What a recording file says about itself. */
export interface RecordingLabel {
  readonly cameraId: string;
  /** The unbroken stream that it is part of. */
  readonly run: number;
  /** Id of the first frame in presentation order. */
  readonly startingFrameId: number;
  /** Wall time at stream time 0. */
  readonly originMs: UnixMs;
  /** What its frames' objects say of place and stills; null where they say nothing. */
  readonly geoLocation: GeoLocation | null;
  readonly stillsEveryMs: number | null;
}

/** Lookback's own extended type (ISO/IEC 14496-12, 11.1), a random UUID. */
const EXTENDED_TYPE = Uint8Array.from([
  0x6c,
  0x6f,
  0x6f,
  0x6b,
  0x5b,
  0x1e,
  0x4b,
  0x09,
  0x9d,
  0x5f,
  0x2a,
  0x8e,
  0x63,
  0x61,
  0x6d,
  0x31,
]);

/** Room for the JSON text. A camera id has at most 64 characters; the rest is numbers. */
const TEXT_BYTES = 480;

/** Size of the whole box in a file. */
export const LABEL_BYTES = 8 + EXTENDED_TYPE.length + TEXT_BYTES;

export function buildLabel(label: RecordingLabel): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify({
    format: "lookback-recording-1",
    camera_id: label.cameraId,
    run: label.run,
    starting_frame_id: label.startingFrameId,
    origin_ms: label.originMs,
    geo_location: label.geoLocation,
    stills_every_ms: label.stillsEveryMs,
  });
  const bytes = new TextEncoder().encode(text.padEnd(TEXT_BYTES));
  if (bytes.length !== TEXT_BYTES) throw new RangeError(`Cannot fit label "${text}"`);
  return box("uuid", EXTENDED_TYPE, bytes);
}

/** Reads a label. Undefined for a `uuid` box of somebody else's. */
export function parseLabel(found: Box): RecordingLabel | undefined {
  const type = found.payload.subarray(0, EXTENDED_TYPE.length);
  const isOurs = found.type === "uuid" && type.length === EXTENDED_TYPE.length &&
    type.every((byte, index) => byte === EXTENDED_TYPE[index]);
  if (!isOurs) return undefined;
  try {
    const value = JSON.parse(
      new TextDecoder().decode(found.payload.subarray(EXTENDED_TYPE.length)),
    );
    const { camera_id: cameraId, run, starting_frame_id: startingFrameId } = value;
    if (typeof cameraId !== "string" || ![run, startingFrameId].every(Number.isSafeInteger)) {
      throw new TypeError("Cannot find camera, run and frame in the text");
    }
    return {
      cameraId,
      run,
      startingFrameId,
      originMs: unixMs(value.origin_ms),
      // Labels of older versions say nothing of these.
      geoLocation: value.geo_location ?? null,
      stillsEveryMs: value.stills_every_ms ?? null,
    };
  } catch (cause) {
    throw new MalformedMedia("Cannot read the label of the recording", { cause });
  }
}
