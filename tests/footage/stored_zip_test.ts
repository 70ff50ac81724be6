import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { crc32 } from "node:zlib";
import { layOutZip, type ZipEntry, type ZipLayout } from "../../src/footage/stored_zip.ts";

const AT_MS = Date.UTC(2026, 10, 21, 20, 57, 8);

function entryOf(name: string, bytes: Uint8Array): ZipEntry {
  return { name, sizeBytes: bytes.length, crc32: crc32(bytes), modifiedMs: AT_MS };
}

function bytesOf({ pieces }: ZipLayout, files: readonly Uint8Array[]): Uint8Array {
  const parts = pieces.map((piece) => piece.kind === "bytes" ? piece.bytes : files[piece.index]!);
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** What the central directory says; numbers as they stand there. */
function directory(bytes: Uint8Array): { name: string; size: number; offset: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  strictEqual(view.getUint32(end, true), 0x0605_4b50);
  const found = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    strictEqual(view.getUint32(at, true), 0x0201_4b50);
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    found.push({
      name,
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + view.getUint16(at + 30, true);
  }
  return found;
}

Deno.test("layOutZip() lays files out so that the directory finds each of them", () => {
  const files = [new TextEncoder().encode("{}\n"), new Uint8Array(1_000).fill(7), new Uint8Array()];
  const names = ["manifest.json", "Käse/film.mp4", "empty"];
  const layout = layOutZip(names.map((name, index) => entryOf(name, files[index]!)));
  const bytes = bytesOf(layout, files);
  strictEqual(bytes.length, layout.totalBytes);
  const listed = directory(bytes);
  deepStrictEqual(listed.map(({ name, size }) => [name, size]), [
    ["manifest.json", 3],
    ["Käse/film.mp4", 1_000],
    ["empty", 0],
  ]);
  for (const [index, { name, offset, size }] of listed.entries()) {
    const head = offset + 30 + new TextEncoder().encode(name).length;
    deepStrictEqual(bytes.slice(head, head + size), files[index]);
  }
});

Deno.test("layOutZip() writes lengths and places of more than 32 bits into ZIP64 fields", () => {
  const sizeBytes = 5_000_000_000;
  const large = { name: "a", sizeBytes, crc32: 0, modifiedMs: 0 };
  const { totalBytes, pieces } = layOutZip([large, { ...large, name: "b", sizeBytes: 1 }]);
  const [head, , , , tail] = pieces;
  if (head?.kind !== "bytes" || tail?.kind !== "bytes") throw new Error("no heads");
  // Local header: both lengths behind the name, as 64 bits.
  const local = new DataView(head.bytes.buffer, head.bytes.byteOffset);
  strictEqual(local.getUint32(18, true), 0xffff_ffff);
  strictEqual(Number(local.getBigUint64(30 + 1 + 4, true)), sizeBytes);
  // End: its own ZIP64 record and the locator stand before the 22 bytes that all readers know.
  const end = tail.bytes.length - 22;
  const view = new DataView(tail.bytes.buffer, tail.bytes.byteOffset);
  strictEqual(view.getUint32(end - 20, true), 0x0706_4b50);
  strictEqual(Number(view.getBigUint64(end - 12, true)), totalBytes - 22 - 20 - 56);
  strictEqual(view.getUint32(end + 16, true), 0xffff_ffff);
});
