/**
 * The built executable, run as on a box that has nothing else: alone in its
 * folder, with an environment of one variable.
 *
 * @module
 */

import { strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";

const REPOSITORY = new URL("../../", import.meta.url).pathname;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Time from start until the error stream showed the awaited text, in milliseconds. */
  readonly shownAfterMs: number | undefined;
  /** Time from start to end, in milliseconds. */
  readonly tookMs: number;
}

export interface RunOptions {
  readonly cwd: string;
  /** The only environment variable; none at all when left out. */
  readonly path?: string;
  /** Given on standard input. */
  readonly input?: string;
  /** A text whose first appearance on the error stream is timed. */
  readonly awaited?: string;
}

/** Builds into a folder, by the command that people use; returns what the build said. */
export async function buildExecutable(
  output: string,
  flags: readonly string[] = [],
): Promise<string> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build", "--output", output, ...flags],
    cwd: REPOSITORY,
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  strictEqual(code, 0, said);
  return said;
}

/** Makes a folder that holds the installed ffmpeg and ffprobe and nothing else. */
export async function ffmpegFolder(path: string): Promise<string> {
  await Deno.mkdir(path);
  for (const name of ["ffmpeg", "ffprobe"]) {
    await Deno.symlink(await installed(name), join(path, name));
  }
  return path;
}

/** Where PATH has a program. */
export async function installed(name: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = join(folder, name);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  throw new Error(`Cannot find "${name}": it is not on PATH`);
}

/** Copies the executable, alone, to a new folder. */
export async function copyAlone(executable: string, folder: string): Promise<string> {
  const copy = join(folder, "lookback");
  await Deno.mkdir(dirname(copy), { recursive: true });
  await Deno.copyFile(executable, copy);
  return copy;
}

/** Runs it to its end. */
export async function runExecutable(
  executable: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Ran> {
  const startedAt = performance.now();
  const child = new Deno.Command(executable, {
    args: [...args],
    cwd: options.cwd,
    clearEnv: true,
    env: options.path === undefined ? {} : { PATH: options.path },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [stdout, error, { code }] = await Promise.all([
    new Response(child.stdout).text(),
    timedText(child.stderr, options.awaited),
    child.status,
    new Response(options.input ?? "").body!.pipeTo(child.stdin),
  ]);
  return {
    code,
    stdout,
    stderr: error.text,
    shownAfterMs: error.shownAt === undefined ? undefined : error.shownAt - startedAt,
    tookMs: performance.now() - startedAt,
  };
}

async function timedText(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  awaited: string | undefined,
): Promise<{ readonly text: string; readonly shownAt: number | undefined }> {
  let text = "";
  let shownAt: number | undefined;
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (awaited !== undefined && text.includes(awaited)) shownAt ??= performance.now();
  }
  return { text, shownAt };
}
