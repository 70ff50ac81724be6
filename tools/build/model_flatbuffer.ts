/**
 * Reads FlatBuffers, the format that TensorFlow Lite's models are stored in:
 * tables whose fields are found by number, over a list of offsets.
 *
 * In:  bytes. Out: fields by number; a field that is not there has its default.
 * Not here: which field means what (model_tflite.ts).
 *
 * Format: https://flatbuffers.dev/internals/
 *
 * @module
 */

/** A table inside a buffer. Fields are counted from 0, in the order of the schema. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  /** A number of one byte. */
  byte(field: number, otherwise = 0): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#view.getInt8(at);
  }

  /** A number of four bytes. */
  int(field: number, otherwise = 0): number {
    const at = this.#find(field);
    return at === undefined ? otherwise : this.#view.getInt32(at, true);
  }

  /** A table that the field points to; an empty one if the field is not there. */
  table(field: number): FlatTable | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : new FlatTable(this.#view, this.#follow(at));
  }

  tables(field: number): FlatTable[] {
    return this.#items(field, 4, (at) => new FlatTable(this.#view, this.#follow(at)));
  }

  ints(field: number): number[] {
    return this.#items(field, 4, (at) => this.#view.getInt32(at, true));
  }

  /** The bytes of a vector, as a view. */
  bytes(field: number): Uint8Array {
    const vector = this.#vector(field);
    if (vector === undefined) return new Uint8Array(0);
    const { buffer, byteOffset } = this.#view;
    return new Uint8Array(buffer, byteOffset + vector.first, vector.count);
  }

  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  #items<T>(field: number, itemBytes: number, read: (at: number) => T): T[] {
    const vector = this.#vector(field);
    if (vector === undefined) return [];
    return Array.from(
      { length: vector.count },
      (_, index) => read(vector.first + index * itemBytes),
    );
  }

  #vector(field: number): { readonly first: number; readonly count: number } | undefined {
    const at = this.#find(field);
    if (at === undefined) return undefined;
    const vector = this.#follow(at);
    return { first: vector + 4, count: this.#view.getUint32(vector, true) };
  }

  /** Where the field lies; undefined if the table leaves it out. */
  #find(field: number): number | undefined {
    const offsets = this.#at - this.#view.getInt32(this.#at, true);
    // The list begins with its own length and the table's, two bytes each.
    const entry = 4 + 2 * field;
    if (entry >= this.#view.getUint16(offsets, true)) return undefined;
    const offset = this.#view.getUint16(offsets + entry, true);
    return offset === 0 ? undefined : this.#at + offset;
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }
}

/** The table at the root of a buffer. */
export function rootTable(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new FlatTable(view, view.getUint32(0, true));
}
