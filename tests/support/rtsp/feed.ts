/**
 * The one ffmpeg behind a camera: started with an argument list, read as FLV,
 * killed in the end.
 *
 * @module
 */

import { ByteSource } from "./byte_source.ts";
import { type FlvEvent, readFlv } from "./flv.ts";

/** What ffmpeg is given, and what it makes of it. */
export interface FeedOptions {
  /** ffmpeg's input arguments, for example `["-re", "-i", "clip.mp4"]`. */
  readonly input: readonly string[];
  /** "copy" for H.264 as it is, else ffmpeg's encoder arguments. */
  readonly video: "copy" | readonly string[];
  readonly audio: "none" | "copy" | "encode";
}

const AUDIO_ARGS: Readonly<Record<FeedOptions["audio"], readonly string[]>> = {
  none: ["-an"],
  copy: ["-c:a", "copy"],
  encode: ["-c:a", "aac", "-b:a", "64k"],
};

/** The argument list of a camera's ffmpeg. */
export function feedArgs({ input, video, audio }: FeedOptions): string[] {
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", ...input, "-sn", "-dn"],
    ...(video === "copy" ? ["-c:v", "copy"] : video),
    ...AUDIO_ARGS[audio],
    ...["-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1", "pipe:1"],
  ];
}

/** As much of ffmpeg's complaints as is kept: the end tells why it stopped. */
const STDERR_TAIL_CHARS = 4_000;

/** A running ffmpeg. */
export class Feed {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #complaints: Promise<string>;
  #stopped = false;

  constructor(args: readonly string[]) {
    this.#child = new Deno.Command("ffmpeg", {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdout = this.#child.stdout.getReader();
    this.#complaints = tailOf(this.#child.stderr);
  }

  /** What ffmpeg sends until it ends. To be read once. */
  events(): AsyncGenerator<FlvEvent, void> {
    return readFlv(new ByteSource(async () => (await this.#stdout.read()).value));
  }

  /** Why ffmpeg failed, once it has ended; nothing if it went well or was stopped by us. */
  async failure(): Promise<string | undefined> {
    const [{ success, code }, complaints] = await Promise.all([
      this.#child.status,
      this.#complaints,
    ]);
    if (success || this.#stopped) return undefined;
    return `ffmpeg of the test camera ended with exit code ${code}: ${complaints}`;
  }

  /** Kills ffmpeg and waits for its end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#stdout.cancel();
    await this.#child.status;
    await this.#complaints;
  }
}

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let tail = "";
  for await (const text of stream.pipeThrough(decoder())) {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
  }
  return tail.trim();
}

function decoder(): TransformStream<Uint8Array, string> {
  return new TextDecoderStream() as TransformStream<Uint8Array, string>;
}
