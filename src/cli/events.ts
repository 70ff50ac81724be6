/**
 * `lookback events`: what was seen, when cameras were away, and where recording
 * has gaps, as one list in order of time.
 *
 * @module
 */

import { Command, InvalidArgumentError, Option } from "commander";
import { EVENT_KINDS, type EventKind, listEvents } from "../app/event_list.ts";
import { openIndexWith } from "../app/open_index.ts";
import { systemClock } from "../base/clock.ts";
import { readInstant } from "../footage/read_instant.ts";
import { isRootHeld } from "../host/root_lock.ts";
import { TimelineReader } from "../store/timeline_reader.ts";
import {
  localZone,
  type ReadOptions,
  requireCamera,
  settingsToRead,
  withReading,
} from "./context.ts";
import { eventJson, eventLines } from "./events_text.ts";
import { note, print, printJson } from "./terminal.ts";

/** Gaps are looked for over a month unless more is asked for, in milliseconds. */
const GAP_REACH = { unaskedMs: 31 * 86_400_000, mostMs: Infinity };

interface EventFlags extends ReadOptions {
  readonly camera?: string;
  readonly class?: string;
  readonly kind?: EventKind;
  readonly zone?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function eventsCommand(): Command {
  const command = new Command("events")
    .description("list what was seen, when cameras were away, and where recording has gaps")
    .option("--camera <id>", "which camera (default: all)")
    .option("--class <name>", "only things of this class: person, vehicle, dog")
    .addOption(new Option("--kind <kind>", "only events of this kind").choices(EVENT_KINDS))
    .option("--zone <name>", "only what was in this zone")
    .option("--from <time>", 'only what begins then or later: "yesterday 14:05", -2h')
    .option("--to <time>", "only what begins before then")
    .option("--limit <number>", "how many at most, the newest of them", toLimit, 50)
    .option("--json", "print JSON for programs, with boxes and pictures");
  return withReading(command, "lookback events --camera front --class person --from -24h")
    .action(events);
}

async function events(flags: EventFlags): Promise<void> {
  const timeZone = localZone();
  const nowMs = systemClock.now();
  const instant = async (text: string | undefined) =>
    text === undefined ? null : await readInstant(text, { nowMs, timeZone });
  const [fromMs, toMs] = [await instant(flags.from), await instant(flags.to)];
  const settings = await settingsToRead(flags);
  const isRecording = await isRootHeld(settings.root);
  using reader = openIndexWith(settings, (...place) => new TimelineReader(...place));
  if (flags.camera !== undefined) requireCamera(reader.cameras(), flags.camera);
  const { camera, kind = null, class: name = null, zone = null, limit } = flags;
  const cameraIds = camera === undefined ? null : [camera];
  const query = { cameraIds, kind, class: name, zone, fromMs, toMs, limit };
  const list = await listEvents(reader, query, { nowMs, isRecording, reach: GAP_REACH });
  // A terminal ends with what is read first.
  const events = list.events.toReversed();
  if (flags.json) {
    printJson({ events: events.map(eventJson), older_left_out: list.isCut });
    return;
  }
  for (const line of eventLines(events, timeZone)) print(line);
  if (events.length === 0) note("no such events");
  if (list.isCut) {
    note(`there are older ones: --limit ${2 * limit} shows more, --to an earlier time`);
  }
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError("Need a whole number above 0.");
}
