/**
 * Works on many things at once, but not on all of them.
 *
 * @module
 */

/**
 * Maps values by an asynchronous function, at most `limit` at a time. Results
 * come in the order of the values. The first failure ends it; what had been
 * begun then runs on unheard.
 */
export async function inParallel<T, R>(
  values: readonly T[],
  options: { readonly limit: number; readonly work: (value: T) => Promise<R> },
): Promise<R[]> {
  const results: R[] = [];
  const rest = values.entries();
  const hand = async () => {
    for (const [index, value] of rest) results[index] = await options.work(value);
  };
  await Promise.all(Array.from({ length: Math.min(options.limit, values.length) }, hand));
  return results;
}
