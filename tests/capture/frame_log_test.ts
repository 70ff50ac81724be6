import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { unixMs } from "../../src/base/units.ts";
import { FrameLogPart, newestLoggedFrameId } from "../../src/capture/frame_log.ts";
import { frameLineWriter } from "../../src/model/frame.ts";
import { tempFolder } from "../support/temp_folder.ts";

const PATH = "data/frames/front/2026-11-21/20.jsonl";

const toLine = frameLineWriter({ cameraId: "front", geoLocation: null, run: 7, timescale: 1_000 });

/** The lines of some frames, as they stand in a log. */
function lines(from: number, to: number): string {
  let text = "";
  for (let frameId = from; frameId <= to; frameId += 1) {
    text += toLine({
      frameId,
      atMs: unixMs(frameId * 40),
      imagePath: null,
      isKey: false,
      sizeBytes: 900,
      pts: frameId * 40,
      duration: 40,
    });
  }
  return text;
}

/** Writes logs of the camera "front", each named by day and hour. */
async function writeLogs(root: string, logs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(logs)) {
    const path = `${root}/data/frames/front/${name}.jsonl`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}

Deno.test("FrameLogPart writes lines where its offset says, one part behind the other", async () => {
  await using folder = await tempFolder();
  const parts: FrameLogPart[] = [];
  for (const [from, to] of [[1, 3], [4, 4], [5, 9]] as const) {
    const part = await FrameLogPart.open(folder.path, PATH);
    await part.append(lines(from, to - 1));
    await part.append(lines(to, to));
    await part.finish();
    parts.push(part);
  }
  const bytes = await Deno.readFile(`${folder.path}/${PATH}`);
  const texts = parts.map(({ offset, sizeBytes }) =>
    new TextDecoder().decode(bytes.subarray(offset, offset + sizeBytes))
  );
  deepStrictEqual(texts, [lines(1, 3), lines(4, 4), lines(5, 9)]);
  strictEqual(bytes.length, parts[2]!.offset + parts[2]!.sizeBytes);
});

Deno.test("FrameLogPart counts bytes, not letters", async () => {
  await using folder = await tempFolder();
  const part = await FrameLogPart.open(folder.path, PATH);
  await part.append('{"name":"Tür"}\n');
  await part.finish();
  strictEqual(part.sizeBytes, (await Deno.stat(`${folder.path}/${PATH}`)).size);
});

const TAILS = [
  { name: "half a line", tail: lines(3, 3).slice(0, 100) },
  { name: "zeros that a power cut left", tail: "\0".repeat(4_000) },
  { name: "more zeros than are read at once", tail: "\0".repeat(300_000) },
  { name: "nothing", tail: "" },
];

for (const { name, tail } of TAILS) {
  Deno.test(`FrameLogPart.open() goes on behind the last whole line when ${name} follows`, async () => {
    await using folder = await tempFolder();
    await writeLogs(folder.path, { "2026-11-21/20": lines(1, 2) + tail });
    const part = await FrameLogPart.open(folder.path, PATH);
    strictEqual(part.offset, lines(1, 2).length);
    await part.append(lines(3, 4));
    await part.finish();
    strictEqual(await Deno.readTextFile(`${folder.path}/${PATH}`), lines(1, 4));
  });
}

Deno.test("FrameLogPart.open() begins anew when a log has no whole line", async () => {
  await using folder = await tempFolder();
  await writeLogs(folder.path, { "2026-11-21/20": lines(1, 1).slice(0, -1) });
  const part = await FrameLogPart.open(folder.path, PATH);
  await part.finish();
  deepStrictEqual([part.offset, part.sizeBytes], [0, 0]);
  strictEqual(await Deno.readTextFile(`${folder.path}/${PATH}`), "");
});

Deno.test("FrameLogPart.open() throws when its folder can't be made", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/data`, "");
  await rejects(FrameLogPart.open(folder.path, PATH), Deno.errors.NotADirectory);
});

const NEWEST: readonly {
  readonly name: string;
  readonly logs: Readonly<Record<string, string>>;
  readonly newest: number;
}[] = [
  { name: "there is no log", logs: {}, newest: 0 },
  { name: "one log is there", logs: { "2026-11-21/20": lines(1, 9) }, newest: 9 },
  {
    name: "there are several hours and days",
    logs: {
      "2026-11-20/23": lines(1, 10),
      "2026-11-21/09": lines(11, 20),
      "2026-11-21/10": lines(21, 30),
    },
    newest: 30,
  },
  {
    name: "the newest log is empty",
    logs: { "2026-11-21/20": lines(1, 9), "2026-11-21/21": "" },
    newest: 9,
  },
  {
    name: "the newest day has no whole line",
    logs: { "2026-11-21/23": lines(1, 9), "2026-11-22/00": lines(10, 10).slice(0, 50) },
    newest: 9,
  },
  {
    name: "the last line is torn",
    logs: { "2026-11-21/20": lines(1, 9).slice(0, -30) },
    newest: 8,
  },
  { name: "a log is long", logs: { "2026-11-21/20": lines(1, 3_000) }, newest: 3_000 },
  {
    name: "a power cut left many zeros behind the last line",
    logs: { "2026-11-21/19": lines(1, 9), "2026-11-21/20": lines(10, 20) + "\0".repeat(200_000) },
    newest: 20,
  },
  {
    name: "the wall clock went back by days, so that a lower id has the later name",
    logs: { "2026-11-21/20": lines(101, 200), "2026-12-24/08": lines(1, 100) },
    newest: 200,
  },
];

for (const { name, logs, newest } of NEWEST) {
  Deno.test(`newestLoggedFrameId() gives ${newest} when ${name}`, async () => {
    await using folder = await tempFolder();
    await writeLogs(folder.path, logs);
    const paths = Object.keys(logs).map((log) => `data/frames/front/${log}.jsonl`);
    strictEqual(await newestLoggedFrameId(folder.path, paths), newest);
  });
}

Deno.test("newestLoggedFrameId() looks at the named logs alone, and at none that is not there", async () => {
  await using folder = await tempFolder();
  await writeLogs(folder.path, { "2026-11-21/20": lines(1, 9), "2026-11-21/21": lines(10, 19) });
  const [named, missing] = ["20", "22"].map((hour) => `data/frames/front/2026-11-21/${hour}.jsonl`);
  strictEqual(await newestLoggedFrameId(folder.path, [named!, missing!]), 9);
});

Deno.test("finish() gives the SHA-256 of the part, without what other parts wrote", async () => {
  await using folder = await tempFolder();
  for (const [from, to] of [[1, 3], [4, 9]] as const) {
    const part = await FrameLogPart.open(folder.path, PATH);
    await part.append(lines(from, to - 1));
    await part.append(lines(to, to));
    strictEqual(
      await part.finish(),
      createHash("sha256").update(lines(from, to)).digest("hex"),
    );
  }
});
