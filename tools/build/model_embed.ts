/**
 * Puts the object detector's files behind the end of the base runtime, packed:
 * as ffmpeg is carried (embed.ts), but with 46 MB made 22.
 *
 * @module
 */

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { EmbeddedProgram } from "../../src/host/build_info.ts";
import { DETECTOR_FILES } from "../../src/vision/native_library.ts";
import { sha256Of } from "./hash.ts";

/** Appends the files to `output`, the base of an executable. The same files give the same bytes. */
export async function embedDetector(folder: string, output: string): Promise<EmbeddedProgram[]> {
  const embedded: EmbeddedProgram[] = [];
  for (const name of Object.values(DETECTOR_FILES)) {
    const bytes = await Deno.readFile(join(folder, name));
    // Nothing of the machine or the time is in it: no file name, no time stamp.
    const packed = gzipSync(bytes, { level: 9 });
    const { size } = await Deno.stat(output);
    await Deno.writeFile(output, packed, { append: true });
    embedded.push({
      name,
      offset: size,
      sizeBytes: bytes.length,
      sha256: await sha256Of(bytes),
      packedBytes: packed.length,
    });
  }
  return embedded;
}
