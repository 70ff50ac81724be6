import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { OperatorError } from "../../src/base/errors.ts";
import type { EmbeddedProgram } from "../../src/host/build_info.ts";
import { DETECTOR_FILES, findDetector } from "../../src/vision/native_library.ts";
import { embedDetector } from "../../tools/build/model_embed.ts";
import { tempFolder } from "../support/temp_folder.ts";

const NAMES = Object.values(DETECTOR_FILES);

/** More than one chunk when it is packed. */
const NOISE = new Uint8Array(3_000_000);
for (let at = 0; at < NOISE.length; at += 65_536) {
  crypto.getRandomValues(NOISE.subarray(at, at + 65_536));
}

interface World extends AsyncDisposable {
  readonly folder: string;
  readonly executable: string;
  readonly embedded: readonly EmbeddedProgram[];
  /** Finds the detector as the executable does. */
  find(folders: readonly string[]): ReturnType<typeof findDetector>;
}

/** An executable that carries three files. */
async function world(): Promise<World> {
  const temporary = await tempFolder();
  const folder = temporary.path;
  const executable = join(folder, "lookback");
  await Deno.writeTextFile(executable, "the runtime");
  for (const name of NAMES) await Deno.writeFile(join(folder, name), NOISE);
  const embedded = await embedDetector(folder, executable);
  await Deno.writeTextFile(executable, "the program", { append: true });
  return {
    folder,
    executable,
    embedded,
    find: (folders) =>
      findDetector(folders, { isStandalone: true, embedded, executable, target: "any" }),
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

Deno.test("embedDetector() and findDetector() carry files from the build to the private folder", async () => {
  await using made = await world();
  const folder = join(made.folder, "data/bin");
  const paths = await made.find([folder]);
  deepStrictEqual(paths, {
    binding: join(folder, DETECTOR_FILES.binding),
    model: join(folder, DETECTOR_FILES.model),
  });
  for (const name of NAMES) {
    const { mode } = await Deno.stat(join(folder, name));
    strictEqual(mode! & 0o777, 0o700);
    deepStrictEqual(await Deno.readFile(join(folder, name)), NOISE, name);
  }
});

Deno.test("findDetector() unpacks a file again that was changed", async () => {
  await using made = await world();
  const folder = join(made.folder, "bin");
  const { binding, model } = await made.find([folder]);
  const { ino } = await Deno.stat(model);
  await Deno.writeTextFile(binding, "something else");
  await made.find([folder]);
  deepStrictEqual(await Deno.readFile(binding), NOISE);
  strictEqual((await Deno.stat(model)).ino, ino);
});

Deno.test("findDetector() takes the next folder where the first can't be written, and names all that failed", async () => {
  await using made = await world();
  const blocked = join(made.folder, "file");
  await Deno.writeTextFile(blocked, "");
  const second = join(made.folder, "cache");
  const { model } = await made.find([join(blocked, "bin"), second]);
  ok(model.startsWith(second));
  await rejects(made.find([join(blocked, "bin")]), (error) => {
    ok(error instanceof OperatorError);
    strictEqual(error.code, "detector-unavailable");
    deepStrictEqual(Object.keys(error.advice.found ?? {}), [join(blocked, "bin")]);
    return true;
  });
});

Deno.test("findDetector() does not use what a damaged executable gives", async () => {
  await using made = await world();
  const [first] = made.embedded;
  using file = await Deno.open(made.executable, { write: true });
  await file.seek(first!.offset + 1_000_000, Deno.SeekMode.Start);
  await file.write(new Uint8Array(1_000));
  const folder = join(made.folder, "bin");
  await rejects(made.find([folder]), /Cannot load the object detector/);
  await rejects(Deno.stat(join(folder, first!.name)), Deno.errors.NotFound);
});

Deno.test("findDetector() says when an executable carries none, and what to do from the sources", async () => {
  const surroundings = { embedded: [], executable: "/usr/bin/lookback", target: "none" };
  await rejects(
    findDetector(["/nowhere"], { ...surroundings, isStandalone: true }),
    (error) => error instanceof OperatorError && /carries no detector/.test(error.toText()),
  );
  await rejects(
    findDetector(["/nowhere"], { ...surroundings, isStandalone: false }),
    (error) => error instanceof OperatorError && /\.\/dev model/.test(error.toText()),
  );
});
