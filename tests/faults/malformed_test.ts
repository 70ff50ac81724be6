/**
 * Damaged streams, recordings, settings, times and durations, ten thousand of
 * each in the long form: each is read or refused in words, none ends the
 * program, none takes memory that its bytes don't fill.
 *
 * @module
 */

import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseConfig, readConfig } from "../../config.ts";
import { joined } from "../../src/base/bytes.ts";
import { OperatorError } from "../../src/base/errors.ts";
import { unixMs } from "../../src/base/units.ts";
import { parseDuration } from "../../src/footage/duration.ts";
import { parseInstant } from "../../src/footage/instant.ts";
import { indexRecording } from "../../src/footage/recording_index.ts";
import { BoxSplitter } from "../../src/media/box_splitter.ts";
import { box, u32 } from "../../src/media/box_writer.ts";
import { childBoxes, MalformedMedia } from "../../src/media/boxes.ts";
import { FragmentStream, sampleBytes } from "../../src/media/fragment_stream.ts";
import { buildLabel, parseLabel } from "../../src/media/recording_label.ts";
import { buildSeal, parseSeal } from "../../src/media/recording_seal.ts";
import { scanRecording } from "../../src/upkeep/recording_scan.ts";
import { makeClip } from "../support/clips.ts";
import { damaged, numbersIn } from "../support/damage.ts";
import { recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { isLong, noteMeasured } from "./measured.ts";

/** How often each reader gets something damaged. */
const RUNS = isLong ? 10_000 : 1_000;

/** A reader that takes longer than this hangs, in milliseconds; most take a thousandth. */
const SLOWEST_MS = 5_000;

/** What may be taken above what a reader is given, in bytes: garbage that is not collected yet. */
const MEMORY_BYTES = 300 * 1024 * 1024;

/** What became of the runs of one reader. */
interface Outcome {
  refused: number;
  slowestMs: number;
}

/** Gives a reader everything that an arbitrary makes. Only the expected kind of error may come. */
function readAll<T>(
  what: fc.Arbitrary<T>,
  reader: { readonly read: (value: T) => void; readonly isRefusal: (error: unknown) => boolean },
): Outcome {
  const outcome = { refused: 0, slowestMs: 0 };
  const read = (value: T) => {
    const startedAt = performance.now();
    try {
      reader.read(value);
    } catch (error) {
      if (!reader.isRefusal(error)) throw error;
      outcome.refused += 1;
    }
    outcome.slowestMs = Math.max(outcome.slowestMs, performance.now() - startedAt);
  };
  const before = Deno.memoryUsage();
  fc.assert(fc.property(what, read), { numRuns: RUNS });
  const after = Deno.memoryUsage();
  ok(after.external - before.external < MEMORY_BYTES, `${after.external} bytes of buffers`);
  ok(outcome.slowestMs < SLOWEST_MS, `${outcome.slowestMs} ms for one of them`);
  return outcome;
}

async function note(what: string, outcome: Outcome, test: string): Promise<void> {
  const slowest = outcome.slowestMs.toFixed(1);
  await noteMeasured({
    fault: `${RUNS.toLocaleString("en")} ${what}`,
    lostAtMost: "what is damaged; never an unhandled error",
    measured: `${outcome.refused.toLocaleString("en")} refused in words, slowest ${slowest} ms`,
    test,
  });
}

const isMalformedMedia = (error: unknown) => error instanceof MalformedMedia;
const isOperatorError = (error: unknown) => error instanceof OperatorError;

// Media

/** A short stream with everything a recorder's stream can have: B-frames and sound. */
async function shortStream(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const clip = { seconds: 1, size: "64x36", gop: 10, bframes: 2, audio: true } as const;
  return await recordFile(await makeClip(`${folder}/clip.mp4`, clip), { fragmentMs: 100 });
}

/** Boxes of a stream in any order, doubled, left out, and strange ones between them. */
function shuffled(stream: Uint8Array): fc.Arbitrary<Uint8Array> {
  const own = [...childBoxes(stream)].map(({ bytes }) => bytes);
  const letters = fc.constantFrom("moof", "mdat", "moov", "ftyp", "traf", "trun", "uuid", "free");
  const strange = fc.tuple(letters, fc.uint8Array({ maxLength: 64 }))
    .map(([type, payload]) => box(type, payload));
  const picked = fc.nat(own.length - 1).map((index) => own[index]!);
  const noise = fc.uint8Array({ maxLength: 32 });
  return fc.array(fc.oneof({ weight: 6, arbitrary: picked }, strange, noise), { maxLength: 12 })
    .map((parts) =>
      Uint8Array.from([...own[0]!, ...own[1]!, ...parts.flatMap((part) => [...part])])
    );
}

/** Reads a stream to the last byte of its last sample. */
function readStreamInChunks({ bytes, chunkBytes }: {
  readonly bytes: Uint8Array;
  readonly chunkBytes: number;
}): void {
  const stream = new FragmentStream();
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    for (const event of stream.push(bytes.slice(from, from + chunkBytes))) {
      const numbers = numbersIn(event.type === "init" ? event.init : event.samples);
      for (const number of numbers) ok(Number.isSafeInteger(number), `${number} is a time or size`);
      if (event.type === "init") continue;
      for (const sample of [...event.samples.video, ...event.samples.audio]) {
        strictEqual(sampleBytes(event, sample).length, sample.sizeBytes);
      }
    }
  }
}

const STREAMS =
  "FragmentStream refuses damaged fragments as MalformedMedia, and nothing else happens";

Deno.test(STREAMS, async () => {
  await using folder = await tempFolder();
  const stream = await shortStream(folder.path);
  const bytes = fc.oneof(damaged(stream), shuffled(stream));
  const outcome = readAll(fc.record({ bytes, chunkBytes: fc.integer({ min: 50, max: 9_000 }) }), {
    read: readStreamInChunks,
    isRefusal: isMalformedMedia,
  });
  ok(outcome.refused > RUNS / 4, `${outcome.refused} were refused`);
  await note("damaged fragments of MP4", outcome, STREAMS);
});

const RECORDINGS =
  "indexRecording() refuses damaged recordings as MalformedMedia, and nothing else happens";

Deno.test(RECORDINGS, async () => {
  await using folder = await tempFolder();
  const stream = await shortStream(folder.path);
  const path = `${folder.path}/recording.mp4`;
  const outcome = readAll(fc.oneof(damaged(stream), shuffled(stream)), {
    read: (bytes) => {
      Deno.writeFileSync(path, bytes);
      for (const number of numbersIn(indexRecording(path))) ok(Number.isSafeInteger(number));
    },
    isRefusal: isMalformedMedia,
  });
  await note("damaged recording files", outcome, RECORDINGS);
});

const LABEL = {
  cameraId: "front",
  run: 1_795_294_627_504,
  startingFrameId: 1,
  originMs: unixMs(1_795_294_627_300),
  geoLocation: { lat: 12.9716, lon: 77.5946 },
  stillsEveryMs: 1_000,
};

const OWN_BOXES = [
  { name: "parseLabel()", whole: buildLabel(LABEL), parse: parseLabel },
  { name: "parseSeal()", whole: buildSeal([1, 2, 0xffffffff]), parse: parseSeal },
] as const;

for (const { name, whole, parse } of OWN_BOXES) {
  Deno.test(`${name} refuses a damaged box as MalformedMedia, and nothing else happens`, () => {
    readAll(damaged(whole.subarray(8)), {
      read: (payload) => void parse({ type: "uuid", payload, bytes: payload }),
      isRefusal: isMalformedMedia,
    });
  });
}

Deno.test("scanRecording() has an answer for every damaged recording", async () => {
  await using folder = await tempFolder();
  const [ftyp, moov, ...fragments] = [...childBoxes(await shortStream(folder.path))]
    .map(({ bytes }) => bytes);
  const whole = joined([ftyp!, moov!, buildLabel(LABEL), ...fragments, buildSeal([1, 2, 3])]);
  const path = `${folder.path}/recording.mp4`;
  readAll(fc.oneof(damaged(whole), shuffled(whole)), {
    read: (bytes) => {
      Deno.writeFileSync(path, bytes);
      const { wholeBytes, sizeBytes } = scanRecording(path);
      ok(wholeBytes >= 0 && wholeBytes <= sizeBytes && sizeBytes === bytes.length);
    },
    isRefusal: () => false,
  });
});

Deno.test("push() takes no memory for bytes that a damaged size promises", () => {
  const promise = Uint8Array.from([0x03, 0xff, 0xff, 0xff, ...new TextEncoder().encode("mdat")]);
  const before = Deno.memoryUsage().external;
  const splitters = Array.from({ length: 100 }, () => new BoxSplitter());
  for (const splitter of splitters) splitter.push(Uint8Array.from([...promise, 1, 2, 3]));
  const taken = Deno.memoryUsage().external - before;
  ok(taken < 1_000_000, `${taken} bytes for 100 boxes of 64 MiB that never came`);
  strictEqual(splitters.every(({ pendingBytes }) => pendingBytes === 11), true);
});

Deno.test("push() refuses a run that lists millions of samples in twenty bytes", async () => {
  await using folder = await tempFolder();
  const [ftyp, moov] = [...childBoxes(await shortStream(folder.path))];
  const runs = Array.from({ length: 200 }, () => box("trun", u32(1), u32(90_000), u32(0)));
  const header = box("tfhd", u32(0x020000), u32(1));
  const traf = box("traf", header, box("tfdt", u32(0), u32(0)), ...runs);
  const stream = new FragmentStream();
  stream.push(Uint8Array.from([...ftyp!.bytes, ...moov!.bytes]));
  throws(() => stream.push(Uint8Array.from([...box("moof", traf), ...box("mdat")])), {
    name: "MalformedMedia",
    message: "Cannot take a run of 90000 samples",
  });
});

// Settings, times, durations

const CONFIG = `storage: { root: /mnt/footage }
batch: { duration_seconds: 10 }
stills:
  every_seconds: 1
  quality: 85
ffmpeg: { path: /usr/bin/ffmpeg }
log: { level: info }
cameras:
  - id: front
    name: "Front door"
    source: rtsp://user:pässword@192.0.2.10:554/stream1?a=b
    geo_location: { lat: 12.9716, lon: 77.5946 }
  - { id: lab, source: test://1280x720@25, loop: false, enabled: true }
`;

const CONFIG_WORDS = [
  "cameras:",
  "- id:",
  "id",
  "source:",
  "loop:",
  "~",
  "null",
  "1e999",
  "-0",
  "0x1F",
]
  .concat([
    "&a",
    "*a",
    "<<:",
    "!!binary",
    "!x",
    "|",
    ">-",
    "%YAML 1.2",
    "---",
    "...",
    "\\u0000",
    "\t",
  ])
  .concat([
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "#",
    '"',
    "'",
    "\n",
    "\n  ",
    "?",
    "rtsp://",
    "test://2x2@1",
  ])
  .concat([
    "__proto__:",
    "constructor:",
    "storage:",
    "2026-11-21",
    ".inf",
    ".nan",
    "1_000",
    "@",
    "`",
  ]);

/** Settings with typing mistakes: characters that go, come or change, lines that move. */
function mistyped(text: string, words: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 4 }));
  const slip = fc.record({ at: fc.nat(text.length), gone: fc.nat(6), piece });
  const slips = fc.array(slip, { minLength: 1, maxLength: 6 });
  const heap = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  return fc.oneof(
    heap,
    slips.map((list) =>
      list.reduce(
        (typed, { at, gone, piece }) => typed.slice(0, at) + piece + typed.slice(at + gone),
        text,
      )
    ),
  );
}

const SETTINGS =
  "parseConfig() refuses damaged settings as OperatorError, and nothing else happens";

Deno.test(SETTINGS, async () => {
  const outcome = readAll(mistyped(CONFIG, CONFIG_WORDS), {
    read: (text) => {
      const reading = readConfig(text);
      ok(reading.ok || reading.mistakes.length > 0);
      parseConfig(text, { path: "/etc/lookback/lookback.yaml", cwd: "/" });
    },
    isRefusal: isOperatorError,
  });
  await note("damaged lines of settings", outcome, SETTINGS);
});

const NOW = { nowMs: unixMs(1_795_294_629_340), timeZone: "Europe/Berlin" };

const TIMES = ["2026-11-21T20:57:09.340Z", "2026-11-21 20:57:09 +01:00", "20:57:09", "now", "-10m"]
  .concat(["10 minutes ago", "yesterday 14:05", "21 Nov 2026 8:57pm", "03/04/2026 14:00"])
  .concat(["last friday at noon", "2026-10-25 02:30", "20261121T205709Z"])
  .concat(["2026-11-21 20:57 [Asia/Kolkata]", "tomorrow 9am PT", "2026-W47-6T10:00"]);

const TIME_WORDS = [..."0123456789:-+TZ.,/ "].concat([
  "ago",
  "half an",
  "hour",
  "next",
  "last",
  "pm",
])
  .concat(["99999999999999999999", "noon", "midnight", "monday", "29 feb", "[", "]", "UTC", "CET"])
  .concat(["+23:59", "-24:00", "24:00", "60", "0000", "9999-12-31", "−", "½", "１２", "\u0000"]);

const INSTANTS = "parseInstant() refuses damaged times as OperatorError, and nothing else happens";

Deno.test(INSTANTS, async () => {
  const text = fc.constantFrom(...TIMES).chain((time) => mistyped(time, TIME_WORDS));
  const outcome = readAll(text, {
    read: (typed) => ok(Number.isSafeInteger(parseInstant(typed, NOW))),
    isRefusal: isOperatorError,
  });
  await note("damaged times", outcome, INSTANTS);
});

const LENGTHS = ["90", "90s", "1m30s", "1h 5m", "1.5 h", "500ms", "2 minutes 3 seconds", "1:30"]
  .concat(["1:02:03", "PT1M30S", "P1DT2H", "half an hour", "one week and two days"]);

const DURATIONS =
  "parseDuration() refuses damaged durations as OperatorError, and nothing else happens";

Deno.test(DURATIONS, async () => {
  const text = fc.constantFrom(...LENGTHS).chain((length) => mistyped(length, TIME_WORDS));
  const outcome = readAll(text, {
    read: (typed) => {
      const ms = parseDuration(typed);
      ok(Number.isSafeInteger(ms) && ms > 0);
    },
    isRefusal: isOperatorError,
  });
  await note("damaged durations", outcome, DURATIONS);
});
