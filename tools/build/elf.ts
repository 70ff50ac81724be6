/**
 * Reads the head of a Linux program: for which processor it is, and whether it
 * needs shared libraries.
 *
 * @module
 */

/** Bytes from the start of a file that {@linkcode readElf} wants. */
export const ELF_HEAD_BYTES = 4_096;

export interface ElfFacts {
  /** As in Deno's targets; "other" for what Deno does not run on. */
  readonly processor: "x86_64" | "aarch64" | "other";
  /** Whether it names a loader, and so needs shared libraries on the machine. */
  readonly isDynamic: boolean;
}

// Numbers from the System V ABI, chapter "Object Files".
const MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const PROGRAM_HEADER_INTERPRETER = 3;
const PROCESSORS: Readonly<Record<number, ElfFacts["processor"]>> = {
  62: "x86_64",
  183: "aarch64",
};

/** The facts, or undefined for a file that is no 64-bit little-endian ELF program. */
export function readElf(head: Uint8Array): ElfFacts | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 64 || view.getUint32(0) !== MAGIC) return undefined;
  if (head[4] !== CLASS_64 || head[5] !== LITTLE_ENDIAN) return undefined;
  const tableOffset = Number(view.getBigUint64(32, true));
  const entryBytes = view.getUint16(54, true);
  const types = Array.from(
    { length: view.getUint16(56, true) },
    (_, index) => tableOffset + index * entryBytes,
  )
    .filter((offset) => offset + 4 <= head.length)
    .map((offset) => view.getUint32(offset, true));
  return {
    processor: PROCESSORS[view.getUint16(18, true)] ?? "other",
    isDynamic: types.includes(PROGRAM_HEADER_INTERPRETER),
  };
}
