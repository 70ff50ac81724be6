/**
 * Looks at everything that recording needs, and has each thing judged.
 *
 * In:   the settings, or the reason why there are none.
 * Out:  a {@linkcode Finding} for each thing, in a fixed order.
 * Not here: what is good or bad (judge_*.ts).
 *
 * @module
 */

import type { CameraSettings, Settings } from "../../../config.ts";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { measureDisk } from "../../host/disk_probe.ts";
import {
  readClockState,
  readOpenFileLimit,
  readServiceState,
  type ServiceState,
} from "../../host/machine_state.ts";
import { isRootHeld } from "../../host/root_lock.ts";
import { sourceLabel } from "../../model/camera.ts";
import { checkDatabase } from "../../store/database_check.ts";
import type { FfmpegChoice } from "../ffmpeg_choice.ts";
import { inParallel } from "../discover/in_parallel.ts";
import { checkBroker } from "../mqtt/check.ts";
import { type ProbeResult, probeSource } from "../probe.ts";
import { type Finding, fine, type Judgement, problem, warning } from "./finding.ts";
import { judgeCamera } from "./judge_camera.ts";
import { judgeDisk } from "./judge_disk.ts";
import { judgeClock, judgeMemory, judgeOpenFiles } from "./judge_machine.ts";
import { judgeDatabase, judgeRecording, judgeService } from "./judge_service.ts";
import { examinePrograms } from "./measure_programs.ts";
import { examineWeb } from "./measure_web.ts";

/** What the doctor is told; the whole of the settings fits. */
export type DoctorSettings = Pick<
  Settings,
  "root" | "batchDurationMs" | "cameras" | "configPath" | "web" | "mqtt"
>;

export interface ExamineOptions {
  /** An OperatorError where the configuration can't be used: the rest is looked at all the same. */
  readonly settings: DoctorSettings | OperatorError;
  /** An OperatorError where none could be made ready. */
  readonly programs: FfmpegChoice | OperatorError;
  readonly nowMs: number;
  /** Ends the examination early; it then throws the signal's reason. */
  readonly signal: AbortSignal;
}

/** Cameras looked at at the same time: each takes an ffprobe. */
const PROBES_AT_ONCE = 4;

/** What a camera is taken to send when it could not be asked, in bytes a second: 8 Mbit/s. */
const USUAL_BYTES_PER_SECOND = 1_000_000;

/** Looks at everything. Takes as long as the slowest cameras: about seven seconds for each four. */
export async function examine(options: ExamineOptions): Promise<Finding[]> {
  const { settings, programs, nowMs } = options;
  const service = await readServiceState();
  const clock = await readClockState();
  const general = [
    ...await examinePrograms(programs),
    finding("clock", judgeClock(clock, nowMs), {
      synchronised: clock.isSynchronised,
      source: clock.source,
    }),
  ];
  if (settings instanceof OperatorError) {
    const judgement = problem(messageOf(settings), settings.advice.fix[0]);
    return [
      finding("configuration", judgement, { code: settings.code }),
      ...general,
      finding("service", judgeService(service), serviceFacts(service)),
    ];
  }
  return [
    finding("configuration", ...judgeConfiguration(settings)),
    ...general,
    ...await examineWithSettings(settings, { ...options, service }),
  ];
}

function judgeConfiguration(settings: DoctorSettings): [Judgement, Finding["facts"]] {
  const { cameras, configPath } = settings;
  const enabled = cameras.filter((camera) => camera.enabled).length;
  const facts = { file: configPath, cameras: cameras.length, enabled };
  const place = configPath ?? "no file";
  if (enabled === 0) {
    const says = `${place}: no camera is set up`;
    return [warning(says, "lookback init asks for cameras and writes the file"), facts];
  }
  const disabled = cameras.length - enabled;
  const rest = disabled === 0 ? "" : `, ${disabled} disabled`;
  return [fine(`${place}: ${enabled} ${enabled === 1 ? "camera" : "cameras"}${rest}`), facts];
}

async function examineWithSettings(
  settings: DoctorSettings,
  options: ExamineOptions & { readonly service: ServiceState | null },
): Promise<Finding[]> {
  const { root, web, mqtt } = settings;
  const { service, nowMs, signal } = options;
  const cameras = settings.cameras.filter(({ enabled }) => enabled);
  const isHeld = await readHeld(root);
  const looks = await inParallel(cameras, {
    limit: PROBES_AT_ONCE,
    work: async (camera) => ({ camera, result: await lookAt(camera, options) }),
  });
  const database = await checkDatabase(root);
  return [
    // After the probes: they would be felt in its measure.
    await examineDisk(settings, looks.map(({ result }) => result)),
    ...await examineLimits(cameras.length, isHeld === true),
    ...looks.map(({ camera, result }) => cameraFinding(camera, result)),
    finding("database", judgeDatabase(database), { ...database }),
    finding("service", judgeService(service), serviceFacts(service)),
    finding("recording", judgeRecording({ root, isHeld, service }), { root, recording: isHeld }),
    ...(mqtt === null ? [] : [
      finding("mqtt", await checkBroker(mqtt, signal), { commands: mqtt.allowCommands }),
    ]),
    ...(web === null ? [] : [
      finding("page", await examineWeb(web, { root, isRecording: isHeld === true, nowMs }), {
        ...web.listen,
        encrypted: web.tls !== null,
      }),
    ]),
  ];
}

async function readHeld(root: string): Promise<boolean | null> {
  try {
    return await isRootHeld(root);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

async function lookAt(
  { source }: CameraSettings,
  { programs, signal }: ExamineOptions,
): Promise<ProbeResult> {
  if (programs instanceof OperatorError) return { ok: false, problem: "there is no ffprobe" };
  try {
    return await probeSource(source, { ffprobePath: programs.ffprobePath, signal });
  } catch (error) {
    // No ffprobe: that has a finding of its own, and here is what it means.
    if (error instanceof OperatorError) return { ok: false, problem: error.message };
    throw error;
  }
}

function cameraFinding({ id, source }: CameraSettings, result: ProbeResult): Finding {
  const { says, ...judgement } = judgeCamera(source, result);
  const label = sourceLabel(source);
  return finding(`camera ${id}`, { ...judgement, says: `${label}: ${says}` }, {
    id,
    source: label,
    ...result,
  });
}

async function examineDisk(
  { root, batchDurationMs }: DoctorSettings,
  probes: readonly ProbeResult[],
): Promise<Finding> {
  const rates = probes.map((probe) =>
    probe.ok && probe.video.bitsPerSecond !== null
      ? probe.video.bitsPerSecond / 8
      : USUAL_BYTES_PER_SECOND
  );
  const load = {
    cameras: probes.length,
    bytesPerSecond: rates.reduce((sum, rate) => sum + rate, 0),
    batchDurationMs,
  };
  const disk = await measureDisk(root);
  const { freeBytes, totalBytes, path, write } = disk;
  return finding("disk", judgeDisk(disk, load), {
    path,
    free_bytes: freeBytes,
    total_bytes: totalBytes,
    needed_bytes_per_second: Math.round(load.bytesPerSecond),
    ...(write.ok
      ? {
        bytes_per_second: Math.round(write.bytesPerSecond),
        sync_ms: Number(write.syncMs.toFixed(2)),
        worst_sync_ms: Number(write.worstSyncMs.toFixed(2)),
      }
      : { write_problem: write.reason }),
  });
}

async function examineLimits(cameras: number, isRecording: boolean): Promise<Finding[]> {
  const limit = await readOpenFileLimit();
  const { available: availableBytes, total: totalBytes } = Deno.systemMemoryInfo();
  const memory = judgeMemory({ availableBytes, totalBytes }, isRecording ? 0 : cameras);
  return [
    finding("open files", judgeOpenFiles(limit, cameras), { limit }),
    finding("memory", memory, { available_bytes: availableBytes, total_bytes: totalBytes }),
  ];
}

function serviceFacts(service: ServiceState | null): Finding["facts"] {
  return service === null ? { systemd: false } : { systemd: true, ...service };
}

function finding(check: string, judgement: Judgement, facts: Finding["facts"]): Finding {
  return { check, ...judgement, facts: snakeCase(facts) };
}

/** Keys as programs read them everywhere: "isInstalled" is "is_installed". */
function snakeCase(value: Finding["facts"]): Finding["facts"] {
  const renamed = Object.entries(value).map(([key, part]) => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    isPlainObject(part) ? snakeCase(part) : part,
  ]);
  return Object.fromEntries(renamed);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
