import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { joined } from "../../src/base/bytes.ts";
import { unixMs } from "../../src/base/units.ts";
import { BatchFile } from "../../src/capture/batch_file.ts";
import { CountedMemory } from "../../src/base/shared_memory.ts";
import { box, latin1 } from "../../src/media/box_writer.ts";
import { childBoxes } from "../../src/media/boxes.ts";
import {
  buildLabel,
  LABEL_BYTES,
  parseLabel,
  type RecordingLabel,
} from "../../src/media/recording_label.ts";
import { buildSeal, parseSeal } from "../../src/media/recording_seal.ts";
import { recordingPath } from "../../src/model/paths.ts";
import { tempFolder } from "../support/temp_folder.ts";

const LABEL: RecordingLabel = {
  cameraId: "front",
  run: 1_795_294_629_000,
  startingFrameId: 1,
  originMs: unixMs(Date.parse("2026-11-21T20:57:09.340Z")),
  geoLocation: null,
  stillsEveryMs: 1_000,
};
const PATH = recordingPath("front", LABEL.originMs);

/** Stand-ins for a stream's parts: the file's bytes are not looked into. */
const INIT = [box("ftyp", latin1("isom")), box("moov", latin1("tracks"))];
const MOOF = box("moof", latin1("samples"));
const FRAGMENT = joined([MOOF, box("mdat", latin1("pictures"))]);

function createAt(root: string, path = PATH): Promise<BatchFile> {
  return BatchFile.create({ root, path }, { initSegment: INIT, label: LABEL });
}

/** Types of a file's boxes, and its label. */
async function contentOf(path: string): Promise<{ types: string[]; label: unknown }> {
  const boxes = [...childBoxes(await Deno.readFile(path))];
  const uuid = boxes.find(({ type }) => type === "uuid");
  return { types: boxes.map(({ type }) => type), label: uuid && parseLabel(uuid) };
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

/** SHA-256 of a file as it lies on the disk. */
async function sha256Of(path: string): Promise<string> {
  return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
}

Deno.test("BatchFile holds init segment, label, fragments and seal in this order", async () => {
  await using folder = await tempFolder();
  const file = await createAt(folder.path);
  await file.append(FRAGMENT);
  await file.append(FRAGMENT);
  await file.finish();
  const whole = `${folder.path}/${PATH}`;
  deepStrictEqual(await contentOf(whole), {
    types: ["ftyp", "moov", "uuid", "moof", "mdat", "moof", "mdat", "uuid"],
    label: LABEL,
  });
  strictEqual(file.path, PATH);
  strictEqual(file.sizeBytes, (await Deno.stat(whole)).size);
});

Deno.test("BatchFile holds a fragment's memory until it is hashed, and no longer", async () => {
  await using folder = await tempFolder();
  const file = await createAt(folder.path);
  const append = async () => {
    const bytes = FRAGMENT.slice();
    const memory = new CountedMemory(bytes);
    await file.append(bytes, memory);
    memory.release();
    return bytes;
  };
  const early = await append();
  strictEqual(early.length, FRAGMENT.length, "the label may still change");
  file.settle();
  strictEqual(early.length, 0);
  strictEqual((await append()).length, 0);
  strictEqual(await file.finish(), await sha256Of(`${folder.path}/${PATH}`));
});

Deno.test("create() adds a number where the name is taken and leaves the other file alone", async () => {
  await using folder = await tempFolder();
  const files: BatchFile[] = [];
  for (const count of [1, 2, 3]) {
    const file = await createAt(folder.path);
    for (let index = 0; index < count; index += 1) await file.append(FRAGMENT);
    await file.finish();
    files.push(file);
  }
  const base = PATH.slice(0, -".mp4".length);
  deepStrictEqual(files.map(({ path }) => path), [PATH, `${base}-2.mp4`, `${base}-3.mp4`]);
  for (const { path, sizeBytes } of files) {
    strictEqual((await Deno.stat(`${folder.path}/${path}`)).size, sizeBytes);
  }
});

Deno.test("relabel() writes the label in its place and goes on behind the last fragment", async () => {
  await using folder = await tempFolder();
  const file = await createAt(folder.path);
  await file.append(FRAGMENT);
  const label = { ...LABEL, originMs: unixMs(LABEL.originMs - 2) };
  await file.relabel(label, PATH);
  await file.append(FRAGMENT);
  await file.finish();
  deepStrictEqual(await contentOf(`${folder.path}/${PATH}`), {
    types: ["ftyp", "moov", "uuid", "moof", "mdat", "moof", "mdat", "uuid"],
    label,
  });
  strictEqual(file.sizeBytes, (await Deno.stat(`${folder.path}/${PATH}`)).size);
});

Deno.test("relabel() gives the file the name that fits, in another hour's folder too", async () => {
  await using folder = await tempFolder();
  const file = await createAt(folder.path);
  await file.append(FRAGMENT);
  const originMs = unixMs(Date.parse("2026-11-21T19:59:59.990Z"));
  const path = recordingPath("front", originMs);
  await file.relabel({ ...LABEL, originMs }, path);
  await file.append(FRAGMENT);
  await file.finish();
  strictEqual(file.path, path);
  strictEqual((await contentOf(`${folder.path}/${path}`)).types.length, 8);
  deepStrictEqual(await names(dirname(`${folder.path}/${PATH}`)), []);
});

Deno.test("relabel() adds a number where the new name is taken", async () => {
  await using folder = await tempFolder();
  const taken = recordingPath("front", unixMs(LABEL.originMs - 1_000));
  const other = await createAt(folder.path, taken);
  await other.finish();
  const file = await createAt(folder.path);
  await file.relabel(LABEL, taken);
  await file.finish();
  strictEqual(file.path, taken.replace(".mp4", "-2.mp4"));
  deepStrictEqual((await names(dirname(`${folder.path}/${taken}`))).length, 2);
});

const MODULE = new URL("../../src/capture/batch_file.ts", import.meta.url).href;

/** Largest file of the process below, in blocks of 512 bytes: it stands in for the room on a disk. */
const FILE_BLOCKS = 40_000;

/** Appends one fragment that fits and one that does not, then finishes the file. Prints its path and size. */
const OVERFLOW = `import { BatchFile } from ${JSON.stringify(MODULE)};
const [root, path, text] = Deno.args;
const label = JSON.parse(text);
const file = await BatchFile.create({ root, path }, { initSegment: [], label });
const room = ${FILE_BLOCKS} * 512;
await file.append(new Uint8Array(1_000).fill(1));
const failed = await file.append(new Uint8Array(8 + room)).catch(() => "full");
const { size } = await Deno.stat(root + "/" + path);
if (path.startsWith("brimful")) await file.append(new Uint8Array(room - size));
const sha256 = await file.finish();
console.log(JSON.stringify({ failed, size, kept: file.sizeBytes, sha256 }));`;

/** Runs {@linkcode OVERFLOW} with that room on the disk, and reads what it prints. */
async function overflow(root: string, path: string): Promise<Record<string, unknown>> {
  const { stdout } = await new Deno.Command("sh", {
    // Without the trap, the kernel ends a process that writes past the limit.
    args: [
      ...["-c", `trap '' XFSZ; ulimit -f ${FILE_BLOCKS}; exec "$0" eval --no-lock "$@"`],
      ...[Deno.execPath(), OVERFLOW, "--", root, path, JSON.stringify(LABEL)],
    ],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("append() leaves nothing of a fragment for which the disk had no room", async () => {
  await using folder = await tempFolder();
  const wholeBytes = LABEL_BYTES + 1_000;
  const keptBytes = wholeBytes + buildSeal([0, 0]).length;
  const path = `${folder.path}/${PATH}`;
  deepStrictEqual(await overflow(folder.path, PATH), {
    failed: "full",
    size: wholeBytes,
    kept: keptBytes,
    sha256: await sha256Of(path),
  });
  strictEqual((await Deno.stat(path)).size, keptBytes);
});

Deno.test("finish() does without the seal when the disk has no room for it", async () => {
  await using folder = await tempFolder();
  const path = "brimful/a.mp4";
  const { kept, sha256 } = await overflow(folder.path, path);
  strictEqual(kept, FILE_BLOCKS * 512);
  strictEqual((await Deno.stat(`${folder.path}/${path}`)).size, kept);
  strictEqual(await sha256Of(`${folder.path}/${path}`), sha256);
});

Deno.test("finish() seals the head as it stays and each fragment", async () => {
  await using folder = await tempFolder();
  const file = await createAt(folder.path);
  await file.append(FRAGMENT);
  const label = { ...LABEL, originMs: unixMs(LABEL.originMs - 2) };
  await file.relabel(label, PATH);
  file.settle();
  const other = joined([MOOF, box("mdat", latin1("other pictures"))]);
  await file.append(other);
  await file.finish();
  const seal = [...childBoxes(await Deno.readFile(`${folder.path}/${PATH}`))].at(-1)!;
  deepStrictEqual(parseSeal(seal), [
    crc32(joined([...INIT, buildLabel(label)])),
    crc32(FRAGMENT),
    crc32(other),
  ]);
});

const HASHED = [
  { name: "whose label stayed", isRelabelled: false, isSettled: false },
  { name: "whose label was written again", isRelabelled: true, isSettled: false },
  { name: "that was hashed as it came", isRelabelled: true, isSettled: true },
];

for (const { name, isRelabelled, isSettled } of HASHED) {
  Deno.test(`finish() gives the SHA-256 of a file ${name}`, async () => {
    await using folder = await tempFolder();
    const file = await createAt(folder.path);
    await file.append(FRAGMENT);
    if (isRelabelled) await file.relabel({ ...LABEL, originMs: unixMs(0) }, PATH);
    if (isSettled) file.settle();
    await file.append(FRAGMENT);
    strictEqual(await file.finish(), await sha256Of(`${folder.path}/${PATH}`));
  });
}

Deno.test("create() leaves nothing open when the file can't be made", async () => {
  await using folder = await tempFolder();
  await Deno.writeTextFile(`${folder.path}/data`, "");
  await rejects(createAt(folder.path), Deno.errors.NotADirectory);
});
