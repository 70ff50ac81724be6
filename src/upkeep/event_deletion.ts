/**
 * Lets go of events whose footage is gone, with their pictures. A bounded number is
 * looked at in each pass, one camera after the other, so that a year of events costs
 * no more than a day.
 *
 * In:  the index, limits and holds of the pass. Out: what is gone.
 * Not here: when an event may go (model/event_retention.ts).
 *
 * @module
 */

import { type EventCursor, type EventFootage, eventsGoBefore } from "../model/event_retention.ts";
import { type Hold, isHeld } from "../model/hold.ts";
import { eventFolder } from "../model/paths.ts";
import type { RetentionRules } from "../model/retention.ts";
import { type DeletionParts, joinRemoved, type Removed, removeListed } from "./deletion.ts";
import type { RetentionIndex } from "./retention_index.ts";

/** Events that are looked at in one pass: some milliseconds. */
const LOOKED_AT = 500;

export interface SweepParts extends Pick<DeletionParts, "root" | "send" | "nowMs" | "openFolders"> {
  readonly index: Pick<RetentionIndex, "usage" | "eventsAfter">;
  readonly rules: RetentionRules;
  readonly holds: readonly Hold[];
}

/** Where a pass goes on. */
interface Place {
  readonly cameraId: string;
  readonly after: EventCursor | null;
}

export class EventSweep {
  #place: Place | undefined;

  /** Looks at the next events, and deletes those that are to go. */
  async pass(parts: SweepParts): Promise<Removed & { readonly events: number }> {
    const over = this.#next(parts);
    const byCamera = Map.groupBy(over, ({ cameraId }) => cameraId);
    const results: Removed[] = [];
    for (const [cameraId, own] of byCamera) {
      results.push(await remove(cameraId, own, parts));
    }
    return { ...joinRemoved(results), events: over.length };
  }

  /** Events that are to go, out of those that are looked at. */
  #next({ index, rules, holds, nowMs }: SweepParts): EventFootage[] {
    const cameraIds = index.usage().map(({ cameraId }) => cameraId);
    const first = Math.max(0, cameraIds.indexOf(this.#place?.cameraId ?? ""));
    let after = cameraIds[first] === this.#place?.cameraId ? this.#place?.after ?? null : null;
    const over: EventFootage[] = [];
    let left = LOOKED_AT;
    for (let turn = 0; turn < cameraIds.length; turn += 1) {
      const cameraId = cameraIds[(first + turn) % cameraIds.length]!;
      const beforeMs = eventsGoBefore(rules, { cameraId, nowMs });
      const page = beforeMs === null ? [] : index.eventsAfter({ cameraId, beforeMs }, after, left);
      over.push(...page.filter((event) => !event.hasFootage && !isHeld(event, holds)));
      left -= page.length;
      if (left === 0) {
        this.#place = { cameraId, after: page.at(-1)! };
        return over;
      }
      after = null;
    }
    this.#place = undefined;
    return over;
  }
}

async function remove(
  cameraId: string,
  events: readonly EventFootage[],
  parts: SweepParts,
): Promise<Removed> {
  const { send, nowMs } = parts;
  const files = events.flatMap(({ pictures }) => pictures).filter((path) => isOwn(path, cameraId));
  const eventIds = events.map(({ eventId }) => eventId);
  await send({ type: "vision-deletion", cameraId, atMs: nowMs, eventIds, files });
  return await removeListed(cameraId, files.map((path) => ({ path, files: [path] })), parts);
}

/** Nothing outside the camera's event pictures is ever removed, whatever a row says. */
function isOwn(path: string, cameraId: string): boolean {
  return path.startsWith(`${eventFolder(cameraId)}/`) && /^[\w/-]+\.jpg$/.test(path);
}
