/**
 * A file that carries programs as a built executable does.
 *
 * @module
 */

import { join } from "node:path";
import type { EmbeddedProgram } from "../../src/host/build_info.ts";
import { embedPrograms } from "../../tools/build/embed.ts";

export interface Carrier {
  /** Path of the file. */
  readonly executable: string;
  readonly embedded: readonly EmbeddedProgram[];
}

/** Writes such a file into a folder; the texts stand for the programs. */
export async function carrierOf(
  folder: string,
  programs: { readonly ffmpeg: string; readonly ffprobe: string },
): Promise<Carrier> {
  const base = join(folder, "base");
  const executable = join(folder, "executable");
  const files = { ffmpeg: join(folder, "source-ffmpeg"), ffprobe: join(folder, "source-ffprobe") };
  await Deno.writeTextFile(base, "the runtime");
  await Deno.writeTextFile(files.ffmpeg, programs.ffmpeg);
  await Deno.writeTextFile(files.ffprobe, programs.ffprobe);
  const embedded = await embedPrograms(files, { base, output: executable });
  await Deno.writeTextFile(executable, "the program", { append: true });
  return { executable, embedded };
}
