/**
 * Sets the C library's allocator for a program that runs for months in many threads.
 *
 * glibc gives threads heaps of their own ("arenas"; eight for each processor), and lets ever
 * larger pieces come from them. Fragments of a hundred kilobytes that come and go then leave
 * holes in each of them, and memory that nobody uses is never given back. Here threads share
 * the arenas that there are, and large pieces come from the system and go back to it.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { openLibc } from "./libc.ts";

const SYMBOLS = {
  mallopt: { parameters: ["i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

// Numbers of glibc's malloc.h.
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;

/**
 * From this size on a piece comes from the system, in bytes. Each costs a call and a fault of each
 * page: from 64 KiB on that was 6 % of the main process's processor time, from here on up to 3 %.
 */
const LARGE_BYTES = 256 * 1024;

/** More than this at the end of a heap goes back to the system, in bytes: glibc's own first value. */
const TRIM_BYTES = 128 * 1024;

/**
 * To be called before threads are started: heaps that there are stay, and once there are more
 * than eight glibc keeps to the limit that it has. Where the C library is another one nothing is
 * done.
 *
 * @returns Why it was not done; undefined where it was.
 */
export function tuneAllocator(): string | undefined {
  try {
    using libc = openLibc(SYMBOLS);
    const { mallopt } = libc.symbols;
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
