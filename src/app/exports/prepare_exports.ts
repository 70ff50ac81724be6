/**
 * What exports need when the service starts: a key to sign with, and a tidy
 * `output/`. Neither keeps recording from starting.
 *
 * @module
 */

import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { removeDeadExports } from "../../footage/dead_exports.ts";
import { ensureSigningKey } from "../../host/signing_keys.ts";

const log = logger("app", "exports");

/**
 * Makes the key if there is none, and removes what killed exports left.
 *
 * @returns The paths of what was removed, relative to the root.
 */
export async function prepareExports(root: string): Promise<string[]> {
  const found = await ensureSigningKey(root);
  if (found.key === null) {
    log.warn("Exports get no signature: {reason}", { reason: found.reason });
  }
  try {
    const removed = await removeDeadExports(root);
    for (const path of removed) log.info("Removed {path}, left by a killed export", { path });
    return removed;
  } catch (error) {
    log.warn("Cannot tidy up after killed exports: {reason}", { reason: messageOf(error) });
    return [];
  }
}
