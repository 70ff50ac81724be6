/**
 * Recording from the command line: shows what happens, listens for signals and
 * ends in good order.
 *
 * @module
 */

import type { Settings } from "../../config.ts";
import { type Recording, startRecording } from "../app/recording.ts";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { logger, logToLines } from "../base/log.ts";
import { localZone } from "./context.ts";
import { liveTable } from "./live_table.ts";
import { openScreen, type Screen } from "./screen.ts";
import { columns, isTerminal, note } from "./terminal.ts";

/** How often the table is drawn, in milliseconds. */
const DRAW_MS = 500;

/** A stop that takes longer than this is given up, in milliseconds. */
const STOP_LIMIT_MS = 9_500;

export interface SessionLimits {
  /** Stops after this time, in milliseconds. */
  readonly forMs?: number;
  /** Stops when every file that is played once has ended. */
  readonly untilEnd?: boolean;
}

/** Records until a signal or a limit; everything is on disk when it resolves. */
export async function record(settings: Settings, limits: SessionLimits): Promise<void> {
  const cameras = settings.cameras.filter(({ enabled }) => enabled);
  if (cameras.length === 0) {
    throw new OperatorError("no-cameras", "Cannot record: no camera is set up", {
      found: { configuration: settings.configPath ?? "none" },
      fix: ['add a camera under "cameras:" in the configuration file, or enable one'],
    });
  }
  using screen = isTerminal() ? openScreen() : undefined;
  const onLog = logToLines({
    level: settings.logLevel,
    print: (line) => screen === undefined ? note(line) : screen.log(line),
  });
  const stopping = stopSignal();
  const recording = await startRecording({
    root: settings.root,
    cameras,
    batchDurationMs: settings.batchDurationMs,
    fragmentMs: settings.fragmentMs,
    stills: settings.stills,
    ffmpegPath: settings.ffmpegPath,
    onLog,
  });
  const ids = cameras.map(({ id }) => id);
  const drawing = draw(screen, { recording, ids, until: stopping.signal });
  await Promise.race([
    ended(recording, { ids, settings, limits }),
    systemClock.sleep(limits.forMs ?? 2 ** 31 - 1, stopping.signal),
  ]);
  stopping.stop();
  await drawing;
  await stop(recording);
  screen?.draw(table(recording, ids));
}

/** Aborted by SIGINT and SIGTERM, or by hand. A second signal ends the process at once. */
function stopSignal(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const stopping = new AbortController();
  const onSignal = () => {
    if (stopping.signal.aborted) Deno.exit(1);
    logger("cli").info("Stopping: the open batches are being closed");
    stopping.abort();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  return { signal: stopping.signal, stop: () => stopping.abort() };
}

/** Resolves when nothing is left to record. */
async function ended(
  recording: Recording,
  session: {
    readonly ids: readonly string[];
    readonly settings: Settings;
    readonly limits: SessionLimits;
  },
): Promise<void> {
  if (!session.limits.untilEnd) return await recording.ended;
  const once = session.settings.cameras.filter(({ id, source }) =>
    session.ids.includes(id) && source.kind === "file" && !source.loop
  );
  await Promise.all(once.map(({ id }) => recording.cameraEnded(id)));
}

async function draw(
  screen: Screen | undefined,
  what: {
    readonly recording: Recording;
    readonly ids: readonly string[];
    readonly until: AbortSignal;
  },
): Promise<void> {
  if (screen === undefined) return;
  while (!what.until.aborted) {
    screen.draw(table(what.recording, what.ids));
    await systemClock.sleep(DRAW_MS, what.until);
  }
}

function table(recording: Recording, ids: readonly string[]): string[] {
  const rows = ids.map((id) => ({ id, status: recording.statuses.get(id) }));
  return liveTable(rows, { columns: columns(), timeZone: localZone() });
}

async function stop(recording: Recording): Promise<void> {
  const limit = new AbortController();
  const stopped = recording.stop().finally(() => limit.abort());
  await Promise.race([stopped, systemClock.sleep(STOP_LIMIT_MS, limit.signal)]);
  if (limit.signal.aborted) return await stopped;
  logger("cli").error(
    "Cannot end in good order within {limit} ms; files are whole up to the last batch",
    {
      limit: STOP_LIMIT_MS,
    },
  );
  Deno.exit(1);
}
