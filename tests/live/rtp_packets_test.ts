import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  MAX_PAYLOAD_BYTES,
  RtpPacketizer,
  splitUnits,
  unitPayloads,
} from "../../src/live/rtp_packets.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";
import { CLIP_ORIGIN_MS, recordClip, unitsOfPayloads } from "./clip_source.ts";

Deno.test("RtpPacketizer carries every NAL unit of a real stream, bit for bit", async () => {
  const clip = await recordClip({ seconds: 1, gop: 10, size: "320x180" });
  const packetizer = new RtpPacketizer();
  packetizer.begin(clip.init);
  const frames = clip.fragments.flatMap(({ bytes }) => packetizer.frames(bytes, CLIP_ORIGIN_MS));
  deepStrictEqual(
    frames.map(({ packets }) => unitsOfPayloads(packets.map(({ payload }) => payload))),
    clip.units.map((units) => units.map((unit) => unit.slice())),
  );
  const packets = frames.flatMap((frame) => frame.packets);
  ok(packets.some(({ payload }) => (payload[0]! & 0x1f) === 28), "no FU-A in the clip");
  ok(packets.every(({ payload }) => payload.length <= MAX_PAYLOAD_BYTES));
  deepStrictEqual(packets.map(({ sequence }) => sequence), packets.map((_, index) => index));
  // 25 frames a second are 3600 ticks apart.
  deepStrictEqual(
    frames.map((frame) => frame.packets.map(({ timestamp, isLast }) => ({ timestamp, isLast }))),
    frames.map((frame, nth) =>
      frame.packets.map((_, index) => ({
        timestamp: nth * 3_600,
        isLast: index === frame.packets.length - 1,
      }))
    ),
  );
  deepStrictEqual(frames.map(({ isKey }) => isKey), frames.map((_, nth) => nth % 10 === 0));
  strictEqual(packetizer.hasBFrames, false);
});

Deno.test("RtpPacketizer goes on counting when the camera's stream begins anew", async () => {
  const clip = await recordClip({ seconds: 1, size: "128x72" });
  const packetizer = new RtpPacketizer();
  const run = (originMs: typeof CLIP_ORIGIN_MS) => {
    packetizer.begin(clip.init);
    return clip.fragments.flatMap(({ bytes }) => packetizer.frames(bytes, originMs));
  };
  const before = run(CLIP_ORIGIN_MS).at(-1)!.packets.at(-1)!;
  const after = run(CLIP_ORIGIN_MS + 3_000 as typeof CLIP_ORIGIN_MS)[0]!.packets[0]!;
  strictEqual(after.sequence, before.sequence + 1);
  // The last frame of the first run is 960 ms into it, the next run begins at 3 s.
  strictEqual(after.timestamp - before.timestamp, 2_040 * 90);
});

Deno.test("RtpPacketizer says that a stream has B-frames", async () => {
  const clip = await recordClip({ seconds: 1, bframes: 2, size: "128x72" });
  const packetizer = new RtpPacketizer();
  packetizer.begin(clip.init);
  for (const { bytes } of clip.fragments) packetizer.frames(bytes, CLIP_ORIGIN_MS);
  strictEqual(packetizer.hasBFrames, true);
});

/** How many payloads a NAL unit of so many bytes takes. */
const CUTS = [
  { unitBytes: 1, payloads: 1 },
  { unitBytes: MAX_PAYLOAD_BYTES, payloads: 1 },
  { unitBytes: MAX_PAYLOAD_BYTES + 1, payloads: 2 },
  { unitBytes: 1 + 2 * (MAX_PAYLOAD_BYTES - 2), payloads: 2 },
  { unitBytes: 2 + 2 * (MAX_PAYLOAD_BYTES - 2), payloads: 3 },
] as const;

for (const { unitBytes, payloads } of CUTS) {
  Deno.test(`unitPayloads() puts ${unitBytes} bytes into ${payloads} payloads`, () => {
    const unit = Uint8Array.from({ length: unitBytes }, (_, index) => index * 7);
    unit[0] = 0x65;
    const cut = unitPayloads(unit);
    strictEqual(cut.length, payloads);
    deepStrictEqual(unitsOfPayloads(cut), [unit]);
    if (payloads === 1) return;
    const flags = cut.map((payload) => payload[1]! & 0xc0);
    deepStrictEqual(flags, [0x80, ...Array(payloads - 2).fill(0), 0x40]);
  });
}

Deno.test("splitUnits() refuses a sample whose part is cut off", () => {
  throws(() => splitUnits(Uint8Array.of(0, 0, 0, 5, 1, 2), 4), MalformedMedia);
  throws(() => splitUnits(Uint8Array.of(0, 0), 4), MalformedMedia);
  deepStrictEqual(splitUnits(Uint8Array.of(0, 1, 9, 0, 0, 0, 2, 8, 8), 2), [
    Uint8Array.of(9),
    Uint8Array.of(8, 8),
  ]);
});
