/**
 * SHA-256 in lower-case hex, of text at once or of bytes as they come.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Takes bytes piece by piece. Not to be used further once {@linkcode Sha256.hex} was called. */
export class Sha256 {
  readonly #hash = createHash("sha256");

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

/** Of a text in UTF-8. */
export function sha256OfText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
