/**
 * Reads films with a second reader of MP4 that shares nothing with ffmpeg or with the
 * product: mediabunny. What it finds is compared with the frames that were recorded.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type EncodedPacket,
  EncodedPacketSink,
  FilePathSource,
  Input,
  type InputTrack,
  MP4,
} from "mediabunny";
import type { Receipt } from "../../src/footage/receipt.ts";
import type { LoggedFrame } from "../../src/model/frame.ts";

/** Sound is cut at packets, which have 1024 samples; times of theirs are rounded to ticks. */
const LONGEST_PACKET_SECONDS = 1024 / 8_000;

/** A tick of the slowest clock that a camera of the tests has, and what adding up fractions costs. */
const TOLERANCE_SECONDS = 1e-6;

export interface ReadFilm {
  /** Codecs of the tracks, in order: "avc", "hevc", "aac". */
  readonly codecs: readonly (string | null)[];
  /** Pictures in the order in which they are shown. */
  readonly shown: readonly { readonly atSeconds: number; readonly isKey: boolean }[];
  /** Pictures that are in the file and not shown. */
  readonly hidden: number;
  readonly videoSeconds: number;
  /** First and last moment of sound; undefined without any. */
  readonly sound: { readonly fromSeconds: number; readonly toSeconds: number } | undefined;
}

/** @param shownSeconds How long the film is: what a track has behind that is hidden. */
export async function readFilm(path: string, shownSeconds: number): Promise<ReadFilm> {
  using input = new Input({ formats: [MP4], source: new FilePathSource(path) });
  const tracks = await input.getTracks();
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  ok(video !== null);
  const pictures = (await packetsOf(video))
    .toSorted((one, other) => one.timestamp - other.timestamp);
  const shown = pictures.filter(({ timestamp }) =>
    timestamp > -TOLERANCE_SECONDS && timestamp < shownSeconds - TOLERANCE_SECONDS
  );
  const sounds = audio === null ? [] : await packetsOf(audio);
  const last = sounds.at(-1);
  return {
    codecs: await Promise.all(tracks.map((track) => track.getCodec())),
    shown: shown.map(({ timestamp, type }) => ({ atSeconds: timestamp, isKey: type === "key" })),
    hidden: pictures.length - shown.length,
    videoSeconds: await video.computeDuration(),
    sound: last === undefined ? undefined : {
      fromSeconds: sounds[0]!.timestamp,
      toSeconds: last.timestamp + last.duration,
    },
  };
}

async function packetsOf(track: InputTrack): Promise<EncodedPacket[]> {
  const sink = new EncodedPacketSink(track);
  return await Array.fromAsync(sink.packets(undefined, undefined, { metadataOnly: true }));
}

/**
 * Compares a film of one run without gaps with its frames.
 *
 * @param expected `frames` are all of the camera, in order.
 */
export async function checkWithSecondReader(
  path: string,
  expected: {
    readonly receipt: Receipt;
    readonly frames: readonly LoggedFrame[];
    readonly codecs: readonly string[];
  },
): Promise<void> {
  const { receipt: { delivered, hidden }, codecs } = expected;
  const frames = expected.frames.slice(
    delivered.starting_frame_id - 1,
    delivered.ending_frame_id,
  );
  const first = frames[0]!;
  const last = frames.at(-1)!;
  const shownSeconds = (last.pts + last.duration - first.pts) / first.timescale;
  const film = await readFilm(path, shownSeconds);
  deepStrictEqual(film.codecs, codecs, path);
  strictEqual(film.shown.length, frames.length, path);
  strictEqual(film.hidden, hidden.frames_before_start + hidden.frames_after_end, path);
  for (const [index, { atSeconds, isKey }] of film.shown.entries()) {
    const frame = frames[index]!;
    const wanted = (frame.pts - first.pts) / first.timescale;
    ok(Math.abs(atSeconds - wanted) < TOLERANCE_SECONDS, `${path}: ${atSeconds} s for ${wanted} s`);
    strictEqual(isKey, frame.isKey, `${path}: frame ${frame.frameId}`);
  }
  if (film.sound === undefined) return;
  ok(film.sound.fromSeconds <= 0 && film.sound.fromSeconds > -2 * LONGEST_PACKET_SECONDS);
  ok(Math.abs(film.sound.toSeconds - shownSeconds) < LONGEST_PACKET_SECONDS, path);
}
