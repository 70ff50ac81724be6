/**
 * Runs the program as its users do: as a process of its own, with a settings
 * file and a storage root.
 *
 * With LOOKBACK_BIN set, the executable of that name is run instead of the
 * sources.
 *
 * @module
 */

import { join } from "node:path";

const REPOSITORY = new URL("../../", import.meta.url).pathname;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running extends AsyncDisposable {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Resolves when standard output or error has shown a text; fails when the process ends before. */
  shown(text: string): Promise<void>;
  /** The same for a pattern; resolves with what its first group matched. */
  said(pattern: RegExp): Promise<string>;
  kill(signal: Deno.Signal): void;
}

export interface LookbackOptions {
  readonly cwd: string;
  /** Given on standard input, which is empty otherwise. */
  readonly input?: string;
  readonly env?: Record<string, string>;
}

/** Starts the program. Disposing ends it. */
export function startLookback(args: readonly string[], options: LookbackOptions): Running {
  const [command, ...before] = commandLine();
  const child = new Deno.Command(command!, {
    args: [...before, ...args],
    cwd: options.cwd,
    env: { NO_COLOR: "1", TZ: "Europe/Berlin", ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const fed = feed(child.stdin, options.input ?? "");
  const seen = new Transcript();
  const finished = Promise.all([
    collect(child.stdout, seen),
    collect(child.stderr, seen),
    child.status,
    fed,
  ]).then(([stdout, stderr, { code }]) => {
    seen.end();
    return { code, stdout, stderr };
  });
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  return {
    pid: child.pid,
    finished,
    shown: async (text) => {
      await seen.waitFor(`"${text}"`, (all) => all.includes(text) || undefined);
    },
    said: (pattern) => seen.waitFor(`${pattern}`, (all) => pattern.exec(all)?.[1]),
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGTERM");
      await finished;
    },
  };
}

/** Runs the program to its end. */
export async function lookback(
  args: readonly string[],
  options: LookbackOptions,
): Promise<Finished> {
  await using running = startLookback(args, options);
  return await running.finished;
}

/** Writes a settings file into a folder; the storage root is that folder. */
export async function writeConfig(folder: string, yaml: string): Promise<string> {
  const path = join(folder, "lookback.yaml");
  await Deno.writeTextFile(path, yaml);
  return path;
}

function commandLine(): string[] {
  const executable = Deno.env.get("LOOKBACK_BIN");
  if (executable !== undefined) return [executable];
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    "--allow-env",
    "--allow-sys",
    "--allow-net",
    "--allow-ffi",
    join(REPOSITORY, "main.ts"),
  ];
}

async function feed(stdin: WritableStream<Uint8Array<ArrayBuffer>>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch (error) {
    // A command that asks nothing may end before it has read.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  seen: Transcript,
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    seen.add(chunk);
  }
  return text;
}

/** Everything that was printed, and who waits for a part of it. */
class Transcript {
  #text = "";
  #hasEnded = false;
  #wake: (() => void)[] = [];

  add(chunk: string): void {
    this.#text += chunk;
    this.#wakeAll();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wakeAll();
  }

  async waitFor<T>(what: string, find: (all: string) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.#text);
      if (found !== undefined) return found;
      if (this.#hasEnded) throw new Error(`Never showed ${what}, but:\n${this.#text}`);
      await new Promise<void>((wake) => this.#wake.push(wake));
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
