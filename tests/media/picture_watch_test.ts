import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { PictureWatch } from "../../src/media/picture_watch.ts";
import { type ClipOptions, makeClip } from "../support/clips.ts";
import { damaged } from "../support/damage.ts";
import { readStream, recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SMALL: ClipOptions = { seconds: 1, size: "320x180" };

const CHANGES: readonly {
  readonly name: string;
  readonly clips: readonly [ClipOptions, ClipOptions];
  readonly says: string | undefined;
}[] = [
  { name: "nothing when H.264 goes on", clips: [SMALL, SMALL], says: undefined },
  {
    name: "nothing when H.265 with B-frames goes on",
    clips: [{ ...SMALL, codec: "h265", bframes: 2 }, { ...SMALL, codec: "h265", bframes: 2 }],
    says: undefined,
  },
  {
    name: "that the size of H.264 changed",
    clips: [SMALL, { ...SMALL, size: "640x360" }],
    says: "the camera's picture has another size now",
  },
  {
    name: "that the size of H.265 changed",
    clips: [{ ...SMALL, codec: "h265" }, { ...SMALL, codec: "h265", size: "640x360" }],
    says: "the camera's picture has another size now",
  },
  {
    name: "that H.264 became H.265",
    clips: [SMALL, { ...SMALL, codec: "h265" }],
    says: "the camera's video is not H.264 any more",
  },
];

/** The recorder's stream of a camera that sends two clips over one connection. */
async function streamOf(folder: string, clips: readonly ClipOptions[]) {
  const path = `${folder}/both.ts`;
  for (const [index, clip] of clips.entries()) {
    const part = await makeClip(`${folder}/${index}.ts`, clip);
    await Deno.writeFile(path, await Deno.readFile(part), { append: true });
  }
  return readStream(await recordFile(path));
}

for (const { name, clips, says } of CHANGES) {
  Deno.test(`PictureWatch.look() says ${name}`, async () => {
    await using folder = await tempFolder();
    const { start, fragments } = await streamOf(folder.path, clips);
    const watch = new PictureWatch(start.init.video);
    const said = fragments.map((fragment) => watch.look(fragment));
    strictEqual(said.find((text) => text !== undefined), says);
    const before = said.findIndex((text) => text !== undefined);
    if (says === undefined) return;
    const framesBefore = fragments.slice(0, before).flatMap(({ samples }) => samples.video).length;
    ok(framesBefore >= 25 && framesBefore <= 36, `${framesBefore} frames before it was said`);
  });
}

Deno.test("PictureWatch.look() never throws for damaged frames", async () => {
  await using folder = await tempFolder();
  const { start, fragments } = await streamOf(folder.path, [SMALL]);
  const [first] = fragments;
  fc.assert(
    fc.property(damaged(first!.bytes.subarray(first!.moofBytes)), (mdat) => {
      const bytes = first!.bytes.slice();
      bytes.fill(0, first!.moofBytes);
      bytes.set(mdat.subarray(0, bytes.length - first!.moofBytes), first!.moofBytes);
      new PictureWatch(start.init.video).look({ ...first!, bytes });
    }),
    { numRuns: 1_000 },
  );
});
