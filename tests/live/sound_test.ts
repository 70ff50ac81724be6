import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { joined } from "../../src/base/bytes.ts";
import type { Logger } from "../../src/base/log.ts";
import { EncoderPlaces } from "../../src/live/encoder_places.ts";
import { LINGER_MS } from "../../src/live/live_stream.ts";
import type { RtpPacket } from "../../src/live/rtp_packets.ts";
import { Sound } from "../../src/live/sound.ts";
import { OPUS_RATE } from "../../src/media/opus_packet.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { recorded } from "./live_world.ts";

const WAIT = { limitMs: 20_000 };

/** Longer than the ten seconds after which an encoder was well, or hangs. Of 60 fragments. */
const CLIP = await recorded({ seconds: 12, audio: true, size: "64x36" });
const INIT = joined([CLIP.start.ftyp, CLIP.start.moov]);

const FFMPEG = '#!/bin/sh\nexec ffmpeg "$@"\n';
const HANGS = "#!/bin/sh\nexec sleep 60\n";

/** A camera's sound to which one listens, and an ffmpeg that can be changed and taken away. */
async function world(program: string) {
  const folder = await tempFolder();
  const ffmpegPath = `${folder.path}/ffmpeg`;
  const install = (text: string) => Deno.writeTextFile(ffmpegPath, text, { mode: 0o755 });
  await install(program);
  const clock = new FakeClock();
  const faults: string[] = [];
  const log = {
    warning: (_text: string, { reason }: { reason: string }) => faults.push(reason),
  } as unknown as Logger;
  const places = new EncoderPlaces(1);
  const hold = () => ({ [Symbol.dispose]() {} });
  const sound = new Sound({ ffmpegPath, places, clock, log, hold, runStartS: () => 0 });
  const heard: RtpPacket[] = [];
  const listening = sound.listen({ takeSound: (packet) => heard.push(packet) });
  sound.begin(INIT);
  return {
    ...{ clock, sound, heard, faults, places, listening, install },
    uninstall: () => Deno.remove(ffmpegPath),
    give(from: number, to?: number): void {
      for (const { bytes } of CLIP.fragments.slice(from, to)) sound.take(bytes);
    },
    async [Symbol.asyncDispose]() {
      await sound.closed();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

Deno.test("Sound leaves out what is a second late, and ends its process 5 s after the last listener", async () => {
  await using all = await world(FFMPEG);
  all.give(0);
  const lastS = () => (all.heard.at(-1)?.timestamp ?? 0) / OPUS_RATE;
  await until(() => lastS() > 11.8, { ...WAIT, what: "the newest sound" });
  const firstS = all.heard[0]!.timestamp / OPUS_RATE;
  ok(firstS > 10.5, `sound of ${firstS} s is heard when that of 12 s is there`);
  const pid = all.sound.pid!;
  all.listening[Symbol.dispose]();
  await all.clock.advance(LINGER_MS - 1);
  deepStrictEqual([isRunning(pid), all.places.taken], [true, 1]);
  await all.clock.advance(1);
  await until(() => !isRunning(pid), { ...WAIT, what: "the end of the process" });
  strictEqual(all.places.taken, 0);
});

Deno.test("Sound pauses before it tries again to start an encoder, also where the one before was well", async () => {
  await using all = await world(FFMPEG);
  all.give(0);
  await until(() => all.heard.length > 0, { ...WAIT, what: "sound" });
  const lastS = () => (all.heard.at(-1)?.timestamp ?? 0) / OPUS_RATE;
  await until(() => lastS() > 11.8, { ...WAIT, what: "the newest sound" });
  await all.uninstall();
  Deno.kill(all.sound.pid!, "SIGKILL");
  await until(() => all.sound.pid === undefined, { ...WAIT, what: "its end" });
  // At once, because it was well. But there is none.
  all.give(0, 1);
  await all.install(FFMPEG);
  all.give(1, 2);
  strictEqual(all.sound.pid, undefined);
  strictEqual(all.sound.missed, 2);
  await all.clock.advance(1_000);
  all.give(2, 3);
  ok(all.sound.pid !== undefined);
  match(all.faults.join(), /SIGKILL,Cannot start/);
});

Deno.test("Sound replaces an encoder that gives nothing for ten seconds of sound", async () => {
  await using all = await world(HANGS);
  all.give(0, 2);
  const pid = all.sound.pid!;
  // A long time without sound, and much sound in one go: neither says so.
  await all.clock.advance(9_000);
  all.give(2, -5);
  strictEqual(all.sound.pid, pid);
  await all.clock.advance(1_001);
  all.give(-5);
  strictEqual(all.sound.pid, undefined);
  deepStrictEqual(all.faults, ["it gave nothing for 10 s"]);
  ok(all.sound.missed > 0);
  await until(() => !isRunning(pid), { ...WAIT, what: "the end of the process" });
  await all.install(FFMPEG);
  await all.clock.advance(1_000);
  all.give(0, 3);
  await until(() => all.heard.length > 0, { ...WAIT, what: "sound" });
});
