import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import {
  chooseFfmpeg,
  decideFfmpeg,
  type FfmpegSettings,
  programFolders,
} from "../../src/app/ffmpeg_choice.ts";
import { OperatorError } from "../../src/base/errors.ts";
import type { EmbeddedProgram } from "../../src/host/build_info.ts";
import { carrierOf } from "../support/carrier.ts";
import { tempFolder } from "../support/temp_folder.ts";

const DEFAULTS: FfmpegSettings = { root: "/srv", ffmpegPath: "ffmpeg", ffprobePath: "ffprobe" };

const EMBEDDED: readonly EmbeddedProgram[] = [
  { name: "ffmpeg", offset: 10, sizeBytes: 20, sha256: "aa" },
  { name: "ffprobe", offset: 30, sizeBytes: 20, sha256: "bb" },
];

const CASES = [
  {
    name: "takes the configured one before the embedded one",
    settings: { ...DEFAULTS, ffmpegPath: "/opt/ffmpeg", ffprobePath: "/opt/ffprobe" },
    embedded: EMBEDDED,
    chosen: ["configured", "/opt/ffmpeg", "/opt/ffprobe"],
  },
  {
    name: "counts another name on PATH as configured",
    settings: { ...DEFAULTS, ffmpegPath: "ffmpeg7" },
    embedded: EMBEDDED,
    chosen: ["configured", "ffmpeg7", "ffprobe"],
  },
  {
    name: "takes the embedded one before PATH",
    settings: DEFAULTS,
    embedded: EMBEDDED,
    chosen: ["embedded", "/srv/data/bin/ffmpeg", "/srv/data/bin/ffprobe"],
  },
  {
    name: "keeps a configured ffprobe beside the embedded ffmpeg",
    settings: { ...DEFAULTS, ffprobePath: "/opt/ffprobe" },
    embedded: EMBEDDED,
    chosen: ["embedded", "/srv/data/bin/ffmpeg", "/opt/ffprobe"],
  },
  {
    name: "takes the one on PATH where nothing is configured or embedded",
    settings: DEFAULTS,
    embedded: [],
    chosen: ["path", "ffmpeg", "ffprobe"],
  },
] as const;

for (const { name, settings, embedded, chosen } of CASES) {
  Deno.test(`decideFfmpeg() ${name}`, () => {
    const choice = decideFfmpeg(settings, { embedded, folder: "/srv/data/bin" });
    deepStrictEqual([choice.origin, choice.ffmpegPath, choice.ffprobePath], chosen);
    ok(choice.reason.length > 0);
  });
}

Deno.test("programFolders() offers the storage root, then the user's cache where there is one", () => {
  const none = { home: undefined, cacheHome: undefined };
  deepStrictEqual(programFolders("/srv", none), ["/srv/data/bin"]);
  deepStrictEqual(programFolders("/srv", { ...none, home: "/home/eve" }), [
    "/srv/data/bin",
    "/home/eve/.cache/lookback/bin",
  ]);
  deepStrictEqual(programFolders("/srv", { home: "/home/eve", cacheHome: "/cache" }), [
    "/srv/data/bin",
    "/cache/lookback/bin",
  ]);
});

Deno.test("chooseFfmpeg() unpacks below the storage root", async () => {
  await using folder = await tempFolder();
  const carrier = await carrierOf(folder.path, { ffmpeg: "film", ffprobe: "look" });
  const root = join(folder.path, "root");
  const choice = await chooseFfmpeg({ ...DEFAULTS, root }, { ...carrier, ...NOBODY });
  strictEqual(choice.ffmpegPath, join(root, "data/bin/ffmpeg"));
  strictEqual(await Deno.readTextFile(choice.ffmpegPath), "film");
  strictEqual(await Deno.readTextFile(choice.ffprobePath), "look");
});

const NOBODY = { home: undefined, cacheHome: undefined };

Deno.test("chooseFfmpeg() unpacks to the user's cache where the storage root can't be written", async () => {
  await using folder = await tempFolder();
  const carrier = await carrierOf(folder.path, { ffmpeg: "film", ffprobe: "look" });
  // A file where the folder should be refuses root too, which a mode does not.
  await Deno.writeTextFile(join(folder.path, "data"), "");
  const cacheHome = join(folder.path, "cache");
  const settings = { ...DEFAULTS, root: folder.path };
  const choice = await chooseFfmpeg(settings, { ...carrier, ...NOBODY, cacheHome });
  strictEqual(choice.ffmpegPath, join(cacheHome, "lookback/bin/ffmpeg"));
  match(choice.reason, /unpacked to ".*cache\/lookback\/bin"/);
});

Deno.test("chooseFfmpeg() names every folder that it could not unpack to", async () => {
  await using folder = await tempFolder();
  const carrier = await carrierOf(folder.path, { ffmpeg: "film", ffprobe: "look" });
  await Deno.writeTextFile(join(folder.path, "data"), "");
  const settings = { ...DEFAULTS, root: folder.path };
  await rejects(chooseFfmpeg(settings, { ...carrier, ...NOBODY }), (error) => {
    ok(error instanceof OperatorError);
    strictEqual(error.code, "root-unusable");
    deepStrictEqual(Object.keys(error.advice.found ?? {}), [join(folder.path, "data/bin")]);
    return true;
  });
});
