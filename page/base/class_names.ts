/**
 * Joins names of CSS classes, leaving out what does not hold.
 *
 * @module
 */

/** `classes("a", false, "b")` is "a b". */
export function classes(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
