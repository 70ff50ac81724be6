/**
 * The recorder's stream of a file, made with the product's own arguments, and
 * what ffprobe finds in it.
 *
 * In:   the path of a clip (clips.ts makes them).
 * Out:  the stream's bytes, its init segment and fragments, ffprobe's packets.
 * Not here: pacing. A file is read as fast as ffmpeg can.
 *
 * @module
 */

import {
  type Fragment,
  FragmentStream,
  type StreamStart,
} from "../../src/media/fragment_stream.ts";
import { recorderArgs, type TrackHandling } from "../../src/media/recorder_args.ts";

/** How a file is recorded. */
export interface RecordOptions {
  readonly handling?: TrackHandling;
  readonly fragmentMs?: number;
}

/** What the recorder's ffmpeg says and gives for a file. */
export async function tryToRecord(
  path: string,
  { handling = { video: "copy", audio: "copy" }, fragmentMs = 200 }: RecordOptions = {},
): Promise<{ code: number; stdout: Uint8Array<ArrayBuffer>; errorLines: string[] }> {
  const args = recorderArgs({ kind: "file", path, loop: false }, { handling, fragmentMs });
  const { code, stdout, stderr } = await new Deno.Command("ffmpeg", {
    // "-re" plays a file in real time, for which no test waits.
    args: args.filter((arg) => arg !== "-re"),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, stdout, errorLines: new TextDecoder().decode(stderr).trim().split("\n") };
}

/** The recorder's stream of a file. */
export async function recordFile(
  path: string,
  options?: RecordOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { code, stdout, errorLines } = await tryToRecord(path, options);
  if (code !== 0) throw new Error(`Cannot record "${path}": ${errorLines.join("\n")}`);
  return stdout;
}

/** Reads a whole stream. */
export function readStream(
  bytes: Uint8Array,
): { readonly start: StreamStart; readonly fragments: readonly Fragment[] } {
  const [start, ...fragments] = new FragmentStream().push(bytes);
  if (start?.type !== "init") throw new Error("Cannot find an init segment");
  return { start, fragments: fragments.filter((event) => event.type === "fragment") };
}

/** A packet as ffprobe shows it. Times in ticks of its stream, edit list applied. */
export interface ProbedPacket {
  readonly kind: "video" | "audio";
  readonly pts: number;
  readonly dts: number;
  readonly sizeBytes: number;
  readonly isKey: boolean;
  /** Place in the file, in bytes. */
  readonly offset: number;
}

/** Every packet of a file in the order of the file. */
export async function probePackets(path: string): Promise<ProbedPacket[]> {
  const entries = "packet=codec_type,pts,dts,size,flags,pos";
  const { packets } = await ffprobe(path, ["-show_packets", "-show_entries", entries]) as {
    packets: Record<string, string>[];
  };
  return packets.map((packet) => ({
    kind: packet.codec_type as ProbedPacket["kind"],
    pts: Number(packet.pts),
    dts: Number(packet.dts),
    sizeBytes: Number(packet.size),
    isKey: packet.flags!.startsWith("K"),
    offset: Number(packet.pos),
  }));
}

/** Runs ffprobe on a file and reads its JSON. */
export async function ffprobe(path: string, args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await new Deno.Command("ffprobe", {
    args: ["-v", "error", "-of", "json", ...args, path],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const complaint = new TextDecoder().decode(stderr).trim();
  if (code !== 0 || complaint !== "") throw new Error(`Cannot probe "${path}": ${complaint}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
