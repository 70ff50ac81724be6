/**
 * Embeds programs: writes a base runtime with the programs behind its end. What
 * `deno compile` makes of it still starts, because the loader takes no notice of
 * bytes behind the end, and the programs stay out of memory, which files embedded
 * by `deno compile` do not: it reads all of them at each start.
 *
 * @module
 */

import type { EmbeddedProgram } from "../../src/host/build_info.ts";
import { BuildError } from "./build_error.ts";
import { ELF_HEAD_BYTES, type ElfFacts, readElf } from "./elf.ts";
import { sha256OfFile } from "./hash.ts";

export interface ProgramFiles {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

/**
 * Refuses files that can't run on the target.
 *
 * @returns The names of programs that need shared libraries on the machine.
 * @throws {BuildError} If a file is missing, no program, or for another processor.
 */
export async function checkPrograms(files: ProgramFiles, target: string): Promise<string[]> {
  const dynamic: string[] = [];
  for (const [name, path] of Object.entries(files)) {
    const problem = elfProblem(await elfOf(path), target);
    if (problem !== undefined) {
      throw new BuildError(
        `Cannot embed "${path}" as ${name}: ${problem}\n` +
          `  fix: name a static ffmpeg for ${target} with ffprobe beside it`,
      );
    }
    if ((await elfOf(path))?.isDynamic) dynamic.push(name);
  }
  return dynamic;
}

/** What is wrong with a program for a target; undefined when nothing is. */
export function elfProblem(facts: ElfFacts | undefined, target: string): string | undefined {
  if (facts === undefined) return "it is no Linux program";
  const [wanted] = target.split("-");
  if (facts.processor === wanted) return undefined;
  return `it is for another processor (found ${facts.processor}, need ${wanted})`;
}

async function elfOf(path: string): Promise<ElfFacts | undefined> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(ELF_HEAD_BYTES);
    const count = await file.read(head);
    return readElf(head.subarray(0, count ?? 0));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes `base` and the programs, one after the other, to `output`. */
export async function embedPrograms(
  files: ProgramFiles,
  { base, output }: { readonly base: string; readonly output: string },
): Promise<EmbeddedProgram[]> {
  await Deno.copyFile(base, output);
  const programs: EmbeddedProgram[] = [];
  for (const name of ["ffmpeg", "ffprobe"] as const) {
    const offset = (await Deno.stat(output)).size;
    const source = await Deno.open(files[name]);
    const target = await Deno.open(output, { append: true });
    await source.readable.pipeTo(target.writable);
    const sizeBytes = (await Deno.stat(output)).size - offset;
    programs.push({ name, offset, sizeBytes, sha256: await sha256OfFile(files[name]) });
  }
  return programs;
}
