/**
 * An alert as other programs get it: the body of a webhook, the standard input of
 * a command, a file of the queue. docs/alerts.md, "The body" has the same table.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { isoUtc } from "../base/units.ts";
import type { Alert } from "../model/alert.ts";
import {
  alertParts,
  occurrenceFields,
  occurrenceShape,
  ruleFields,
  ruleShape,
} from "../model/alert_fields.ts";

export const ALERT_FORMAT = "lookback-alert-1";

/** Fields in the order in which they are written: the signature is of this text. */
export const alertBodySchema = z.object({
  format: z.literal(ALERT_FORMAT).describe("Changes when a field changes its meaning"),
  id: alertParts.id,
  ...ruleShape,
  time: z.iso.datetime().describe("When it was decided"),
  test: alertParts.test,
  ...occurrenceShape,
});

export type AlertBody = z.infer<typeof alertBodySchema>;

export function toBody(alert: Alert): AlertBody {
  return {
    format: ALERT_FORMAT,
    id: alert.alertId,
    ...ruleFields(alert),
    time: isoUtc(alert.atMs),
    test: alert.isTest,
    ...occurrenceFields(alert),
  };
}

/** The body as text, the same wherever it goes. */
export function bodyText(alert: Alert): string {
  return JSON.stringify(toBody(alert));
}

/** Reads what {@linkcode bodyText} wrote; undefined for anything else. */
export function readBody(text: string): AlertBody | undefined {
  try {
    return alertBodySchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
