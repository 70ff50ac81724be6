/**
 * Puts video and audio of a live stream on one line of time. The recorder's stream
 * says in an edit list how far they begin apart; most players of live streams read
 * none, or only a simple one, and sound and picture then lie apart. So the edit
 * list goes, and the times in the fragments say it.
 *
 * In:   the init segment, then each fragment. Out: an init segment without edit
 * lists; the fragments' times are changed where they stand.
 *
 * Pure.
 *
 * @module
 */

import { joined } from "../base/bytes.ts";
import { box } from "./box_writer.ts";
import { childBoxes, MalformedMedia, parseBytes, requireBox, viewOf } from "./boxes.ts";
import { type InitSegment, parseInitSegment, type Track } from "./init_segment.ts";

export interface LiveTimeline {
  readonly initSegment: Uint8Array;
  readonly init: InitSegment;
  /** What the times in the fragments are later than those of the recorder: times stay above 0. */
  readonly laterMs: number;
  /** Ticks that each track's times are moved by, by track id. */
  readonly moves: ReadonlyMap<number, number>;
}

/**
 * @param initSegment `ftyp` and `moov`, one behind the other.
 *
 * @throws {MalformedMedia} If they are not there, or not whole.
 */
export function liveTimeline(initSegment: Uint8Array): LiveTimeline {
  const init = parseInitSegment(requireBox(initSegment, ["moov"]).payload);
  const tracks = [init.video, init.audio].filter((track) => track !== undefined);
  // Whole seconds are whole ticks of every track.
  const laterSeconds = Math.max(0, ...tracks.map(secondsBelowZero));
  const move = ({ timescale, presentationShift }: Track) =>
    presentationShift + laterSeconds * timescale;
  const boxes = [...childBoxes(initSegment)].map((each) =>
    each.type === "moov" ? withoutEdits(each.payload) : each.bytes
  );
  const plain = joined(boxes);
  return {
    initSegment: plain,
    init: parseInitSegment(requireBox(plain, ["moov"]).payload),
    laterMs: laterSeconds * 1_000,
    moves: new Map(tracks.map((track) => [track.trackId, move(track)])),
  };
}

function secondsBelowZero({ presentationShift, timescale }: Track): number {
  return Math.ceil(-presentationShift / timescale);
}

function withoutEdits(moov: Uint8Array): Uint8Array {
  const parts = [...childBoxes(moov)].map((each) => {
    if (each.type !== "trak") return each.bytes;
    const kept = [...childBoxes(each.payload)].filter(({ type }) => type !== "edts");
    return box("trak", ...kept.map(({ bytes }) => bytes));
  });
  return box("moov", ...parts);
}

/**
 * Moves the times of a fragment, in its own bytes.
 *
 * @throws {MalformedMedia} If it is not a fragment of that stream.
 */
export function moveFragment(fragment: Uint8Array, { moves }: LiveTimeline): void {
  parseBytes("fragment", () => {
    for (const traf of childBoxes(requireBox(fragment, ["moof"]).payload)) {
      if (traf.type !== "traf") continue;
      const trackId = viewOf(requireBox(traf.payload, ["tfhd"]).payload).getUint32(4);
      const ticks = moves.get(trackId) ?? 0;
      if (ticks !== 0) moveTime(viewOf(requireBox(traf.payload, ["tfdt"]).payload), ticks);
    }
  });
}

function moveTime(tfdt: DataView, ticks: number): void {
  if (tfdt.getUint8(0) === 1) {
    tfdt.setBigUint64(4, tfdt.getBigUint64(4) + BigInt(ticks));
    return;
  }
  const moved = tfdt.getUint32(4) + ticks;
  if (moved > 0xffffffff) throw new MalformedMedia(`Cannot write ${moved} as a time in 32 bits`);
  tfdt.setUint32(4, moved);
}
