/**
 * Programs in the place of an ffmpeg that gives pictures, and how they end.
 *
 * @module
 */

import { join } from "node:path";

/** Bytes of the picture that they announce: 2 x 2 points in yuv420p. */
export const ANNOUNCED_BYTES = 6;

const LINE = `0, 3, 3, 1, ${ANNOUNCED_BYTES}, 0x01`;

export interface FakeDecoder {
  readonly name: string;
  /** Text of a shell script. */
  readonly script: string;
  /** How it ended, in words. */
  readonly reason: string;
  /** Pictures that it gave before. */
  readonly pictures: number;
}

export const FAKE_DECODERS: readonly FakeDecoder[] = [
  {
    name: "fails and says why",
    script: "echo out of memory >&2; exit 1",
    reason: "out of memory",
    pictures: 0,
  },
  { name: "fails without a word", script: "exit 3", reason: "code 3", pictures: 0 },
  {
    name: "is killed long after it said something",
    script: "echo error while decoding >&2; kill -9 $$",
    reason: "it was ended by SIGKILL",
    pictures: 0,
  },
  {
    name: "gives something else behind a picture",
    script: `printf '#sar 0: 1/1\\n${LINE}\\nabcdefwhat\\n'; exec cat >/dev/null`,
    reason: 'Need the line before a picture, found "what"',
    pictures: 1,
  },
  {
    name: "ends within a picture",
    script: `printf '${LINE}\\nabcdef${LINE}\\nabc'; exit 1`,
    reason: "code 1",
    pictures: 1,
  },
];

/** @returns The program's path. */
export async function makeFakeDecoder(folder: string, { script }: FakeDecoder): Promise<string> {
  const path = join(folder, "ffmpeg");
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
