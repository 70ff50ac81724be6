import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { OperatorError } from "../../src/base/errors.ts";
import { readBuildInfo } from "../../src/host/build_info.ts";
import { unpackPrograms } from "../../src/host/embedded_ffmpeg.ts";
import { type Carrier, carrierOf } from "../support/carrier.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** More than one chunk, and no multiple of one. */
const FILM = "film ".repeat(300_000);

interface World extends AsyncDisposable {
  readonly carrier: Carrier;
  /** Where the programs go; not there yet. */
  readonly folder: string;
  unpack(): Promise<string[]>;
  textOf(name: string): Promise<string>;
}

async function world(): Promise<World> {
  const temporary = await tempFolder();
  const carrier = await carrierOf(temporary.path, { ffmpeg: FILM, ffprobe: "look" });
  const folder = join(temporary.path, "root/data/bin");
  return {
    carrier,
    folder,
    unpack: () => unpackPrograms(carrier.embedded, { executable: carrier.executable, folder }),
    textOf: (name) => Deno.readTextFile(join(folder, name)),
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

async function modeOf(path: string): Promise<number> {
  return (await Deno.stat(path)).mode! & 0o777;
}

Deno.test("unpackPrograms() makes a private folder with each program, whole and for its owner alone", async () => {
  await using made = await world();
  deepStrictEqual(await made.unpack(), ["ffmpeg", "ffprobe"]);
  strictEqual(await made.textOf("ffmpeg"), FILM);
  strictEqual(await made.textOf("ffprobe"), "look");
  strictEqual(await modeOf(made.folder), 0o700);
  strictEqual(await modeOf(join(made.folder, "ffmpeg")), 0o700);
  ok(await modeOf(join(made.folder, "..")) > 0o700, "the folder above is the archive's");
});

Deno.test("unpackPrograms() leaves programs that are whole as they are", async () => {
  await using made = await world();
  await made.unpack();
  const { ino } = await Deno.stat(join(made.folder, "ffmpeg"));
  deepStrictEqual(await made.unpack(), []);
  strictEqual((await Deno.stat(join(made.folder, "ffmpeg"))).ino, ino);
});

const DAMAGES: readonly {
  readonly name: string;
  readonly damage: (path: string) => Promise<void>;
}[] = [
  { name: "is gone", damage: (path) => Deno.remove(path) },
  { name: "is cut off", damage: (path) => Deno.truncate(path, 1_000) },
  { name: "is another of the same length", damage: (path) => Deno.writeTextFile(path, "l00k") },
  { name: "can be changed by others", damage: (path) => Deno.chmod(path, 0o777) },
];

for (const { name, damage } of DAMAGES) {
  Deno.test(`unpackPrograms() unpacks again a program that ${name}, and only that one`, async () => {
    await using made = await world();
    await made.unpack();
    await damage(join(made.folder, "ffprobe"));
    deepStrictEqual(await made.unpack(), ["ffprobe"]);
    strictEqual(await made.textOf("ffprobe"), "look");
    strictEqual(await modeOf(join(made.folder, "ffprobe")), 0o700);
  });
}

Deno.test("unpackPrograms() closes a folder that others could write to", async () => {
  await using made = await world();
  await Deno.mkdir(made.folder, { recursive: true });
  await Deno.chmod(made.folder, 0o777);
  await made.unpack();
  strictEqual(await modeOf(made.folder), 0o700);
});

Deno.test("unpackPrograms() is not disturbed by what a power cut left half written", async () => {
  await using made = await world();
  await Deno.mkdir(made.folder, { recursive: true });
  await Deno.writeTextFile(join(made.folder, "ffmpeg.part"), `${FILM} and more`);
  await made.unpack();
  strictEqual(await made.textOf("ffmpeg"), FILM);
});

Deno.test("unpackPrograms() unpacks once when several start together", async () => {
  await using made = await world();
  const unpacked = await Promise.all([made.unpack(), made.unpack(), made.unpack()]);
  deepStrictEqual(unpacked.flat().toSorted(), ["ffmpeg", "ffprobe"]);
  strictEqual(await made.textOf("ffmpeg"), FILM);
});

Deno.test("unpackPrograms() puts nothing in place out of a damaged executable", async () => {
  await using made = await world();
  await Deno.truncate(made.carrier.executable, 5_000);
  await rejects(made.unpack(), (error) => {
    ok(error instanceof OperatorError);
    strictEqual(error.code, "ffmpeg-not-found");
    match(error.toText(), /copy the executable to this machine again/);
    return true;
  });
  await rejects(made.textOf("ffmpeg"), Deno.errors.NotFound);
});

Deno.test("readBuildInfo() says that a run from the sources was not built", () => {
  deepStrictEqual(readBuildInfo(), { commit: "source", embedded: [] });
});
