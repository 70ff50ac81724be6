/**
 * `lookback hold` and `lookback release`: footage that nothing deletes until it
 * is released. Works whether or not a Lookback records.
 *
 * @module
 */

import { Argument, Command } from "commander";
import type { Settings } from "../../config.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { isoUtc } from "../base/units.ts";
import { formatDuration, parseDuration } from "../footage/duration.ts";
import { describeInstant, parseInstant } from "../footage/instant.ts";
import { makeWindow } from "../footage/request.ts";
import { heldWindows } from "../model/hold.ts";
import { type TimeWindow, windowLengthMs } from "../model/window.ts";
import { Reader } from "../store/reader.ts";
import { RetentionReader } from "../store/retention_reader.ts";
import { isHoldName, type KeptHold, makeHold, readHolds, releaseHold } from "../upkeep/holds.ts";
import {
  localZone,
  requireCamera,
  settingsToRead,
  type SharedOptions,
  withShared,
} from "./context.ts";
import { formatBytes, note, print, printJson } from "./terminal.ts";

interface HoldFlags extends SharedOptions {
  readonly camera?: string;
  readonly all?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly duration?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

const NAME_NEED = 'lower-case letters, digits and "-", at most 64, no "-" at either end';

export function holdCommand(): Command {
  const command = new Command("hold")
    .description("keep a stretch of footage from being deleted until it is released")
    .addArgument(new Argument("[name]", "name of the hold, to release it by"))
    .option("--camera <id>", "which camera")
    .option("--all", "all cameras")
    .option("--from <time>", 'where it begins: "2026-11-21 20:57:09", "yesterday 14:05", -10m')
    .option("--to <time>", "where it ends; may lie ahead")
    .option("--duration <length>", "or how long it is: 90s, 1h 5m, 2d")
    .option("--list", "show the holds there are, and what they keep")
    .option("--json", "print JSON for programs");
  const example =
    'lookback hold burglary --camera front --from "2026-11-21 20:50" --duration 30m\n' +
    "  lookback hold --list";
  return withShared(command, example).action(hold);
}

export function releaseCommand(): Command {
  const command = new Command("release")
    .description("release a hold: its footage is deleted when its time comes")
    .addArgument(new Argument("<name>", "name of the hold"))
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback release burglary").action(release);
}

async function hold(name: string | undefined, flags: HoldFlags): Promise<void> {
  const settings = await settingsToRead(flags);
  if (flags.list) return await listHolds(settings, flags);
  if (name === undefined) throw usage("Cannot make a hold without a name");
  if (!isHoldName(name)) throw usage(`Cannot name a hold "${name}": need ${NAME_NEED}`);
  const cameraId = chosenCamera(settings, flags);
  const nowMs = systemClock.now();
  const kept: KeptHold = { name, cameraId, ...chosenWindow(flags), createdMs: nowMs };
  for (const line of holdText(kept)) note(line);
  await makeHold(settings.root, kept, systemClock);
  const bytes = heldBytes(settings.root, kept);
  if (flags.json) printJson(toJson(kept, bytes));
  else print(`held     ${formatBytes(bytes)} until: lookback release ${name}`);
}

async function release(name: string, flags: HoldFlags): Promise<void> {
  const { root } = await settingsToRead(flags);
  if (!isHoldName(name) || !await releaseHold(root, name)) {
    const { holds } = await readHolds(root);
    throw new OperatorError("usage", `Cannot release "${name}": there is no such hold`, {
      found: { holds: holds.map((each) => each.name).join(", ") || "none" },
      fix: ["give one of these names; lookback hold --list shows what they keep"],
    });
  }
  if (flags.json) printJson({ released: name });
  else print(`released ${name}`);
}

async function listHolds({ root }: Settings, flags: HoldFlags): Promise<void> {
  const { holds, unreadable } = await readHolds(root);
  for (const path of unreadable) note(`${path} can't be read: nothing is deleted until it is gone`);
  const all = holds.map((each) => ({ kept: each, bytes: heldBytes(root, each) }));
  if (flags.json) {
    printJson({ holds: all.map(({ kept, bytes }) => toJson(kept, bytes)), unreadable });
    return;
  }
  if (all.length === 0) print("no holds");
  for (const { kept, bytes } of all) {
    print(kept.name);
    for (const line of holdText(kept)) print(`  ${line}`);
    print(`  held     ${formatBytes(bytes)}`);
  }
}

function chosenCamera(settings: Settings, { camera, all }: HoldFlags): string | null {
  if ((camera === undefined) === (all !== true)) {
    throw usage("Cannot make a hold: need either --camera ID or --all");
  }
  if (camera === undefined) return null;
  // A camera can be held before it has ever recorded.
  if (settings.cameras.some(({ id }) => id === camera)) return camera;
  using reader = new Reader(settings.root);
  return requireCamera(reader.cameras(), camera).cameraId;
}

function chosenWindow({ from, to, duration }: HoldFlags): TimeWindow {
  if (from === undefined || (to === undefined) === (duration === undefined)) {
    throw usage("Cannot make a hold: need --from TIME, and either --to TIME or --duration LENGTH");
  }
  const context = { nowMs: systemClock.now(), timeZone: localZone() };
  const fromMs = parseInstant(from, context);
  if (duration !== undefined) return makeWindow(fromMs, parseDuration(duration));
  const toMs = parseInstant(to!, context);
  if (toMs > fromMs) return { fromMs, toMs };
  throw new OperatorError("usage", "Cannot make a hold that ends before it begins", {
    found: {
      from: describeInstant(fromMs, context.timeZone),
      to: describeInstant(toMs, context.timeZone),
    },
    fix: ["give --to a later time"],
  });
}

/** What was understood. */
function holdText(kept: KeptHold): string[] {
  const zone = localZone();
  return [
    `camera   ${kept.cameraId ?? "all"}`,
    `from     ${describeInstant(kept.fromMs, zone)}`,
    `to       ${describeInstant(kept.toMs, zone)}`,
    `duration ${formatDuration(windowLengthMs(kept))}`,
  ];
}

/** What a hold keeps now; nothing where nothing is recorded. */
function heldBytes(root: string, kept: KeptHold): number {
  try {
    using reader = new RetentionReader(root);
    const ids = reader.usage().map(({ cameraId }) => cameraId);
    return ids.reduce((sum, id) => sum + reader.bytesIn(id, heldWindows(id, [kept])), 0);
  } catch (error) {
    if (error instanceof OperatorError && error.code === "database-missing") return 0;
    throw error;
  }
}

function toJson(kept: KeptHold, bytes: number): Record<string, unknown> {
  return {
    name: kept.name,
    camera_id: kept.cameraId,
    from: isoUtc(kept.fromMs),
    to: isoUtc(kept.toMs),
    created: isoUtc(kept.createdMs),
    held_bytes: bytes,
  };
}

function usage(message: string): OperatorError {
  return new OperatorError("usage", message, {
    fix: ["lookback hold NAME --camera ID --from TIME --duration LENGTH (--help has an example)"],
  });
}
