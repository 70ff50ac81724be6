/**
 * The only time that tests let pass: the pace at which a simulated camera sends, the moment at
 * which a fault comes and how long it lasts. Whoever waits until something is so waits for the
 * event, or looks with `until()`.
 *
 * @module
 */

/** Lets time pass, in milliseconds; a time that has passed already is none. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** One turn of the event loop: whatever can go on without time passing has gone on. */
export function turn(): Promise<void> {
  return pause(0);
}
