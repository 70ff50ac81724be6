/**
 * Recording from the command line: shows what happens, listens for signals and
 * ends in good order.
 *
 * @module
 */

import type { Settings } from "../../config.ts";
import { Recording } from "../app/recording.ts";
import type { RecordingSettings } from "../app/recording_settings.ts";
import { alertPlan } from "../app/alerts.ts";
import { mqttPlan } from "../app/mqtt/mqtt.ts";
import { upkeepPlan } from "../app/upkeep/upkeep.ts";
import { visionPlan } from "../app/vision.ts";
import { webPlan } from "../app/web/web.ts";
import type { ReloadAnswer } from "../app/reload_calls.ts";
import { systemClock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { logger, type LogOutput, type LogRecordMessage, openLog } from "../base/log.ts";
import { formatRecord, type LogFormat } from "../base/log_format.ts";
import { type LogLevels, parseLogLevels } from "../base/log_levels.ts";
import { keepWatch } from "../app/watchdog.ts";
import { tuneAllocator } from "../host/allocator.ts";
import { type Notifier, openNotifySocket } from "../host/notify_socket.ts";
import { type LogFile, openLogFile } from "../host/log_file.ts";
import { runChild } from "../host/process.ts";
import { localZone } from "./context.ts";
import { liveTable } from "./live_table.ts";
import { lineWriter } from "./log_lines.ts";
import { openScreen, type Screen } from "./screen.ts";
import { listen } from "./signals.ts";
import { columns, isTerminal, note } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** How often the table is drawn, in milliseconds. */
const DRAW_MS = 500;

/** A stop that takes longer than this is given up, in milliseconds. */
const STOP_LIMIT_MS = 9_500;

export interface SessionOptions {
  /** Stops after this time, in milliseconds. */
  readonly forMs?: number;
  /** Stops when every file that is played once has ended. */
  readonly untilEnd?: boolean;
  readonly logLevels?: LogLevels;
  readonly logFormat?: LogFormat;
  /** Absolute path of a file that gets the log as well. */
  readonly logFile?: string;
  /** Reads the settings again, on SIGHUP. */
  readonly reload?: () => Promise<Settings>;
}

/** Records until a signal or a limit; everything is on disk when it resolves. */
export async function record(settings: Settings, options: SessionOptions): Promise<void> {
  const playedOnce = requireCameras(settings, options);
  const untuned = tuneAllocator();
  // Said at once and plainly, instead of by every camera again and again.
  await runChild({ command: settings.ffmpegPath, args: ["-version"] });
  using screen = isTerminal() && Deno.stderr.isTerminal() ? openScreen() : undefined;
  using file = options.logFile === undefined ? undefined : openLogFile(options.logFile);
  // Lines are logged, and settings may be asked for, before there is a recording.
  const begun: { recording?: Recording } = {};
  const onLine = (record: LogRecordMessage) => begun.recording?.takeLog(record);
  using output = openOutput(settings, { ...options, screen, file, onLine });
  if (untuned !== undefined) {
    logger("host").debug("The allocator is as it was: {untuned}", { untuned });
  }
  const stopping = new AbortController();
  using notifier = openNotifySocket(Deno.env);
  const readSettings = () => reload(begun.recording, { settings, read: options.reload, notifier });
  const recording = await Recording.start(settings.root, {
    ...recordingSettings(settings),
    onLog: output.take,
    version: VERSION,
    readSettings,
  });
  begun.recording = recording;
  using _signals = listen({
    stop: () => stopping.abort(),
    isStopping: () => stopping.signal.aborted,
    reload: async () => void await readSettings(),
  });
  // Where nobody waits for word there is no need to look each second.
  const watching = Deno.env.get("NOTIFY_SOCKET") === undefined ? undefined : keepWatch({
    notifier,
    clock: systemClock,
    log: logger("cli"),
    readPulse: () => recording.pulse(),
    signal: stopping.signal,
  });
  const drawing = draw(screen, { recording, until: stopping.signal });
  const limits = [systemClock.sleep(options.forMs ?? Infinity, stopping.signal)];
  if (options.untilEnd) {
    limits.push(Promise.all(playedOnce.map((id) => recording.cameraEnded(id))).then(() => {}));
  }
  await Promise.race(limits);
  stopping.abort();
  await Promise.all([drawing, watching]);
  await stop(recording);
  screen?.draw(table(recording));
}

/** Ids of the cameras whose source is played once. */
function requireCameras(settings: Settings, options: SessionOptions): string[] {
  const cameras = settings.cameras.filter(({ enabled }) => enabled);
  if (cameras.length === 0) {
    throw new OperatorError("no-cameras", "Cannot record: no camera is set up", {
      found: { configuration: settings.configPath ?? "none" },
      fix: ['add a camera under "cameras:" in the configuration file, or enable one'],
    });
  }
  const playedOnce = cameras.filter(({ source }) => source.kind === "file" && !source.loop);
  if (options.untilEnd && playedOnce.length === 0) {
    throw new OperatorError("usage", "Cannot stop at the end: no camera plays a file once", {
      fix: ["leave --until-end out, or use --for", "or add a file source without loop: true"],
    });
  }
  return playedOnce.map(({ id }) => id);
}

function recordingSettings(settings: Settings): RecordingSettings {
  const {
    rootIdentity: identity,
    batchDurationMs,
    fragmentMs,
    camerasPerWorker,
    stills,
    ffmpegPath,
  } = settings;
  const cameras = settings.cameras.filter(({ enabled }) => enabled);
  const upkeep = upkeepPlan(settings);
  return {
    identity,
    cameras,
    batchDurationMs,
    fragmentMs,
    camerasPerWorker,
    stills,
    ffmpegPath,
    upkeep,
    vision: visionPlan(settings),
    alerts: alertPlan(settings),
    web: webPlan(settings),
    mqtt: mqttPlan(settings),
  };
}

function openOutput(
  settings: Settings,
  options: SessionOptions & {
    readonly screen: Screen | undefined;
    readonly file: LogFile | undefined;
    readonly onLine: (record: LogRecordMessage) => void;
  },
): LogOutput {
  const { screen, file, onLine } = options;
  const show = lineWriter(
    options.logFormat,
    (line) => screen === undefined ? note(line) : screen.log(line),
  );
  const fileFormat = options.logFormat === "json" ? "json" : "plain";
  return openLog({
    levels: options.logLevels ?? parseLogLevels(settings.logLevel),
    write: (record) => {
      show(record);
      file?.write(formatRecord(fileFormat, record));
      onLine(record);
    },
  });
}

/** Reads the settings again and takes them over; wrong ones change nothing. */
async function reload(
  recording: Recording | undefined,
  from: {
    readonly settings: Settings;
    readonly read: (() => Promise<Settings>) | undefined;
    readonly notifier: Notifier;
  },
): Promise<ReloadAnswer> {
  const log = logger("cli");
  if (from.read === undefined || recording === undefined) {
    log.warning("Nothing to reload: there is no settings file");
    return { ok: false, text: "there is no settings file to read" };
  }
  from.notifier.reloading();
  try {
    const settings = await from.read();
    if (settings.root !== from.settings.root) throw rootChanged(settings.root);
    requireCameras(settings, {});
    const result = await recording.reload(recordingSettings(settings));
    const { started, restarted, stopped, kept } = result;
    const counts = {
      started: started.length,
      restarted: restarted.length,
      stopped: stopped.length,
      kept: kept.length,
    };
    const counted = "{started} started, {restarted} restarted, {stopped} stopped, {kept} untouched";
    log.info(`Settings reloaded: ${counted}`, counts);
    return { ok: true, text: countsText(counts) };
  } catch (error) {
    const reason = error instanceof OperatorError ? error.toText() : messageOf(error);
    log.error("Settings not reloaded, nothing was changed: {reason}", { reason });
    return { ok: false, text: messageOf(error) };
  } finally {
    from.notifier.ready("settings read again");
  }
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(", ");
}

function rootChanged(root: string): OperatorError {
  return new OperatorError("usage", `Cannot move to storage root "${root}" while recording`, {
    fix: ["restart Lookback to record under another storage root"],
  });
}

async function draw(
  screen: Screen | undefined,
  what: { readonly recording: Recording; readonly until: AbortSignal },
): Promise<void> {
  if (screen === undefined) return;
  while (!what.until.aborted) {
    screen.draw(table(what.recording));
    await systemClock.sleep(DRAW_MS, what.until);
  }
}

function table(recording: Recording): string[] {
  const rows = recording.cameraIds.map((id) => ({ id, status: recording.heard.get(id)?.status }));
  return liveTable(rows, { columns: columns(), timeZone: localZone() });
}

async function stop(recording: Recording): Promise<void> {
  const log = logger("cli");
  log.info("Stopping: the open batches are being closed");
  const limit = new AbortController();
  const stopped = recording.stop().finally(() => limit.abort());
  await Promise.race([stopped, systemClock.sleep(STOP_LIMIT_MS, limit.signal)]);
  if (limit.signal.aborted) return await stopped;
  log.error("Cannot end in good order within {limit} ms; files are whole up to the last batch", {
    limit: STOP_LIMIT_MS,
  });
  Deno.exit(1);
}
