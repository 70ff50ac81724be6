/**
 * Random damage to bytes, for parsers that must survive it: bits that flip,
 * fields with values at their limits, ends that are torn off.
 *
 * @module
 */

import fc from "fast-check";

/** Values at which size and count fields go wrong. */
const LIMITS = [0, 1, 7, 8, 9, 0xff, 0xffff, 0x100000, 0x7fffffff, 0x80000000, 0xffffffff];

/** `bytes` with damage: at least one change, or its end torn off, or both. */
export function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(bytes.length - 1);
  const change = fc.oneof(
    fc.record({ at: place, value: fc.nat(255), width: fc.constant(1) }),
    fc.record({ at: place, value: fc.constantFrom(...LIMITS), width: fc.constant(4) }),
  );
  const changes = fc.array(change, { minLength: 1, maxLength: 6 });
  const length = fc.oneof({ weight: 3, arbitrary: fc.constant(bytes.length) }, place);
  return fc.record({ changes, length }).map(({ changes, length }) => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    for (const { at, value, width } of changes) {
      if (width === 1) view.setUint8(at, value);
      else if (at + 4 <= copy.length) view.setUint32(at, value);
    }
    // A failed property shows the damage, not thousands of bytes.
    const toString = () => JSON.stringify({ changes, length });
    return Object.defineProperty(copy.subarray(0, length), fc.toStringMethod, { value: toString });
  });
}

/** Every number anywhere in a value of objects and lists. Bytes are not looked into. */
export function* numbersIn(value: unknown): Generator<number> {
  if (typeof value === "number") yield value;
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return;
  for (const inner of Object.values(value)) yield* numbersIn(inner);
}
