import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { type ClipOptions, frameMd5s, makeClip, runFfmpeg } from "./clips.ts";
import { Outbox } from "./rtsp/outbox.ts";
import { type RtspCameraOptions, startRtspCamera } from "./rtsp_camera.ts";
import { tempFolder } from "./temp_folder.ts";

const TCP = ["-rtsp_transport", "tcp"];
/** Faster than cameras are, so that a key frame comes each quarter of a second. */
const LIVE_PICTURE = ["-re", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=100"];
const READ_LIMIT = { inputArgs: TCP, limitMs: 20_000 };

/** Reads this many pictures, complaining about anything that is not clean. */
async function readFrames(url: string, count: number): Promise<string> {
  const take = ["-map", "0:v", "-frames:v", `${count}`, "-f", "null", "-"];
  return (await runFfmpeg([...TCP, "-i", url, ...take], READ_LIMIT)).stderr;
}

/** An ffmpeg that reads until the stream ends, and says when the first frame was there. */
function watchFrames(inputArgs: readonly string[]) {
  const output = ["-f", "framehash", "-flush_packets", "1", "-"];
  const child = new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-loglevel", "error", ...TCP, ...inputArgs, ...output],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const stdout = child.stdout.getReader();
  return {
    async firstFrame(): Promise<void> {
      let text = "";
      while (!/^0,/m.test(text)) {
        const { value, done } = await stdout.read();
        if (done) throw new Error(`No frame came: ${await stderr}`);
        text += new TextDecoder().decode(value);
      }
    },
    async end(): Promise<string> {
      while (!(await stdout.read()).done);
      return await stderr;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await Promise.all([stdout.cancel(), stderr, child.status]);
    },
  };
}

const ONCE: readonly {
  readonly clip: ClipOptions;
  readonly camera?: Partial<RtspCameraOptions>;
}[] = [
  { clip: { seconds: 4, bframes: 0 } },
  { clip: { seconds: 4, bframes: 2, gop: 40 } },
  { clip: { seconds: 2, fps: "30000/1001" } },
  { clip: { seconds: 2 }, camera: { parameterSets: "sdp" } },
  { clip: { seconds: 2 }, camera: { parameterSets: "in-band" } },
  { clip: { seconds: 2, audio: true }, camera: { audio: "copy" } },
  { clip: { seconds: 2, size: "1920x1080" } },
];

for (const { clip, camera = {} } of ONCE) {
  const detail = JSON.stringify({ ...clip, ...camera });
  Deno.test(`startRtspCamera() with startOnPlay shows each frame of a clip once: ${detail}`, async () => {
    await using folder = await tempFolder();
    const path = await makeClip(`${folder.path}/clip.mp4`, clip);
    await using shown = await startRtspCamera({
      input: ["-i", path],
      video: "copy",
      startOnPlay: true,
      ...camera,
    });
    deepStrictEqual(await frameMd5s(shown.url, READ_LIMIT), await frameMd5s(path));
  });
}

Deno.test("startRtspCamera() with startOnPlay has nothing to show after the end", async () => {
  await using folder = await tempFolder();
  const path = await makeClip(`${folder.path}/clip.mp4`, { seconds: 1 });
  const input = ["-i", path];
  await using camera = await startRtspCamera({ input, video: "copy", startOnPlay: true });
  await frameMd5s(camera.url, READ_LIMIT);
  await rejects(readFrames(camera.url, 1), /404 Not Found/);
});

Deno.test("startRtspCamera() starts a client that comes late at a key frame", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  strictEqual(await readFrames(camera.url, 10), "");
  strictEqual(await readFrames(camera.url, 10), "");
  strictEqual(camera.clientsSeen, 2);
  strictEqual(camera.playsSeen, 2);
});

/** How much later the sixth picture of a film is shown than the sixth piece of sound is heard. */
async function pictureBehindSoundMs(inputArgs: readonly string[]): Promise<number> {
  const args = [...inputArgs, "-copyts", "-c", "copy", "-f", "framehash", "-"];
  const lines = (await runFfmpeg(args, READ_LIMIT)).stdout.split("\n");
  const [pictureMs = NaN, soundMs = NaN] = [0, 1].map((stream) => {
    const base = lines.find((line) => line.startsWith(`#tb ${stream}: `)) ?? "";
    const row = lines.filter((line) => line.startsWith(`${stream},`))[5] ?? "";
    return 1_000 * Number(row.split(",")[2]) / Number(base.split("/")[1]);
  });
  return pictureMs - soundMs;
}

Deno.test("startRtspCamera() keeps sound and picture together", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/clip.mp4`, { bframes: 2, audio: true });
  await using camera = await startRtspCamera({
    input: ["-i", clip],
    video: "copy",
    audio: "copy",
    startOnPlay: true,
  });
  const there = await pictureBehindSoundMs([...TCP, "-i", camera.url]);
  const here = await pictureBehindSoundMs(["-i", clip]);
  // FLV rounds both times to milliseconds.
  ok(Math.abs(there - here) < 2.5, `${there} ms over RTSP, ${here} ms in the clip`);
});

for (const [parameterSets, setsInBand] of [["sdp", 0], ["in-band", 4], ["both", 4]] as const) {
  Deno.test(`startRtspCamera() puts ${setsInBand} SPS into a stream of 4 GOPs with "${parameterSets}"`, async () => {
    await using folder = await tempFolder();
    const clip = await makeClip(`${folder.path}/clip.mp4`, { seconds: 4 });
    const raw = `${folder.path}/stream.h264`;
    const input = ["-i", clip];
    const options = { input, video: "copy", startOnPlay: true, parameterSets } as const;
    await using camera = await startRtspCamera(options);
    await runFfmpeg([...TCP, "-i", camera.url, "-c", "copy", raw], READ_LIMIT);
    const hex = (await Deno.readFile(raw)).toHex();
    strictEqual(hex.split("0000000167").length - 1, setsInBand);
  });
}

Deno.test("startRtspCamera() lets in who knows the password", async () => {
  const credentials = { user: "user", password: "se:cr@et/1" };
  await using camera = await startRtspCamera({ input: LIVE_PICTURE, credentials });
  strictEqual(await readFrames(camera.url, 3), "");
});

for (const login of ["user:wrong@", "other:secret@", ""]) {
  Deno.test(`startRtspCamera() answers 401 to "${login}"`, async () => {
    const credentials = { user: "user", password: "secret" };
    await using camera = await startRtspCamera({ input: LIVE_PICTURE, credentials });
    const url = camera.url.replace("user:secret@", login);
    await rejects(readFrames(url, 3), /401 Unauthorized/);
    strictEqual(camera.playsSeen, 0);
  });
}

Deno.test("startRtspCamera() answers 461 to a client that wants UDP", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  const args = ["-rtsp_transport", "udp", "-i", camera.url, "-f", "null", "-"];
  await rejects(runFfmpeg(args, READ_LIMIT), /Unsupported transport|461|Nonmatching transport/i);
});

Deno.test("refuse() closes the port, and opens the same one again", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  camera.refuse(true);
  await rejects(readFrames(camera.url, 3), /Connection refused/);
  camera.refuse(false);
  strictEqual(await readFrames(camera.url, 3), "");
});

Deno.test("stall() sends nothing until resume(), which goes on without damage", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  camera.stall();
  const played = camera.nextPlay();
  const reading = readFrames(camera.url, 30);
  await played;
  camera.resume();
  strictEqual(await reading, "");
});

Deno.test("stall() starves a client that was reading, until its own time-out", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  await using client = watchFrames(["-timeout", "300000", "-i", camera.url]);
  await client.firstFrame();
  camera.stall();
  match(await client.end(), /Connection timed out/);
});

Deno.test("dropClients() ends the client's stream and lets it come back", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  await using client = watchFrames(["-i", camera.url]);
  await client.firstFrame();
  camera.dropClients();
  await client.end();
  strictEqual(await readFrames(camera.url, 3), "");
});

Deno.test("nextPlay() fails when no client plays within the limit", async () => {
  await using camera = await startRtspCamera({ input: LIVE_PICTURE });
  await rejects(camera.nextPlay(50), /none came within 50 ms/);
});

Deno.test("startRtspCamera() fails with ffmpeg's words when there is nothing to show", async () => {
  const input = ["-i", "/nowhere.mp4"];
  await rejects(startRtspCamera({ input }), /nowhere.mp4: No such file or directory/);
});

Deno.test("startRtspCamera() fails when sound is wanted and there is none", async () => {
  const options = { input: LIVE_PICTURE, audio: "encode" } as const;
  await rejects(startRtspCamera(options), /need H.264 and AAC/);
});

Deno.test("Outbox tells when a client that takes nothing is past its cap", async () => {
  const stuck = Promise.withResolvers<number>();
  const box = new Outbox({ write: () => stuck.promise }, 100);
  strictEqual(box.push(new Uint8Array(60)), true);
  strictEqual(box.push(new Uint8Array(60)), false);
  stuck.resolve(60);
  await box.flushed();
  strictEqual(box.push(new Uint8Array(60)), true);
  await box.flushed();
});
