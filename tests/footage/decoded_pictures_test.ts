import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PictureDecoder } from "../../src/footage/decoded_pictures.ts";
import { framesArgs } from "../../src/media/frames_args.ts";
import { makeClip } from "../support/clips.ts";
import { FAKE_DECODERS, makeFakeDecoder } from "../support/fake_decoders.ts";
import { tempFolder } from "../support/temp_folder.ts";

for (const fake of FAKE_DECODERS) {
  Deno.test(`PictureDecoder tells of one that ${fake.name}, and gives what came before`, async () => {
    await using folder = await tempFolder();
    using decoder = new PictureDecoder({
      command: await makeFakeDecoder(folder.path, fake),
      args: [],
    });
    const pictures = await Array.fromAsync(decoder.pictures());
    const picture = { pts: 3, bytes: new TextEncoder().encode("abcdef") };
    deepStrictEqual(pictures, Array(fake.pictures).fill(picture));
    strictEqual(await decoder.fault(), fake.reason);
  });
}

Deno.test("PictureDecoder gives whole pictures at the times that were chosen", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "320x180" });
  // What is decoded counts in 1/12800 s at 25 frames a second: every frame is even.
  const everyFrame = framesArgs({ timescale: 12_800 }, { format: "png", size: null })
    .map((arg) => arg.startsWith("select=") ? "select=eq(mod(n\\,10)\\,0)" : arg);
  using decoder = new PictureDecoder({ command: "ffmpeg", args: everyFrame });
  const fed = decoder.feed(await Deno.readFile(clip)).then(() => decoder.endInput());
  const pictures = await Array.fromAsync(decoder.pictures());
  await fed;
  strictEqual(await decoder.fault(), undefined);
  deepStrictEqual(pictures.map(({ pts }) => pts), [0, 5_120, 10_240]);
  // First and last bytes of a PNG (ISO/IEC 15948, 5.2 and 11.2.5).
  for (const { bytes } of pictures) {
    deepStrictEqual([...bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    deepStrictEqual([...bytes.subarray(-8, -4)], [0x49, 0x45, 0x4e, 0x44]);
  }
});
