/**
 * Gets the base runtime ("denort") that `deno compile` puts in front of the
 * program: the file that DENORT_BIN names, else the one that Deno downloads by
 * itself, else one out of the npm registry.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { BuildError } from "./build_error.ts";
import { sha256OfFile } from "./hash.ts";
import { fetchPinnedRuntime, pinnedRuntime } from "./npm_runtime.ts";
import { run } from "./run.ts";

/** Where a runtime from npm is kept, below the repository: git ignores it. */
const CACHE_FOLDER = ".tools";

/**
 * How long Deno's download may take where npm could serve instead, in
 * milliseconds. A host that a firewall swallows would hold the build for
 * minutes; 40 MB in a minute is less than 6 Mbit/s.
 */
const DOWNLOAD_LIMIT_MS = 60_000;

export interface BaseRuntime {
  /** The file for DENORT_BIN, absolute; null where Deno has its own. */
  readonly path: string | null;
  /** An executable of this runtime that does nothing, or the runtime itself: something to build on. */
  readonly carrier: string;
  /** Where it comes from, for people. */
  readonly origin: string;
}

export interface RuntimeNeeds {
  readonly target: string;
  /** Exact version of the Deno that compiles. */
  readonly denoVersion: string;
  /** Value of DENORT_BIN. */
  readonly given: string | undefined;
  /** A folder for files of this build. */
  readonly scratch: string;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

/**
 * Finds or fetches the base runtime.
 *
 * @throws {BuildError} If there is none: DENORT_BIN names no file, or neither way works.
 */
export async function baseRuntime(needs: RuntimeNeeds): Promise<BaseRuntime> {
  if (needs.given !== undefined && needs.given !== "") return await givenRuntime(needs.given);
  const pinned = pinnedRuntime(needs);
  const cached = resolve(CACHE_FOLDER, `denort-${needs.denoVersion}-${needs.target}`);
  const fromNpm = { path: cached, carrier: cached, origin: `npm package ${pinned?.npmPackage}` };
  // It is there only because Deno's own download failed here before.
  if (pinned !== undefined && await hasHash(cached, pinned.sha256)) return fromNpm;
  const own = await ownRuntime(needs, pinned === undefined ? undefined : DOWNLOAD_LIMIT_MS);
  if (own.ok) return { path: null, carrier: own.carrier, origin: "Deno's own download" };
  if (pinned === undefined) throw runtimeMissing(needs, own.reason);
  needs.say(
    `Deno can't download its base runtime (${own.reason}): taking it from npm, ${pinned.npmPackage}`,
  );
  await Deno.mkdir(CACHE_FOLDER, { recursive: true });
  await fetchPinnedRuntime(pinned, cached);
  return fromNpm;
}

async function givenRuntime(path: string): Promise<BaseRuntime> {
  if (!await isFile(path)) {
    throw new BuildError(
      `Cannot use DENORT_BIN: "${path}" is no file\n  fix: name a "denort" file, or unset DENORT_BIN`,
    );
  }
  const absolute = resolve(path);
  return { path: absolute, carrier: absolute, origin: `DENORT_BIN ${absolute}` };
}

/** Compiles a program without content: works only with a base runtime. */
async function ownRuntime(
  { target, scratch }: RuntimeNeeds,
  limitMs: number | undefined,
): Promise<
  { readonly ok: true; readonly carrier: string } | {
    readonly ok: false;
    readonly reason: string;
  }
> {
  const source = join(scratch, "nothing.ts");
  const carrier = join(scratch, "nothing");
  await Deno.writeTextFile(source, "");
  const args = ["compile", "--quiet", "--no-config", "--no-lock", "--no-check", "--no-code-cache"];
  const signal = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
  const { ok, stderr } = await run(
    Deno.execPath(),
    [...args, "--target", target, "--output", carrier, source],
    { env: { DENORT_BIN: undefined, NO_COLOR: "1" }, ...(signal === undefined ? {} : { signal }) },
  );
  if (ok) return { ok, carrier };
  const reason = signal?.aborted ? "no answer within a minute" : downloadFailure(stderr);
  return { ok, reason };
}

/** The innermost cause of what Deno says: `    4: failed to lookup address`. */
export function downloadFailure(stderr: string): string {
  const [said = ""] = stderr.split("Stack backtrace");
  const causes = [...said.matchAll(/^ +\d+: (.+)$/gm)].map((match) => match[1]);
  return causes.at(-1) ?? /error: (.+)/.exec(said)?.[1] ?? "it does not say why";
}

function runtimeMissing({ denoVersion, target }: RuntimeNeeds, reason: string): BuildError {
  return new BuildError(
    [
      `Cannot get the base runtime of Deno ${denoVersion} for ${target}`,
      `  found: Deno's own download failed: ${reason}`,
      "  found: npm serves it for 2.7.11 on x86_64-unknown-linux-gnu only",
      "  fix: build where Deno can reach its own downloads",
      `  fix: or get the "denort" of exactly this version and system, and name it: ` +
      `DENORT_BIN=FILE ./dev build --target ${target}`,
    ].join("\n"),
  );
}

async function hasHash(path: string, sha256: string): Promise<boolean> {
  return await isFile(path) && await sha256OfFile(path) === sha256;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
