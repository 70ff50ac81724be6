/**
 * A live source made of a short clip, fed by hand, and what its RTP packets are put
 * together to again.
 *
 * In:   a clip as clips.ts makes it. Out: {@linkcode ClipSource}, NAL units of packets.
 * Not here: cameras, time.
 *
 * @module
 */

import { unixMs } from "../../src/base/units.ts";
import { joined } from "../../src/base/bytes.ts";
import { type Fragment, sampleBytes } from "../../src/media/fragment_stream.ts";
import type { InitSegment } from "../../src/media/init_segment.ts";
import { readAvcParameterSets } from "../../src/media/parameter_sets.ts";
import type { LiveSource, StreamFragment, StreamInfo, Viewer } from "../../src/model/live.ts";
import { splitUnits } from "../../src/live/rtp_packets.ts";
import { type ClipOptions, makeClip } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Wall time of the clips' time 0. */
export const CLIP_ORIGIN_MS = unixMs(Date.parse("2026-11-21T20:57:09Z"));

/** A clip as it is recorded. */
export interface RecordedClip {
  readonly init: InitSegment;
  readonly info: StreamInfo;
  readonly fragments: readonly Fragment[];
  /** NAL units of each frame, parameter sets in front of key frames. */
  readonly units: readonly (readonly Uint8Array[])[];
}

export async function recordClip(options: ClipOptions): Promise<RecordedClip> {
  await using folder = await tempFolder();
  const path = await makeClip(`${folder.path}/clip.mp4`, options);
  const { start, fragments } = readStream(await recordFile(path));
  const { init } = start;
  const { codec, timescale, width, height } = init.video;
  const info = {
    run: 1,
    initSegment: joined([start.ftyp, start.moov]),
    mime: `video/mp4; codecs="${codec}"`,
    ...{ codec, timescale, width, height, hasAudio: init.audio !== undefined },
  };
  return { init, info, fragments, units: codec === "avc1" ? unitsOf(init, fragments) : [] };
}

function unitsOf(init: InitSegment, fragments: readonly Fragment[]): Uint8Array[][] {
  const { lengthBytes, sps, pps } = readAvcParameterSets(init.video.sampleEntry);
  return fragments.flatMap((fragment) =>
    fragment.samples.video.map((sample) => [
      ...(sample.isKey ? [...sps, ...pps] : []),
      ...splitUnits(sampleBytes(fragment, sample), lengthBytes),
    ])
  );
}

/** A fragment as a live source hands it out. */
export function streamFragment({ bytes, samples: { video } }: Fragment): StreamFragment {
  const isKey = video[0]!.isKey;
  return { bytes, isKey, frames: video.length, originMs: CLIP_ORIGIN_MS };
}

/** Gives who joins the whole clip at once, as its kept group of pictures. */
export class ClipSource implements LiveSource {
  readonly cameraId = "front";
  info: StreamInfo | undefined;
  hasBFrames: boolean | undefined;
  readonly #clip: RecordedClip;
  readonly #viewers = new Set<Viewer>();

  constructor(clip: RecordedClip) {
    this.#clip = clip;
    this.info = clip.info;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  join(viewer: Viewer): Disposable {
    this.#viewers.add(viewer);
    if (this.info !== undefined) viewer.begin(this.info);
    for (const fragment of this.#clip.fragments) viewer.take(streamFragment(fragment));
    return { [Symbol.dispose]: () => void this.#viewers.delete(viewer) };
  }

  /** The clip once more, as a new run of the camera. */
  repeat(): void {
    for (const viewer of this.#viewers) {
      viewer.begin({ ...this.#clip.info, run: 2 });
      for (const fragment of this.#clip.fragments) viewer.take(streamFragment(fragment));
    }
  }
}

/** Puts NAL units of a frame together again from the payloads of its packets (RFC 6184, 5.6 to 5.8). */
export function unitsOfPayloads(payloads: readonly Uint8Array[]): Uint8Array[] {
  const units: Uint8Array[] = [];
  let pieces: Uint8Array[] = [];
  for (const payload of payloads) {
    const type = payload[0]! & 0x1f;
    if (type === 24) {
      for (let at = 1; at < payload.length;) {
        const length = payload[at]! * 256 + payload[at + 1]!;
        units.push(payload.slice(at + 2, at + 2 + length));
        at += 2 + length;
      }
    } else if (type === 28) {
      const [indicator, header] = payload as unknown as [number, number];
      if (header & 0x80) pieces = [Uint8Array.of((indicator & 0xe0) | (header & 0x1f))];
      pieces.push(payload.subarray(2));
      if (header & 0x40) units.push(joined(pieces));
    } else units.push(payload.slice());
  }
  return units;
}
