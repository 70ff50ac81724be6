import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { logger } from "../../src/base/log.ts";
import { unixMs } from "../../src/base/units.ts";
import { PictureStream, type TapFragment, type TapStart } from "../../src/vision/picture_stream.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

const START: TapStart = {
  type: "start",
  run: 1,
  initSegment: new Uint8Array(100),
  timescale: 90_000,
  width: 64,
  height: 36,
};

function fragment(sizeBytes: number): TapFragment {
  const bytes = new Uint8Array(sizeBytes);
  return { type: "fragment", bytes, isKey: true, frames: 5, originMs: unixMs(1_000) };
}

interface World extends AsyncDisposable {
  readonly stream: PictureStream;
  readonly clock: FakeClock;
  readonly folder: string;
  /** Bytes that are done with. */
  readonly takenBytes: () => number;
  /** Which decoders were started, in order. */
  readonly started: () => Promise<string>;
}

/** A program in the place of ffmpeg: notes its name when it is started, then does as it is told. */
async function program(folder: string, { name, does }: { name: string; does: string }) {
  const path = join(folder, name);
  await Deno.writeTextFile(path, `#!/bin/sh\nprintf '${name} ' >> ${folder}/started\n${does}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

/** A stream whose decoder is a program of the test's. */
async function makeWorld(does: string): Promise<World> {
  const temporary = await tempFolder();
  const folder = temporary.path;
  const clock = new FakeClock();
  let takenBytes = 0;
  const stream = new PictureStream({
    source: null,
    fps: 5,
    ffmpegPath: await program(folder, { name: "first", does }),
    clock,
    log: logger("test"),
    onPicture: () => {},
  });
  stream.begin(START, (bytes) => takenBytes += bytes);
  return {
    stream,
    clock,
    folder,
    takenBytes: () => takenBytes,
    started: () => Deno.readTextFile(join(folder, "started")).catch(() => ""),
    async [Symbol.asyncDispose]() {
      await stream.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

const SOON = { limitMs: 10_000 };

Deno.test("PictureStream ends a decoder that takes everything and gives nothing, and starts another", async () => {
  await using world = await makeWorld("exec cat > /dev/null");
  const { stream, clock } = world;
  const hangs = async (times: number) => {
    for (let second = 0; second < 22; second += 1) {
      stream.offer(fragment(1_000));
      await clock.advance(1_000);
    }
    await until(() => stream.counts.hangs === times, { ...SOON, what: `hang ${times}` });
  };
  await hangs(1);
  strictEqual(await world.started(), "first ");
  // The pause before the next one.
  await clock.advance(5_000);
  await hangs(2);
  strictEqual(await world.started(), "first first ");
  strictEqual(stream.counts.restarts, 2);
});

Deno.test("PictureStream ends a decoder that stops taking its input", async () => {
  await using world = await makeWorld("exec sleep 600");
  const { stream, clock } = world;
  stream.offer(fragment(1_000_000));
  // The tap gives no more while that is not taken.
  await clock.advance(22_000);
  await until(() => stream.counts.hangs === 1, { ...SOON, what: "the hang" });
  await until(() => world.takenBytes() === 1_000_000, { ...SOON, what: "the bytes back" });
});

Deno.test("PictureStream leaves a decoder alone while the camera sends nothing", async () => {
  await using world = await makeWorld("exec cat > /dev/null");
  const { stream, clock } = world;
  stream.offer(fragment(1_000));
  await until(() => world.takenBytes() === 1_000, { ...SOON, what: "the bytes back" });
  await clock.advance(600_000);
  deepStrictEqual(stream.counts, { restarts: 0, hangs: 0 });
});

Deno.test("PictureStream goes on with another program at the next key frame when it is given one", async () => {
  await using world = await makeWorld("exec cat > /dev/null");
  const { stream, folder } = world;
  stream.offer(fragment(1_000));
  await until(async () => await world.started() === "first ", { ...SOON, what: "the first" });
  const second = await program(folder, { name: "second", does: "exec cat > /dev/null" });
  stream.useFfmpeg(second);
  stream.offer({ ...fragment(1_000), isKey: false });
  stream.offer(fragment(1_000));
  await until(async () => await world.started() === "first second ", { ...SOON, what: "both" });
  ok(stream.counts.restarts === 0);
});
