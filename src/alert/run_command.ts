/**
 * Runs a program that somebody else wrote, once: at the lowest priority, without a
 * shell, with a text on its standard input and a limit of time.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { findProgramSync } from "../host/find_program.ts";
import { withLowPriority } from "../host/low_priority.ts";
import { type Child, startChild } from "../host/process.ts";

/** Lines of output that are kept to explain a failure. */
const TAIL_LINES = 5;

/** Longest part of a line that is kept, in characters. */
const LINE_LENGTH = 200;

/** How a run ended. */
export type CommandRun =
  | { readonly kind: "missing" }
  | { readonly kind: "timeout"; readonly lines: readonly string[] }
  /** Whoever started it ended it. */
  | { readonly kind: "stopped" }
  | { readonly kind: "ended"; readonly code: number; readonly lines: readonly string[] };

export interface CommandOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Runs it to its end, or to the end of the time. `lines` are the last ones of its output. */
export async function runCommand(options: CommandOptions): Promise<CommandRun> {
  const { program, args, input, timeoutMs, signal } = options;
  if (findProgramSync(program) === null) return { kind: "missing" };
  const child = startChild({ ...withLowPriority({ command: program, args }), stdin: "piped" });
  let end: "timeout" | "stopped" | undefined;
  const give = (reason: "timeout" | "stopped") => {
    end ??= reason;
    killGroup(child);
  };
  const timer = setTimeout(() => give("timeout"), timeoutMs);
  const abort = () => give("stopped");
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    const [said, { code }] = await Promise.all([
      lastOf(child.stdout),
      child.ended,
      feed(child.stdin, input),
    ]);
    const lines = [...said, ...child.errorTail()].slice(-TAIL_LINES).map(shortened);
    if (end === "stopped") return { kind: "stopped" };
    return end === "timeout" ? { kind: "timeout", lines } : { kind: "ended", code, lines };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** With all that it has started: each child has a process group of its own. */
function killGroup(child: Child): void {
  try {
    Deno.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // Nothing of it is left; its end is on the way.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A program need not read what it is given. */
async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch (error) {
    if (!/broken pipe|closed/i.test(messageOf(error))) throw error;
  }
}

/** The last lines of a stream, however much it says. */
async function lastOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string[]> {
  let tail: string[] = [""];
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...others] = text.split("\n");
    const open = (tail.at(-1)! + first).slice(0, LINE_LENGTH);
    tail = [...tail.slice(0, -1), open, ...others].slice(-TAIL_LINES - 1);
  }
  return tail.filter((line) => line.trim() !== "");
}

function shortened(line: string): string {
  return line.trimEnd().slice(0, LINE_LENGTH);
}
