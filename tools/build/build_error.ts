/**
 * What stops a build in a way that the person at the keyboard can mend.
 *
 * @module
 */

/** A failed build. The message's first line says what failed, "fix:" lines what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}
