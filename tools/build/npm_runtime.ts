/**
 * The base runtime out of the npm registry, for where Deno's own download can't
 * be reached.
 *
 * An executable of `deno compile` is the base runtime ("denort") with a program
 * behind its end. So a published executable that was made by the same Deno
 * version holds the runtime as its first bytes; size and SHA-256 pin them.
 *
 * @module
 */

import { join } from "node:path";
import { BuildError } from "./build_error.ts";
import { sha256Of } from "./hash.ts";
import { mustRun } from "./run.ts";

export interface PinnedRuntime {
  /** Exact: a runtime of another version does not understand the program. */
  readonly denoVersion: string;
  readonly target: string;
  readonly npmPackage: string;
  /** The executable inside the package's archive. */
  readonly member: string;
  /** How many bytes of it are the runtime, and their hash. */
  readonly sizeBytes: number;
  readonly sha256: string;
}

export const PINNED_RUNTIMES: readonly PinnedRuntime[] = [
  {
    denoVersion: "2.7.11",
    target: "x86_64-unknown-linux-gnu",
    npmPackage: "@stdy/cli-linux-x64@0.22.2",
    member: "package/bin/steady",
    sizeBytes: 97_076_048,
    sha256: "f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6",
  },
];

/** The pinned runtime for a Deno version and a system, if there is one. */
export function pinnedRuntime(
  wanted: { readonly denoVersion: string; readonly target: string },
): PinnedRuntime | undefined {
  return PINNED_RUNTIMES.find(({ denoVersion, target }) =>
    denoVersion === wanted.denoVersion && target === wanted.target
  );
}

/**
 * Fetches the package and writes its runtime to a path, whole or not at all.
 *
 * @throws {BuildError} If npm can't get the package, or the bytes are others.
 */
export async function fetchPinnedRuntime(pinned: PinnedRuntime, path: string): Promise<void> {
  const scratch = await Deno.makeTempDir({ prefix: "lookback-runtime-" });
  try {
    await mustRun("npm", [
      ...["pack", "--silent", "--pack-destination", scratch],
      pinned.npmPackage,
    ]);
    const [archive] = await Array.fromAsync(Deno.readDir(scratch));
    const bytes = await firstBytes(join(scratch, archive?.name ?? ""), pinned);
    const found = await sha256Of(bytes);
    if (found !== pinned.sha256) {
      throw new BuildError(
        `Cannot use ${pinned.npmPackage}: found SHA-256 ${found}, need ${pinned.sha256}`,
      );
    }
    await Deno.writeFile(`${path}.part`, bytes, { mode: 0o755 });
    await Deno.rename(`${path}.part`, path);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Unpacks as much of the archive's member as is wanted, without unpacking the rest. */
async function firstBytes(
  archive: string,
  { member, sizeBytes }: PinnedRuntime,
): Promise<Uint8Array<ArrayBuffer>> {
  const tar = new Deno.Command("tar", {
    args: ["--extract", "--gzip", "--to-stdout", "--file", archive, member],
    stdin: "null",
    stdout: "piped",
    // It complains of the pipe that is closed before the end.
    stderr: "null",
  }).spawn();
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of tar.stdout) {
    const wanted = chunk.subarray(0, sizeBytes - filled);
    bytes.set(wanted, filled);
    filled += wanted.length;
    if (filled === sizeBytes) break;
  }
  await tar.status;
  return bytes.subarray(0, filled);
}
