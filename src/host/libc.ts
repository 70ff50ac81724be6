/**
 * Opens the C library, for what Deno does not offer: systemd's socket, the kernel's clocks,
 * the allocator.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";

/**
 * Where glibc lies: Debian's folders for x86-64 and ARM, then the folder of
 * Fedora, openSUSE and Arch. Full paths, because Deno gives a permission for a
 * library (`--allow-ffi`) by path, and only this one library is needed.
 */
const LIBC_PATHS = [
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/lib/aarch64-linux-gnu/libc.so.6",
  "/lib64/libc.so.6",
] as const;

/** The functions of `Symbols`, until it is disposed of or closed. */
export type Libc<Symbols extends Deno.ForeignLibraryInterface> =
  & Deno.DynamicLibrary<Symbols>
  & Disposable;

/**
 * @param symbols The functions that are needed; each must be there.
 * @throws {Error} If it is at no place that is known, or lacks one of them.
 */
export function openLibc<Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Libc<Symbols> {
  const faults: string[] = [];
  for (const path of LIBC_PATHS) {
    try {
      const library = Deno.dlopen(path, symbols);
      return Object.assign(library, { [Symbol.dispose]: () => library.close() });
    } catch (error) {
      faults.push(`${path}: ${messageOf(error)}`);
    }
  }
  throw new Error(`Cannot load the C library: ${faults.join("; ")}`);
}
