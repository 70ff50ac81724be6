/**
 * A piece of a recording in another size: puts what an encoder made of its pictures
 * together with the piece's own sound, under the recording's own times.
 *
 * In:   the recording's init segment and a piece of its fragments; the encoder's output.
 * Out:  an init segment, the same for all pieces of a run; fragments.
 * Not here: the encoder's process (app/web/rendition_encoder.ts).
 *
 * **Times.** The encoder's frames are laid on those of the recording to the tick, each
 * lasts until the next one, and the last one to the end of the piece: pieces follow one
 * another without a hole, whatever was rounded on the way. There are no edit lists:
 * decode times and presentation times are what the recording's times are with its edits.
 *
 * Pure.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { box } from "./box_writer.ts";
import { childBoxes, MalformedMedia, parseBytes, requireBox, viewOf } from "./boxes.ts";
import type { Sample } from "./fragment.ts";
import { type Fragment, FragmentStream, sampleBytes, type StreamStart } from "./fragment_stream.ts";
import { buildFragment, type SampleWithBytes } from "./fragment_writer.ts";
import { liveTimeline } from "./live_timeline.ts";

/** Fields of a visual sample entry before its boxes, its header included (14496-12, 12.1.3). */
const VISUAL_ENTRY_BYTES = 86;

/** So far may the encoder's times be off, as a share of a second: edit lists count milliseconds. */
const TIME_SLACK = 1 / 400;

/** Some fragments of a recording, read. */
export interface SourcePiece {
  readonly start: StreamStart;
  readonly fragments: readonly Fragment[];
  /** Presentation times of its frames as shown, ascending, none twice. In ticks. */
  readonly times: readonly number[];
  /** Where the last one ends, as far as the piece says. */
  readonly endPts: number;
  /** Its first frames in time come before its key frame, and refer to frames before it. */
  readonly hasLeading: boolean;
}

/**
 * @param initSegment `ftyp` and `moov` of the recording.
 * @param bytes Whole fragments; what else lies behind them is left out.
 *
 * @throws {MalformedMedia} If they are damaged, or without a picture.
 */
export function readPiece(initSegment: Uint8Array, bytes: Uint8Array): SourcePiece {
  const { start, fragments } = readStream([initSegment, bytes]);
  const video = fragments.flatMap(({ samples }) => samples.video);
  const [first] = video;
  if (first === undefined) throw new MalformedMedia("Cannot find a picture in the piece");
  const times = [...new Set(video.map(({ pts }) => pts))].sort((one, other) => one - other);
  const endPts = video.reduce((end, { pts, duration }) => Math.max(end, pts + duration), 0);
  return { start, fragments, times, endPts, hasLeading: times[0]! < first.pts };
}

/** What goes into the encoder before the fragments: its frames then have the times written there. */
export function encoderInit({ start }: SourcePiece): Uint8Array {
  return liveTimeline(joined([start.ftyp, start.moov])).initSegment;
}

/** The time of a frame as the encoder is told it, which knows no edit list. */
export function encoderTicks({ start }: SourcePiece, pts: number): number {
  return pts - start.init.video.presentationShift;
}

export interface MadePiece {
  readonly initSegment: Uint8Array<ArrayBuffer>;
  readonly media: Uint8Array<ArrayBuffer>;
}

/**
 * @param encoded All that the encoder gave for the piece: its frames at `encoderTicks`, in
 * order, of the source's timescale.
 * @param nextPts Where the next piece begins, if that is known.
 *
 * @throws {MalformedMedia} If it gave nothing, or frames that the piece has not.
 */
export function renditionPiece(
  source: SourcePiece,
  encoded: Uint8Array,
  nextPts?: number,
): MadePiece {
  const { start, fragments } = readStream([encoded]);
  const { video, audio } = source.start.init;
  if (start.init.video.timescale !== video.timescale) {
    throw new MalformedMedia(`Cannot use a timescale of ${start.init.video.timescale}`);
  }
  const frames = placedFrames(source, fragments, nextPts ?? source.endPts);
  const parts = [buildFragment(frames, { trackId: video.trackId, sequence: 1 })];
  const packets = audio === undefined ? [] : soundOf(source);
  if (audio !== undefined && packets.length > 0) {
    parts.push(buildFragment(packets, { trackId: audio.trackId, sequence: 2 }));
  }
  return { initSegment: renditionInit(source.start, start), media: joined(parts) };
}

function readStream(chunks: readonly Uint8Array[]): {
  readonly start: StreamStart;
  readonly fragments: readonly Fragment[];
} {
  const stream = new FragmentStream();
  const found = chunks.flatMap((chunk) => stream.push(chunk));
  const start = found.find((each) => each.type === "init");
  if (start === undefined) throw new MalformedMedia('Cannot find "moov"');
  return { start, fragments: found.filter((each) => each.type === "fragment") };
}

/** The encoder's frames, each at the time of the frame that it was made of. */
function placedFrames(
  source: SourcePiece,
  fragments: readonly Fragment[],
  endPts: number,
): SampleWithBytes[] {
  const { timescale, presentationShift } = source.start.init.video;
  const slack = timescale * TIME_SLACK;
  const placed: { pts: number; isKey: boolean; bytes: Uint8Array }[] = [];
  let index = 0;
  for (const fragment of fragments) {
    for (const sample of fragment.samples.video) {
      const wanted = sample.pts + presentationShift;
      while (source.times[index]! < wanted - slack) index += 1;
      const pts = source.times[index];
      if (pts === undefined || pts > wanted + slack) {
        throw new MalformedMedia(`Cannot place a frame at ${wanted}: the recording has none there`);
      }
      index += 1;
      placed.push({ pts, isKey: sample.isKey, bytes: sampleBytes(fragment, sample) });
    }
  }
  // Before 0 is what the recording's edit list hides.
  const shown = placed.filter(({ pts }) => pts >= 0);
  if (shown.length === 0) throw new MalformedMedia("Cannot find a picture in what was encoded");
  return lasting(shown.map((frame) => ({ ...frame, dts: frame.pts })), endPts);
}

/** The packets of sound as they are, at their times with edits. */
function soundOf({ fragments }: SourcePiece): SampleWithBytes[] {
  const packets = fragments.flatMap((fragment) =>
    fragment.samples.audio.filter(({ dts }) => dts >= 0).map((sample: Sample) => ({
      dts: sample.dts,
      pts: sample.dts,
      isKey: true,
      bytes: sampleBytes(fragment, sample),
      duration: sample.duration,
    }))
  );
  const last = packets.at(-1);
  return last === undefined ? [] : lasting(packets, last.dts + last.duration);
}

/** Each until the next one begins. */
function lasting(
  samples: readonly Omit<SampleWithBytes, "duration">[],
  endDts: number,
): SampleWithBytes[] {
  return samples.map((sample, index) => {
    const nextDts = samples[index + 1]?.dts ?? endDts;
    return { ...sample, duration: Math.max(1, nextDts - sample.dts) };
  });
}

/** The recording's own init segment without edit lists, with the encoder's codec in it. */
function renditionInit(source: StreamStart, encoded: StreamStart): Uint8Array<ArrayBuffer> {
  const { trackId } = source.init.video;
  const { width, height, sampleEntry } = encoded.init.video;
  const entry = withoutRate(sampleEntry);
  const parts = parseBytes(
    "init segment",
    () =>
      [...childBoxes(requireBox(source.moov, ["moov"]).payload)].map((each) => {
        if (each.type !== "trak") return each.bytes;
        const kept = [...childBoxes(each.payload)].filter(({ type }) => type !== "edts");
        const tkhd = viewOf(requireBox(each.payload, ["tkhd"]).payload);
        const isVideo = tkhd.getUint32(tkhd.getUint8(0) === 1 ? 20 : 12) === trackId;
        if (!isVideo) return box("trak", ...kept.map(({ bytes }) => bytes));
        return box(
          "trak",
          ...kept.map(({ type, bytes, payload }) => {
            if (type === "tkhd") return sized(bytes, { width, height });
            return type === "mdia" ? withEntry("mdia", payload, entry) : bytes;
          }),
        );
      }),
  );
  return joined([source.ftyp, box("moov", ...parts)]);
}

/** Width and height are the last two fields, in 16.16. */
function sized(
  tkhd: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const copy = tkhd.slice();
  const view = viewOf(copy);
  view.setUint32(copy.length - 8, width * 0x10000);
  view.setUint32(copy.length - 4, height * 0x10000);
  return copy;
}

const WAY_TO_ENTRIES: readonly string[] = ["minf", "stbl", "stsd"];

function withEntry(type: string, payload: Uint8Array, entry: Uint8Array): Uint8Array {
  // Version, flags and the count of entries, which is one.
  if (type === "stsd") return box(type, payload.subarray(0, 4), Uint8Array.of(0, 0, 0, 1), entry);
  const parts = [...childBoxes(payload)].map((each) =>
    WAY_TO_ENTRIES.includes(each.type) ? withEntry(each.type, each.payload, entry) : each.bytes
  );
  return box(type, ...parts);
}

/** Without "btrt": the rate of one piece, which differs from the next one's. */
function withoutRate(sampleEntry: Uint8Array): Uint8Array {
  const type = String.fromCharCode(...sampleEntry.subarray(4, 8));
  const kept = [...childBoxes(sampleEntry.subarray(VISUAL_ENTRY_BYTES))]
    .filter((each) => each.type !== "btrt").map(({ bytes }) => bytes);
  return box(type, sampleEntry.subarray(8, VISUAL_ENTRY_BYTES), ...kept);
}
