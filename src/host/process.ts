/**
 * Child processes: start, read what they say, end them.
 *
 * Each child gets a process group of its own, so that Ctrl-C in a terminal
 * reaches Lookback alone, which then ends its children in order. And each is
 * tied to the thread that starts it (tied_command.ts): none outlives Lookback.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { findProgramSync } from "./find_program.ts";
import { tiedCommand } from "./tied_command.ts";

/** Lines of the error stream that are kept to explain a failure. */
const TAIL_LINES = 20;

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: "piped" | "null";
  /** Called for every line of the error stream. */
  readonly onErrorLine?: (line: string) => void;
}

export interface Child {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when the process has ended and its error stream has been read. */
  readonly ended: Promise<{ readonly code: number; readonly signal: string | null }>;
  /** The last lines of the error stream. */
  errorTail(): readonly string[];
  /** Asks the process to end, then ends it after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

/**
 * Starts a child with its output piped.
 *
 * @throws {OperatorError} "ffmpeg-not-found" if there is no such program.
 */
export function startChild(options: ChildOptions): Child {
  const child = spawn(options);
  const tail: string[] = [];
  const errorsRead = readLines(child.stderr, (line) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    options.onErrorLine?.(line);
  });
  const ended = Promise.all([child.status, errorsRead]).then(([status]) => ({
    code: status.code,
    signal: status.signal,
  }));
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const signal = (name: Deno.Signal) => {
    if (hasEnded) return;
    try {
      child.kill(name);
    } catch (error) {
      // It ended this moment; the status is on its way.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  return {
    pid: child.pid,
    get stdin() {
      return child.stdin;
    },
    stdout: child.stdout,
    ended,
    errorTail: () => tail,
    kill: () => signal("SIGKILL"),
    async stop(graceMs) {
      signal("SIGINT");
      const timer = setTimeout(() => signal("SIGKILL"), graceMs);
      await child.status;
      clearTimeout(timer);
    },
  };
}

function spawn(options: ChildOptions): Deno.ChildProcess {
  const { stdin = "null" } = options;
  const path = findProgramSync(options.command);
  if (path === null) throw programMissing(options.command);
  const { command, args } = tiedCommand({ command: path, args: options.args });
  try {
    return new Deno.Command(command, {
      args: [...args],
      stdin,
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    // It went away this moment, or has an interpreter that is not there.
    const isMissing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied;
    if (isMissing) throw programMissing(options.command);
    throw error;
  }
}

/** The advice for a program that can't be started. */
export function programMissing(command: string): OperatorError {
  const isPath = isAbsolute(command) || command.includes("/");
  return new OperatorError(
    "ffmpeg-not-found",
    `Cannot start "${command}": ${isPath ? "it is not a program" : "it is not on PATH"}`,
    {
      found: isPath ? {} : { PATH: Deno.env.get("PATH") ?? "(empty)" },
      fix: [
        "install ffmpeg 5.1 or newer (Debian and Ubuntu: apt-get install ffmpeg)",
        'or give its full path as "ffmpeg: { path: ... }" in the config file',
      ],
    },
  );
}

/** Calls `onLine` for each line of text, the last one too when it has no line end. */
async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line);
  }
  rest += decoder.decode();
  if (rest !== "") onLine(rest);
}

/** How a child ended, in words: by which signal, or what it said last, or its exit code. */
export function howItEnded(
  child: Child,
  { code, signal }: { readonly code: number; readonly signal: string | null },
): string {
  if (signal !== null) return `it was ended by ${signal}`;
  return (code === 0 ? undefined : child.errorTail().at(-1)) ?? `code ${code}`;
}

/** What a finished child left: exit code, output and error text. */
export interface ChildResult {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly errorTail: readonly string[];
}

/**
 * Runs a child to its end and collects its output. An aborted `signal` kills it.
 *
 * @throws {OperatorError} "ffmpeg-not-found" if there is no such program.
 */
export async function runChild(
  options: ChildOptions & {
    readonly signal?: AbortSignal;
    readonly onStdin?: (stdin: WritableStream<Uint8Array<ArrayBuffer>>) => Promise<void>;
  },
): Promise<ChildResult> {
  const child = startChild({ ...options, stdin: options.onStdin === undefined ? "null" : "piped" });
  const abort = () => child.kill();
  options.signal?.addEventListener("abort", abort);
  if (options.signal?.aborted) abort();
  try {
    const fed = options.onStdin?.(child.stdin);
    const [stdout, { code }] = await Promise.all([
      new Response(child.stdout).bytes(),
      child.ended,
      fed,
    ]);
    return { code, stdout, errorTail: child.errorTail() };
  } finally {
    options.signal?.removeEventListener("abort", abort);
    child.kill();
  }
}
