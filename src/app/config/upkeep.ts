/**
 * The settings of what becomes of footage once it is recorded: how long it is
 * kept, and how it is looked after.
 *
 * In:   the sections `retention` and `upkeep` of the file, and a camera's own `retention`.
 * Out:  their schemas, and what they mean.
 * Not here: deleting (src/upkeep/).
 *
 * @module
 */

import * as z from "zod";
import { InvariantError } from "../../base/errors.ts";
import type { FreeRoom, RetentionLimits } from "../../model/retention.ts";
import { parseShare, parseSize } from "../../model/size.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The smallest limit of size, in bytes: one short recording fits in it. */
const LEAST_SIZE_BYTES = 1_000_000;

const SIZE_NEED = 'a size from 1 MB on such as "500 GB", "2 TB" or "20 GiB", or a number of bytes';
const ROOM_NEED =
  'a size such as "2 GB" or "20 GiB", a number of bytes, a share of the disk up to "50%", or 0';

/** The largest share of a disk that can be kept free: the rest is for footage. */
const LARGEST_SHARE = 0.5;

function days(): z.ZodNumber {
  const error = "a number of days from 0.01 to 36500";
  return z.number({ error }).min(0.01, { error }).max(36_500, { error });
}

function limitKeys(whose: string) {
  return {
    days: days().optional()
      .meta({ description: `Days after which ${whose} is deleted`, examples: [30] }),
    max_size: z.union([z.string(), z.number()], { error: SIZE_NEED })
      .refine((written) => (parseSize(written) ?? 0) >= LEAST_SIZE_BYTES, { error: SIZE_NEED })
      .optional()
      .meta({
        description: `Bytes that ${whose} (recordings, stills and frame logs) may take up; the ` +
          "oldest is deleted first",
        examples: ["500 GB"],
      }),
    events_days: days().optional()
      .meta({
        description: `Days for which ${whose} is kept where something was seen in it, also ` +
          "beyond `days`; limits of size take other footage first",
        examples: [90],
      }),
  };
}

/** What is kept of all cameras together. */
export const retentionSchema = z.strictObject({
  ...limitKeys("footage of all cameras together"),
  keep_free: z.union([z.string(), z.number()], { error: ROOM_NEED })
    .refine((written) => readRoom(written) !== undefined, { error: ROOM_NEED })
    .default("2 GB")
    .meta({
      description: "Room on the disk that is always kept free, by deleting the oldest footage; " +
        "0 switches it off",
      examples: ["5%"],
    }),
}).prefault({}).describe("When footage is deleted: whichever limit is reached first");

/** What is kept of one camera. */
export const cameraRetentionSchema = z.strictObject(limitKeys("this camera's footage"))
  .prefault({}).describe("When footage of this camera is deleted, beside the limits for all");

/** A number from 0 on, whole or not. */
function numberUpTo(max: number, what: string): z.ZodNumber {
  const error = `${what} from 0 to ${max}`;
  return z.number({ error }).min(0, { error }).max(max, { error });
}

export const upkeepSchema = z.strictObject({
  canary_every_minutes: numberUpTo(10_080, "a number of minutes").default(60)
    .describe("How often a piece of each camera's newest footage is cut and decoded; 0 is never"),
  scrub_mb_per_second: numberUpTo(10_000, "a number of megabytes a second").default(4)
    .describe("How fast footage is read again and compared with its checksums; 0 is never"),
}).prefault({}).describe("How footage is looked after while the service runs");

/** How footage is looked after; null where that is switched off. */
export interface UpkeepSettings {
  readonly canaryEveryMs: number | null;
  readonly scrubBytesPerSecond: number | null;
}

/** Limits as the file has them. */
type WrittenLimits = z.output<typeof cameraRetentionSchema>;

export function toLimits(
  { days, max_size: maxSize, events_days: eventsDays }: WrittenLimits,
): RetentionLimits {
  return {
    ageMs: days === undefined ? null : Math.round(days * DAY_MS),
    maxBytes: maxSize === undefined ? null : parseSize(maxSize) ?? null,
    ...(eventsDays === undefined ? {} : { eventsMs: Math.round(eventsDays * DAY_MS) }),
  };
}

export function toFreeRoom({ keep_free: written }: z.output<typeof retentionSchema>): FreeRoom {
  const room = readRoom(written);
  if (room === undefined) throw new InvariantError(`Room passed the schema: ${written}`);
  return room;
}

export function toUpkeep(config: z.output<typeof upkeepSchema>): UpkeepSettings {
  const { canary_every_minutes: minutes, scrub_mb_per_second: megabytes } = config;
  return {
    canaryEveryMs: minutes === 0 ? null : Math.round(minutes * MINUTE_MS),
    scrubBytesPerSecond: megabytes === 0 ? null : Math.round(megabytes * 1_000_000),
  };
}

function readRoom(written: string | number): FreeRoom | undefined {
  const share = parseShare(written);
  if (share !== undefined) return share <= LARGEST_SHARE ? { kind: "share", share } : undefined;
  const bytes = parseSize(written);
  return bytes === undefined ? undefined : { kind: "bytes", bytes };
}
