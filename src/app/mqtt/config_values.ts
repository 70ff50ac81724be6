/**
 * Each camera's entry in the settings that are in effect, with secrets masked.
 *
 * @module
 */

import * as z from "zod";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import type { WebConfig } from "../web/config.ts";

const log = logger("mqtt");

const valuesSchema = z.object({
  cameras: z.array(z.looseObject({ id: z.string() })),
});

/** By id; null where the file can't be read as it is now. */
export async function camerasInFull(
  config: WebConfig,
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>> | null> {
  try {
    const { values } = await config.facts();
    const { data } = valuesSchema.safeParse(values);
    return data === undefined ? null : new Map(data.cameras.map((each) => [each.id, each]));
  } catch (error) {
    log.warning("Cannot read the settings: {reason}", { reason: messageOf(error) });
    return null;
  }
}
