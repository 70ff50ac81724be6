import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { BoxSplitter, MAX_BOX_BYTES } from "../../src/media/box_splitter.ts";
import { MalformedMedia } from "../../src/media/boxes.ts";
import { makeClip } from "../support/clips.ts";
import { recordFile } from "../support/recorder_stream.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** What is compared of a box: its type and where its bytes lie. */
interface Found {
  readonly type: string;
  readonly sizeBytes: number;
  readonly headerBytes: number;
}

/** Pushes the chunks that the borders cut, and checks that no byte is changed, lost or doubled. */
function split(bytes: Uint8Array, borders: readonly number[]): Found[] {
  const splitter = new BoxSplitter();
  const found: Found[] = [];
  let offset = 0;
  let from = 0;
  for (const to of [...borders.toSorted((one, other) => one - other), bytes.length]) {
    for (const box of splitter.push(bytes.slice(from, to))) {
      const { type, payload } = box;
      const sizeBytes = box.bytes.length;
      ok(isSame(box.bytes, bytes.subarray(offset, offset + sizeBytes)), `${type} at ${offset}`);
      found.push({ type, sizeBytes, headerBytes: sizeBytes - payload.length });
      offset += sizeBytes;
    }
    from = to;
    strictEqual(splitter.pendingBytes, from - offset);
  }
  return found;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** A box by hand: size, type, payload; `size` "64-bit" uses the long header. */
function boxBytes(type: string, payloadBytes: number, size: "32-bit" | "64-bit"): number[] {
  const letters = [...type].map((letter) => letter.charCodeAt(0));
  const payload = Array.from({ length: payloadBytes }, (_, index) => index % 251);
  return size === "32-bit"
    ? [...word(8 + payloadBytes), ...letters, ...payload]
    : [...word(1), ...letters, ...word(0), ...word(16 + payloadBytes), ...payload];
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

Deno.test("push() finds the same boxes of a recorder's stream however it is cut", async () => {
  await using folder = await tempFolder();
  const clip = await makeClip(`${folder.path}/a.mp4`, { seconds: 1, size: "64x36", audio: true });
  const stream = await recordFile(clip);
  const whole = split(stream, []);
  deepStrictEqual(whole.slice(0, 4).map(({ type }) => type), ["ftyp", "moov", "moof", "mdat"]);
  strictEqual(whole.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), stream.length);
  deepStrictEqual(split(stream, Array.from(stream, (_, index) => index)), whole);
  const borders = fc.array(fc.nat(stream.length), { maxLength: 40 });
  fc.assert(fc.property(borders, (borders) => {
    deepStrictEqual(split(stream, borders), whole);
  }));
});

Deno.test("push() finds boxes of any size, with short and long headers, however they are cut", () => {
  const box = fc.tuple(fc.nat(40), fc.constantFrom("32-bit" as const, "64-bit" as const));
  const boxes = fc.array(box, { minLength: 1, maxLength: 8 });
  const borders = fc.array(fc.nat(400), { maxLength: 30 });
  fc.assert(fc.property(boxes, borders, (boxes, borders) => {
    const stream = Uint8Array.from(
      boxes.flatMap(([size, header]) => boxBytes("test", size, header)),
    );
    const found = split(stream, borders.filter((border) => border <= stream.length));
    deepStrictEqual(
      found.map(({ sizeBytes, headerBytes }) => [sizeBytes - headerBytes, headerBytes]),
      boxes.map(([size, header]) => [size, header === "64-bit" ? 16 : 8]),
    );
  }));
});

// Shorter than a header, shorter than the boxes, longer than all of them.
for (const chunkBytes of [5, 20, 100]) {
  Deno.test(`push() keeps boxes when its sender uses the memory of a chunk of ${chunkBytes} bytes again`, () => {
    const boxes = [boxBytes("free", 3, "32-bit"), boxBytes("mdat", 30, "32-bit")];
    const stream = Uint8Array.from(boxes.flat());
    const splitter = new BoxSplitter();
    const chunk = new Uint8Array(chunkBytes);
    const cut = [];
    for (let from = 0; from < stream.length; from += chunk.length) {
      const part = stream.subarray(from, from + chunk.length);
      chunk.set(part);
      cut.push(...splitter.push(chunk.subarray(0, part.length)));
      chunk.fill(0);
    }
    deepStrictEqual(cut.map(({ bytes }) => [...bytes]), boxes);
  });
}

Deno.test("push() lays a moof and the box behind it in one piece of memory, however they are cut", () => {
  const moof = boxBytes("moof", 40, "32-bit");
  const mdat = boxBytes("mdat", 30, "64-bit");
  const free = boxBytes("free", 3, "32-bit");
  const stream = [...moof, ...mdat, ...free, ...moof, ...mdat];
  fc.assert(fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (borders) => {
    const splitter = new BoxSplitter();
    const cuts = [0, ...borders.toSorted((one, other) => one - other), stream.length];
    const boxes = cuts.slice(1).flatMap((to, index) =>
      splitter.push(Uint8Array.from(stream.slice(cuts[index], to)))
    );
    const together = boxes.map(({ withMoof }) => [...withMoof]);
    const fragment = [...moof, ...mdat];
    deepStrictEqual(together, [moof, fragment, free, moof, fragment]);
  }));
});

const IMPOSSIBLE = [
  { name: "0, which means up to the end", header: [...word(0), 0x6d, 0x64, 0x61, 0x74] },
  { name: "7, less than its header", header: [...word(7), 0x6d, 0x64, 0x61, 0x74] },
  {
    name: "64-bit 15, less than its header",
    header: [...word(1), 0x6d, 0x64, 0x61, 0x74, ...word(0), ...word(15)],
  },
  {
    name: "one byte past the largest that is believed",
    header: [...word(MAX_BOX_BYTES + 1), 0x6d, 0x64, 0x61, 0x74],
  },
  {
    name: "64-bit 2^63",
    header: [...word(1), 0x6d, 0x64, 0x61, 0x74, ...word(0x80000000), ...word(0)],
  },
];

for (const { name, header } of IMPOSSIBLE) {
  Deno.test(`push() throws MalformedMedia when a box has the size ${name}`, () => {
    throws(() => new BoxSplitter().push(Uint8Array.from(header)), MalformedMedia);
    const splitter = new BoxSplitter();
    throws(() => {
      for (const byte of header) splitter.push(Uint8Array.of(byte));
    }, MalformedMedia);
  });
}
