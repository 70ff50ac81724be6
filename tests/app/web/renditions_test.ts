/**
 * Recorded footage in other sizes, over HTTP and with a real ffmpeg: an H.265 camera
 * with sound, served as H.264.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isoUtc } from "../../../src/base/units.ts";
import { EncoderPlaces } from "../../../src/live/encoder_places.ts";
import { requireBox } from "../../../src/media/boxes.ts";
import { codecString } from "../../../src/media/codec_string.ts";
import { type Fragment, FragmentStream } from "../../../src/media/fragment_stream.ts";
import { parseInitSegment } from "../../../src/media/init_segment.ts";
import { openForWriting } from "../../../src/store/database.ts";
import { LedgerWriter } from "../../../src/store/ledger_writer.ts";
import { runFfmpeg } from "../../support/clips.ts";
import { at, cameraEntry } from "../../support/ledger_entries.ts";
import { recordRun } from "../../support/recorded_run.ts";
import { tempFolder } from "../../support/temp_folder.ts";
import { until } from "../../support/until.ts";
import { type ServedArchive, servedArchive } from "../../support/web_archive.ts";

const SECONDS = 5;

/** Key frames each second, batches of two seconds, sound, decoded in another order than shown. */
const H265 = {
  ...{ seconds: SECONDS, size: "128x72", gop: 25, bframes: 2, audio: true },
  codec: "h265" as const,
};

const WINDOW = `from=${isoUtc(at(-1))}&to=${at(20)}`;

async function recordedH265(): Promise<AsyncDisposable & { readonly root: string }> {
  const folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const database = openForWriting(folder.path);
  try {
    const entries = await recordRun(folder.path, { clip: H265, startMs: at(0) });
    deepStrictEqual(new LedgerWriter(database).commit([cameraEntry("front"), ...entries]), []);
  } finally {
    database.close();
  }
  return { root: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** What a playlist names, as whole addresses. */
async function filesOf(url: string): Promise<{ readonly init: string; readonly pieces: string[] }> {
  const text = await (await fetch(url)).text();
  const inits = [...text.matchAll(/EXT-X-MAP:URI="([^"]+)"/g)].map(([, uri]) => uri!);
  strictEqual(inits.length, 1, text);
  const pieces = text.split("\n").filter((line) => /^[^#]/.test(line));
  return {
    init: `${new URL(inits[0]!, url)}`,
    pieces: pieces.map((uri) => `${new URL(uri, url)}`),
  };
}

async function bytesOf(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(url);
  strictEqual(answer.status, 200, url);
  return await answer.bytes();
}

/** A piece's samples, read as a player does. */
function samplesOf(init: Uint8Array, piece: Uint8Array) {
  const stream = new FragmentStream();
  const fragments = [...stream.push(init), ...stream.push(piece)]
    .filter((each): each is Fragment => each.type === "fragment");
  return {
    video: fragments.flatMap(({ samples }) => samples.video),
    audio: fragments.flatMap(({ samples }) => samples.audio),
  };
}

/** Presentation times of a stream, in order, as ffprobe tells them. */
async function timesOf(url: string, stream: "v" | "a"): Promise<readonly number[]> {
  const { stdout, stderr, success } = await new Deno.Command("ffprobe", {
    args: [
      ...["-v", "warning", "-strict", "strict", "-select_streams", stream],
      ...["-show_entries", "packet=pts_time", "-of", "csv=p=0", url],
    ],
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  const rows = new TextDecoder().decode(stdout).trim().split("\n");
  return rows.map((row) => Number(row.split(",")[0])).sort((one, other) => one - other);
}

Deno.test("Renditions give a player H.264 of H.265 footage: each frame at its time, without a hole", async () => {
  await using recorded = await recordedH265();
  await using server = servedArchive(recorded.root);
  const master = await (await fetch(`${server.url}/cameras/front/recorded-master.m3u8?${WINDOW}`))
    .text();
  ok(
    /CODECS="hvc1[^"]+,mp4a\.40\.2",RESOLUTION=128x72\nrecorded\.m3u8\?from=\d+&to=\d+\n/.test(
      master,
    ),
  );
  const [, file] = /CODECS="avc1\.42c02a,mp4a\.40\.2",RESOLUTION=128x72\n(\S+)/.exec(master)!;
  const url = `${server.url}/cameras/front/${file}`;

  const { init, pieces } = await filesOf(url);
  strictEqual(pieces.length, 3);
  const initBytes = await bytesOf(init);
  const { video, audio } = parseInitSegment(requireBox(initBytes, ["moov"]).payload);
  deepStrictEqual([codecString(video), audio?.codec], ["avc1.42c02a", "mp4a"]);
  let [videoEnd, audioEnd, frames] = [0, -1, 0];
  for (const piece of pieces) {
    const samples = samplesOf(initBytes, await bytesOf(piece));
    ok(samples.video[0]!.isKey);
    strictEqual(samples.video[0]!.dts, videoEnd, "a piece begins where the one before ends");
    if (audioEnd >= 0) strictEqual(samples.audio[0]!.dts, audioEnd, "its sound too");
    const [lastFrame, lastPacket] = [samples.video.at(-1)!, samples.audio.at(-1)!];
    [videoEnd, audioEnd] = [
      lastFrame.dts + lastFrame.duration,
      lastPacket.dts + lastPacket.duration,
    ];
    frames += samples.video.length;
  }
  deepStrictEqual([frames, videoEnd], [SECONDS * 25, SECONDS * video.timescale]);

  // Of a long window a piece is a whole recording, with the seal at its end.
  const long = url.replace(/from=\d+/, `from=${at(-4_000)}`);
  const whole = (await filesOf(long)).pieces;
  strictEqual(samplesOf(initBytes, await bytesOf(whole[1]!)).video.length, 50);

  // A second player, strict, that knows nothing of this.
  const own = `${server.url}/cameras/front/recorded.m3u8?${WINDOW}`;
  deepStrictEqual(await timesOf(url, "v"), await timesOf(own, "v"));
  const { stderr } = await runFfmpeg(["-strict", "strict", "-i", url, "-f", "null", "-"]);
  strictEqual(stderr, "");
});

Deno.test("Renditions make the same init segment of every piece of a run", async () => {
  await using recorded = await recordedH265();
  const inits: Uint8Array[] = [];
  for (const batch of [1, 2, 3]) {
    // A server that knows nothing of the pieces before.
    await using server = servedArchive(recorded.root);
    inits.push(await bytesOf(`${server.url}/recordings/${batch}/renditions/72p/init.mp4`));
  }
  deepStrictEqual(inits[1], inits[0]);
  deepStrictEqual(inits[2], inits[0]);
});

Deno.test("Renditions refuse what is no piece, whose camera is another's, and what is damaged", async () => {
  await using recorded = await recordedH265();
  await using server = servedArchive(recorded.root);
  const { pieces } = await filesOf(`${server.url}/cameras/front/renditions/72p.m3u8?${WINDOW}`);
  const [, offset, length] = /(\d+)-(\d+)\.m4s$/.exec(pieces[0]!)!;
  const of = (path: string) => server.json(`/recordings/${path}`);
  const code = async (path: string) => {
    const { status, body } = await of(path);
    return `${status} ${(body as { code: string }).code}`;
  };
  const other = Number(length) - 1;
  deepStrictEqual(
    await Promise.all([
      code(`1/renditions/72p/${offset}-${other}.m4s`),
      code(`1/renditions/72p/0-${Number(offset)}.m4s`),
      code(`1/renditions/72p/${offset}-999999999999999.m4s`),
      code(`1/renditions/71p/${offset}-${length}.m4s`),
      code(`99/renditions/72p/init.mp4`),
    ]),
    [
      ...["404 piece-unknown", "404 piece-unknown", "404 piece-unknown"],
      ...["404 piece-unknown", "404 recording-unknown"],
    ],
  );
  await using stranger = servedArchive(recorded.root, { cameras: ["yard"] });
  deepStrictEqual(
    await stranger.json("/recordings/1/renditions/72p/init.mp4"),
    await of("99/renditions/72p/init.mp4"),
  );
  strictEqual((await server.json(`/cameras/front/renditions/360p.m3u8?${WINDOW}`)).status, 404);
  await damage(recorded.root, server);
  strictEqual(
    await code(`1/renditions/72p/${offset}-${length}.m4s`),
    "422 recording-unreadable",
  );
});

/** Overwrites the pictures of the first recording; where its boxes lie stays as it was. */
async function damage(root: string, server: ServedArchive): Promise<void> {
  const recorded = await server.archive.recorded("front", { fromMs: at(-1), toMs: at(20) });
  const { offset, length } = recorded.parts[0]!.groups[0]!;
  const path = join(root, "data/recordings/front/2026-11-21/20/570000.mp4");
  const bytes = await Deno.readFile(path);
  for (let index = offset + 2_000; index < offset + length; index += 1) bytes[index] = 0;
  await Deno.writeFile(path, bytes);
}

Deno.test("Renditions tell a player to come back where no encoder is free, and there are none without any", async () => {
  await using recorded = await recordedH265();
  const places = new EncoderPlaces(1, 0);
  // As a live rendition does.
  places.take();
  await using server = servedArchive(recorded.root, { encoders: places });
  const busy = await fetch(`${server.url}/recordings/1/renditions/72p/init.mp4`);
  deepStrictEqual([busy.status, busy.headers.get("retry-after")], [503, "2"]);
  strictEqual((await busy.json()).code, "busy");
  await using none = servedArchive(recorded.root, { encoders: new EncoderPlaces(0) });
  strictEqual((await none.json("/recordings/1/renditions/72p/init.mp4")).status, 404);
  const master = await fetch(`${none.url}/cameras/front/recorded-master.m3u8?${WINDOW}`);
  strictEqual((await master.text()).match(/STREAM-INF/g)?.length, 1);
});

Deno.test("Renditions drop what nobody waits for any more, and make what another asks for", async () => {
  await using recorded = await recordedH265();
  const places = new EncoderPlaces(1, 1);
  places.take();
  await using server = servedArchive(recorded.root, { encoders: places });
  const url = `${server.url}/recordings/1/renditions/72p/init.mp4`;
  const leaving = new AbortController();
  const left = fetch(url, { signal: leaving.signal }).catch(() => "left");
  await until(() => places.waiting === 1, { limitMs: 5_000, what: "the first to wait" });
  leaving.abort();
  strictEqual(await left, "left");
  await until(() => places.waiting === 0, { limitMs: 5_000, what: "nobody to wait" });
  const stays = fetch(url);
  await until(() => places.waiting === 1, { limitMs: 5_000, what: "the second to wait" });
  places.giveBack();
  const answer = await stays;
  deepStrictEqual([answer.status, (await answer.bytes()).length > 500], [200, true]);
  strictEqual(places.taken, 0);
});
