/**
 * What is looked at before recording begins: how new the newest footage is,
 * whether the index was lost, whether there is room to open the database, and
 * which events a crash left open.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { diskRoom } from "../host/disk_room.ts";
import type { VisionEventEntry } from "../model/ledger.ts";
import { EventReader } from "../store/event_reader.ts";
import { Reader } from "../store/reader.ts";
import { giveUpReserve } from "../upkeep/reserve.ts";
import { isIndexLost } from "./rebuild.ts";
import { ended } from "./vision.ts";

/** End of the newest footage of all cameras, 0 without any. */
export function newestFootageOf(root: string): Promise<number> {
  using reader = new Reader(root);
  const ends = reader.cameras().map(({ recorded }) => recorded?.toMs ?? 0);
  return Promise.resolve(Math.max(0, ...ends));
}

/** Recording does not wait for an index that takes an hour a terabyte to make again. */
export async function noteLostIndex(root: string): Promise<void> {
  if (!await isIndexLost(root)) return;
  logger("store").error(
    "Database and ledger are gone: recordings of before are on the disk and in no index. " +
      'Stop recording for a while and run "lookback rebuild"',
  );
}

/** Events that a crash left without an end, ended when their things were last seen. */
export function unendedEvents(root: string): VisionEventEntry[] {
  try {
    using reader = new EventReader(root);
    return reader.cameras().flatMap(({ cameraId }) =>
      reader.unendedVisionEvents(cameraId)
        .map((event): VisionEventEntry => ({ type: "vision-event", ...ended(event) }))
    );
  } catch (error) {
    // Recording is worth more than the end of an event.
    logger("vision").error("Cannot end the events of before: {reason}", {
      reason: messageOf(error),
    });
    return [];
  }
}

/** What a database needs to be opened: SQLite makes two files beside it, in bytes. */
const OPEN_BYTES = 2 * 1_048_576;

/** On a full disk the reserve is given up before the database is opened; then footage can be deleted. */
export async function roomForDatabase(root: string): Promise<void> {
  const { freeBytes } = await diskRoom(root);
  if (freeBytes < OPEN_BYTES) await giveUpReserve(root);
}
