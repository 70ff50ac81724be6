import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import { runChild } from "../../src/host/process.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";
import { pieceArgs, renditionSizeOf } from "../../src/media/rendition_args.ts";
import {
  encoderInit,
  encoderTicks,
  readPiece,
  renditionPiece,
  type SourcePiece,
} from "../../src/media/rendition_piece.ts";
import { runFfmpeg } from "../support/clips.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Each group but the first begins, as shown, with frames that refer to the group before. */
const OPEN_GROUPS = [
  ...["-f", "lavfi", "-i", "testsrc2=size=128x72:rate=25", "-t", "3", "-pix_fmt", "yuv420p"],
  ...["-c:v", "libx265", "-tag:v", "hvc1", "-x265-params"],
  "log-level=error:pools=none:frame-threads=1:open-gop=1:keyint=24:min-keyint=1:scenecut=0:bframes=3",
];

/** Groups of pictures of a recording, as bytes, each behind the recording's init segment. */
async function openGroups() {
  await using folder = await tempFolder();
  const path = `${folder.path}/open.mp4`;
  await runFfmpeg([...OPEN_GROUPS, path]);
  const { start, fragments } = readStream(await recordFile(path));
  const groups: Uint8Array[][] = [];
  for (const { bytes, samples } of fragments) {
    if (samples.video[0]?.isKey) groups.push([]);
    groups.at(-1)!.push(bytes);
  }
  return { init: joined([start.ftyp, start.moov]), groups: groups.map(joined) };
}

async function encoded(source: SourcePiece, bytes: Uint8Array, lead?: Uint8Array) {
  const { init: { video } } = source.start;
  const { code, stdout } = await runChild({
    command: "ffmpeg",
    args: pieceArgs({
      size: renditionSizeOf(video, "72p")!,
      timescale: video.timescale,
      ...(lead === undefined ? {} : { fromTicks: encoderTicks(source, source.times[0]!) }),
    }),
    onStdin: async (stdin) => {
      const parts = [encoderInit(source), ...(lead === undefined ? [] : [lead]), bytes];
      await new Blob([joined(parts)]).stream().pipeTo(stdin);
    },
  });
  strictEqual(code, 0);
  return stdout;
}

Deno.test("renditionPiece() has every frame of a piece that refers to the one before, at its time", async () => {
  const { init, groups } = await openGroups();
  const [before, bytes, after] = groups as [Uint8Array, Uint8Array, Uint8Array];
  const source = readPiece(init, bytes);
  strictEqual(source.hasLeading, true);
  const nextPts = readPiece(init, after).times[0]!;
  const { initSegment, media } = renditionPiece(
    source,
    await encoded(source, bytes, before),
    nextPts,
  );
  const made = readPiece(initSegment, media);
  deepStrictEqual(made.times, source.times);
  strictEqual(made.endPts, nextPts);
  // Without what it refers to some frames are missing, and the others stay where they are.
  const alone = renditionPiece(source, await encoded(source, bytes), nextPts);
  const shown = readPiece(alone.initSegment, alone.media);
  strictEqual(shown.times.length < source.times.length, true);
  strictEqual(shown.endPts, nextPts);
  deepStrictEqual(alone.initSegment, initSegment);
  // Frames of another piece are none of this one.
  const other = readPiece(init, before);
  throws(() => renditionPiece(other, media, nextPts), MalformedMedia);
  throws(() => renditionPiece(source, new Uint8Array(0)), MalformedMedia);
});
