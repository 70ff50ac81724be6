/**
 * What of an export's flags changes the film itself: another rate, and what is
 * burnt in.
 *
 * @module
 */

import { OperatorError } from "../base/errors.ts";
import { parseRate, type Rate } from "../footage/film_rate.ts";
import { OVERLAY_ITEMS, type OverlayItem, parseOverlay } from "../footage/overlay.ts";
import type { FilmSource } from "../footage/receipt.ts";
import type { RecodeChange } from "../footage/recoded_plan.ts";

/** The flags, as they were given. */
export interface ChangeFlags {
  readonly fps?: string;
  readonly overlay?: string;
  readonly source: FilmSource;
}

export interface AskedChange {
  readonly rate: Rate | null;
  readonly items: readonly OverlayItem[] | null;
}

/**
 * @returns Undefined where the film stays as it was recorded.
 *
 * @throws {OperatorError} "usage".
 */
export function changeAsked(flags: ChangeFlags): AskedChange | undefined {
  const { fps, overlay, source } = flags;
  if (fps === undefined && overlay === undefined) return undefined;
  if (source === "frames") {
    throw new OperatorError("usage", "Cannot change a film of stills", {
      fix: ["leave --fps and --overlay out, or export the recorded video"],
    });
  }
  return {
    rate: fps === undefined ? null : readRate(fps),
    items: overlay === undefined ? null : readItems(overlay),
  };
}

/** The change with what only the archive knows. */
export function changeFor(
  { rate, items }: AskedChange,
  about: { readonly cameraName: string; readonly timeZone: string },
): RecodeChange {
  return { rate, overlay: items === null ? null : { items, ...about } };
}

/**
 * Reads a number of pictures a second: 5, 0.5, 30000/1001.
 *
 * @throws {OperatorError} "usage".
 */
export function readRate(text: string): Rate {
  const rate = parseRate(text);
  if (rate !== undefined) return rate;
  throw new OperatorError("usage", `Cannot read "${text}" as frames a second`, {
    fix: ["give a number above 0 and at most 1000: 5, 0.5, 30000/1001"],
  });
}

function readItems(text: string): readonly OverlayItem[] {
  const items = parseOverlay(text);
  if (items !== undefined) return items;
  throw new OperatorError("usage", `Cannot burn in "${text}"`, {
    fix: [`give one or more of these, with commas between: ${OVERLAY_ITEMS.join(",")}`],
  });
}
