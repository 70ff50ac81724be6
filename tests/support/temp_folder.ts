/**
 * A folder for one test: made on the spot, removed with all it holds when the
 * test's scope ends.
 *
 * @module
 */

/**
 * Makes an empty folder for one test.
 *
 * @example
 * ```ts
 * await using folder = await tempFolder();
 * await Deno.writeTextFile(`${folder.path}/note.txt`, "gone after the test");
 * ```
 */
export async function tempFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "lookback-test-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
