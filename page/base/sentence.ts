/**
 * Words of the server as the beginning of a sentence.
 *
 * @module
 */

/** "movement" is "Movement". */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
