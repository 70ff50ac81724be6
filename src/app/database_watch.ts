/**
 * Looks once a day, and at every start, whether the database is whole: a damaged
 * page that no question happens to touch would be found only when it is needed.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { checkDatabase, type DatabaseCheck } from "../store/database_check.ts";
import { isDamage } from "../store/database.ts";

/** How often it is looked at, in milliseconds. It is read whole: about a second for each gigabyte. */
const EVERY_MS = 86_400_000;

export interface DatabaseWatchParts {
  readonly root: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onDamage: (reason: string) => void;
}

/** Looks until `signal` is aborted. */
export async function watchDatabase(parts: DatabaseWatchParts): Promise<void> {
  const { root, clock, signal, onDamage } = parts;
  while (!signal.aborted) {
    const damage = damageIn(await checkDatabase(root));
    if (damage !== undefined) onDamage(damage);
    await clock.sleep(EVERY_MS, signal);
  }
}

/** What is wrong with the file itself; undefined where that is nothing, or can't be said. */
export function damageIn(check: DatabaseCheck): string | undefined {
  if (check.state === "read") return check.faults[0];
  return check.state === "unusable" && isDamage(new Error(check.reason)) ? check.reason : undefined;
}
