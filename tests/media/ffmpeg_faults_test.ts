import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { explainRecorderEnd, type RecorderFault } from "../../src/media/ffmpeg_faults.ts";
import { makeClip, runFfmpeg } from "../support/clips.ts";
import { tryToRecord } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** What ffmpeg 5.1 said when it was made to fail this way; passwords as they were given. */
const MESSAGES: readonly {
  readonly name: string;
  readonly tail: readonly string[];
  readonly cause: RecorderFault["cause"];
  readonly detail: RegExp;
}[] = [
  {
    name: "a wrong password (RTSP)",
    tail: [
      "[rtsp @ 0x55a97d0f5ac0] method DESCRIBE failed: 401 Unauthorized",
      "rtsp://user:secret@127.0.0.1:18555/stream: Server returned 401 Unauthorized (authorization failed)",
    ],
    cause: "camera-refused",
    detail: /refuses the user name or password \(rtsp:\/\/user:\*\*\*@127\.0\.0\.1:18555/,
  },
  {
    name: "a forbidden stream (HTTP)",
    tail: [
      "[http @ 0x560ef86f22c0] HTTP error 403 Forbidden",
      "http://user:secret@127.0.0.1:18556/stream.mjpg: Server returned 403 Forbidden (access denied)",
    ],
    cause: "camera-refused",
    detail: /refuses the user name or password/,
  },
  {
    name: "a wrong address (RTSP)",
    tail: [
      "[rtsp @ 0x55f518f03ac0] method DESCRIBE failed: 404 Not Found",
      "rtsp://user:secret@127.0.0.1:18557/stream: Server returned 404 Not Found",
    ],
    cause: "camera-refused",
    detail: /no stream at this address/,
  },
  {
    name: "a camera with too many viewers",
    tail: [
      "[rtsp @ 0x5654d8a37ac0] method DESCRIBE failed: 453 Not Enough Bandwidth",
      "rtsp://user:secret@127.0.0.1:18559/stream: Server returned 4XX Client Error, but not one of 40{0,1,3,4}",
    ],
    cause: "camera-refused",
    detail: /453 Not Enough Bandwidth/,
  },
  {
    name: "a camera with a fault of its own",
    tail: [
      "[rtsp @ 0x5617f9f14ac0] method DESCRIBE failed: 503 Service Unavailable",
      "rtsp://user:secret@127.0.0.1:18563/stream: Server returned 5XX Server Error reply",
    ],
    cause: "camera-refused",
    detail: /503 Service Unavailable/,
  },
  {
    name: "a request that the camera can't read",
    tail: ["rtsp://user:secret@127.0.0.1:18558/stream: Server returned 400 Bad Request"],
    cause: "camera-refused",
    detail: /400 Bad Request/,
  },
  {
    name: "a program for another machine",
    tail: ["setpriv: failed to execute /opt/ffmpeg: No such file or directory"],
    cause: "recorder-failed",
    detail: /can't be run on this machine/,
  },
  {
    name: "a closed port",
    tail: [
      "[tcp @ 0x555dab51c9c0] Connection to tcp://127.0.0.1:9?timeout=8000000 failed: Connection refused",
      "rtsp://user:secret@127.0.0.1:9/stream: Connection refused",
    ],
    cause: "camera-unreachable",
    detail: /nothing listens/,
  },
  {
    name: "an unknown host",
    tail: [
      "[tcp @ 0x55f3277c49c0] Failed to resolve hostname nohost.invalid: Name or service not known",
      "rtsp://user:secret@nohost.invalid/stream: Input/output error",
    ],
    cause: "camera-unreachable",
    detail: /host name is not known/,
  },
  {
    name: "a camera that takes the connection and stays silent (HTTP)",
    tail: ["http://user:secret@127.0.0.1:18564/stream.mjpg: Connection timed out"],
    cause: "camera-unreachable",
    detail: /does not answer/,
  },
  {
    // ffmpeg's RTSP reader says so too when the camera closes the connection.
    name: "a camera that takes the connection and stays silent (RTSP)",
    tail: ["rtsp://user:secret@127.0.0.1:18564/stream: Invalid data found when processing input"],
    cause: "camera-unreachable",
    detail: /rtsp:\/\/user:\*\*\*@/,
  },
  {
    name: "no way to the camera",
    tail: [
      "[tcp @ 0x5578] Connection to tcp://10.9.9.9:554?timeout=8000000 failed: No route to host",
      "rtsp://user:secret@10.9.9.9/stream: No route to host",
    ],
    cause: "camera-unreachable",
    detail: /no way to the camera/,
  },
  {
    name: "a connection that breaks",
    tail: ["http://user:secret@127.0.0.1:18565/stream.mjpg: End of file"],
    cause: "stream-ended",
    detail: /connection to the camera broke/,
  },
];

for (const { name, tail, cause, detail } of MESSAGES) {
  Deno.test(`explainRecorderEnd() gives "${cause}" for ${name}, without the password`, () => {
    const fault = explainRecorderEnd(tail, 1);
    strictEqual(fault.cause, cause);
    match(fault.detail, detail);
    ok(!fault.detail.includes("secret"), fault.detail);
    strictEqual(fault.retryWith, undefined);
  });
}

Deno.test("explainRecorderEnd() gives ffmpeg's last words, masked, when it knows no cause", () => {
  deepStrictEqual(explainRecorderEnd(["one", " rtsp://u:pw@host: odd "], 187), {
    cause: "recorder-failed",
    detail: "ffmpeg ended with code 187 (rtsp://u:***@host: odd)",
  });
  deepStrictEqual(explainRecorderEnd([], 187), {
    cause: "recorder-failed",
    detail: "ffmpeg ended with code 187",
  });
});

Deno.test("explainRecorderEnd() takes code 0 without complaint as the stream's end", () => {
  deepStrictEqual(explainRecorderEnd([], 0), {
    cause: "stream-ended",
    detail: "the stream ended",
  });
});

/** Sources that ffmpeg itself is asked to record, and what is to be made of its complaint. */
const SOURCES = [
  { name: "a file that is not there", file: "nowhere.mp4", cause: "camera-unreachable" },
  { name: "a text file", file: "text.mp4", text: "hello\n", cause: "stream-broken" },
  { name: "an empty file", file: "empty.mp4", text: "", cause: "stream-broken" },
  { name: "a file without video", file: "sound.mkv", encode: ["-vn"], cause: "stream-broken" },
] as const;

for (const source of SOURCES) {
  Deno.test(`explainRecorderEnd() gives "${source.cause}" for ${source.name}`, async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/${source.file}`;
    if ("text" in source) await Deno.writeTextFile(path, source.text);
    if ("encode" in source) {
      const clip = await makeClip(`${folder.path}/clip.mp4`, { seconds: 1, audio: true });
      await runFfmpeg(["-i", clip, ...source.encode, path]);
    }
    const { code, errorLines } = await tryToRecord(path);
    strictEqual(code, 1);
    const fault = explainRecorderEnd(errorLines, code);
    strictEqual(fault.cause, source.cause, fault.detail);
    strictEqual(fault.retryWith, undefined);
  });
}

const ENCODED_TRACKS = [
  { track: "audio", encoder: "pcm_mulaw" },
  { track: "audio", encoder: "pcm_alaw" },
  { track: "audio", encoder: "adpcm_ms" },
  { track: "audio", encoder: "wavpack" },
  { track: "audio", encoder: "flac" },
  { track: "video", encoder: "vp8" },
  { track: "video", encoder: "ffv1" },
] as const;

for (const { track, encoder } of ENCODED_TRACKS) {
  Deno.test(`explainRecorderEnd() says that ${encoder} ${track} must be encoded, and then it records`, async () => {
    await using folder = await tempFolder();
    const clip = await makeClip(`${folder.path}/clip.mp4`, {
      seconds: 0.4,
      size: "64x36",
      audio: true,
    });
    const path = `${folder.path}/odd.mkv`;
    const codec = track === "audio"
      ? ["-c:v", "copy", "-ar", "8000", "-ac", "1", "-c:a", encoder]
      : ["-c:a", "copy", "-c:v", encoder];
    await runFfmpeg(["-i", clip, ...codec, path]);
    const { code, errorLines } = await tryToRecord(path);
    strictEqual(code, 1);
    const fault = explainRecorderEnd(errorLines, code);
    strictEqual(fault.retryWith, `encoded-${track}`, errorLines.join("\n"));
    const handling = { video: "copy", audio: "copy", [track]: "encode" } as const;
    strictEqual((await tryToRecord(path, { handling })).code, 0);
  });
}
