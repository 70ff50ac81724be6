import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { StillsDecoder } from "../../src/capture/stills_decoder.ts";
import { ANNOUNCED_BYTES, FAKE_DECODERS, makeFakeDecoder } from "../support/fake_decoders.ts";
import { tempFolder } from "../support/temp_folder.ts";

for (const fake of FAKE_DECODERS) {
  Deno.test(`StillsDecoder tells how one ended that ${fake.name}`, async () => {
    await using folder = await tempFolder();
    const stills: number[] = [];
    const decoder = new StillsDecoder({
      ffmpegPath: await makeFakeDecoder(folder.path, fake),
      quality: 85,
      clock: systemClock,
      initSegment: new Uint8Array(8),
      onStill: (pts, jpeg) => {
        strictEqual(jpeg.length, ANNOUNCED_BYTES);
        stills.push(pts);
        return Promise.resolve();
      },
    });
    strictEqual(await decoder.ended, fake.reason);
    deepStrictEqual(stills, Array<number>(fake.pictures).fill(3));
    strictEqual(decoder.offer(new Uint8Array(8), undefined), false);
  });
}
