import { ok, strictEqual } from "node:assert/strict";
import { EncoderPlaces } from "../../src/live/encoder_places.ts";
import type { RtpFrame } from "../../src/live/rtp_packets.ts";
import { WhepFeed } from "../../src/live/whep_feed.ts";
import type { StreamFragment } from "../../src/model/live.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ClipSource, recordClip, streamFragment } from "./clip_source.ts";

Deno.test("WhepFeed gives pictures on after any fault of its sound, of a fragment and of a viewer", async () => {
  const clip = await recordClip({ seconds: 1, gop: 5, size: "64x36" });
  const source = new ClipSource(clip);
  const clock = new FakeClock();
  const parts = { ffmpegPath: "", soundPlaces: new EncoderPlaces(1), clock };
  const events = { onUnsuited() {}, onUnheld() {} };
  const feed = new WhepFeed(source, { ...parts, events });
  using _held = feed.hold();
  const taken: RtpFrame[] = [];
  const [first, ...others] = clip.fragments.map(streamFragment);
  await clock.advance(1_000);
  feed.add({
    take(frame) {
      taken.push(frame);
      if (taken.length === 7) throw new Error("This viewer fails");
    },
  });
  taken.length = 0;
  const begin = () => feed.begin({ ...clip.info, run: 2 });
  feed.sound.begin = () => {
    throw new Error("This sound fails");
  };
  feed.sound.take = feed.sound.begin;
  begin();
  feed.take(first!);
  // No bytes at all: a defect, and not damage.
  strictEqual(feed.take({ isKey: false } as StreamFragment), true);
  strictEqual(feed.damaged, 1);
  for (const fragment of others) feed.take(fragment);
  await clock.advance(1_000);
  ok(taken.length > 15, `${taken.length} pictures`);
  strictEqual(feed.unsuited, undefined);
});
