/**
 * Where the object detector's files come from: two packages of the npm registry,
 * of which only the files that are needed are kept. Every file is pinned by its
 * hash, so what the registry serves can't change what is built.
 *
 * @module
 */

import { join } from "node:path";
import { BuildError } from "./build_error.ts";
import { sha256Of } from "./hash.ts";
import { mustRun } from "./run.ts";

/** A file inside a package's archive. */
export interface PinnedFile {
  readonly member: string;
  readonly sha256: string;
}

export interface PinnedPackage {
  /** Name and exact version. */
  readonly npmPackage: string;
  readonly files: readonly PinnedFile[];
}

/** The model, as TensorFlow Lite stores it, inside another file. */
export const MODEL_PACKAGE: PinnedPackage = {
  npmPackage: "@mediapipe/objectron@0.4.1675468480",
  files: [{
    member: "package/objectron_solution_packed_assets.data",
    sha256: "470986ca5df183f41698da6de74b027d838fe289d77b5ab094497d350bee664e",
  }],
};

/** Its first bytes are the names of the classes; the model is all that follows. */
const MODEL_STARTS_AT = 184;

const MODEL_SHA256 = "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6";

/**
 * The native library, by Deno's name of the system. Newer versions for Linux send
 * reports of their use to their maker unless they are told not to; this one has no
 * such code.
 */
export const LIBRARY_PACKAGES: Readonly<Record<string, PinnedPackage>> = {
  "x86_64-unknown-linux-gnu": libraryPackage("x64", {
    library: "92ba8e44d31b80a34f5e805076a044122c3be1fffe0d88ed790de7267b0b2682",
    binding: "a7191fbfe8045d4d5d312e5ecd8f5dd6970e804dd340c98be8a0af8daf7908cc",
  }),
  "aarch64-unknown-linux-gnu": libraryPackage("arm64", {
    library: "33032cb5b91c12edbf028d7c69fa40a31848d66c0095448758af237d5e0b07db",
    binding: "39c8f903505611115a62d8527b2c2df4bb5e27a35cfd81d1f2082eeb59518a4e",
  }),
};

function libraryPackage(
  processor: string,
  sha256: { readonly library: string; readonly binding: string },
): PinnedPackage {
  const folder = `package/bin/napi-v6/linux/${processor}`;
  return {
    npmPackage: "onnxruntime-node@1.24.3",
    files: [
      { member: `${folder}/libonnxruntime.so.1`, sha256: sha256.library },
      { member: `${folder}/onnxruntime_binding.node`, sha256: sha256.binding },
    ],
  };
}

/**
 * Fetches a package and gives back its pinned files, in their order.
 *
 * @throws {BuildError} If npm can't get the package, or the bytes are others.
 */
export async function fetchPinned(
  { npmPackage, files }: PinnedPackage,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const scratch = await Deno.makeTempDir({ prefix: "lookback-package-" });
  try {
    await mustRun("npm", ["pack", "--silent", "--pack-destination", scratch, npmPackage]);
    const [archive] = await Array.fromAsync(Deno.readDir(scratch));
    const path = join(scratch, archive?.name ?? "");
    const members = files.map(({ member }) => member);
    await mustRun("tar", [
      "--extract",
      "--gzip",
      "--directory",
      scratch,
      "--file",
      path,
      ...members,
    ]);
    return await Promise.all(files.map(async ({ member, sha256 }) => {
      const bytes = await Deno.readFile(join(scratch, member));
      return await withHash(bytes, { sha256, name: `${npmPackage}, ${member}` });
    }));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The TensorFlow Lite model out of the package's file. */
export async function cutModel(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = packed.subarray(MODEL_STARTS_AT);
  return await withHash(bytes, { sha256: MODEL_SHA256, name: "the model" });
}

async function withHash(
  bytes: Uint8Array<ArrayBuffer>,
  { sha256, name }: { readonly sha256: string; readonly name: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const found = await sha256Of(bytes);
  if (found === sha256) return bytes;
  throw new BuildError(`Cannot use ${name}: found SHA-256 ${found}, need ${sha256}`);
}
