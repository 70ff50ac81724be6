/**
 * `lookback cameras`: looks at a source, lists the cameras of the configuration,
 * and finds cameras on the network.
 *
 * @module
 */

import { Command } from "commander";
import { dirname, resolve } from "node:path";
import type { CameraSettings, Settings } from "../../config.ts";
import { exists } from "../app/archive.ts";
import { chooseFfmpeg } from "../app/ffmpeg_choice.ts";
import { describeProbe, type ProbeResult, probeSource } from "../app/probe.ts";
import { takeSnapshot } from "../app/snapshot.ts";
import { OperatorError } from "../base/errors.ts";
import { ensureFolder, writeFileDurably } from "../host/durable.ts";
import { type CameraSource, parseSource, sourceLabel } from "../model/camera.ts";
import { settingsToRead, settingsToRecord, type SharedOptions, withShared } from "./context.ts";
import { discoverCommand } from "./discover.ts";
import { interruptible } from "./interrupt.ts";
import { note, print, printJson } from "./terminal.ts";

interface ListFlags extends SharedOptions {
  readonly json?: boolean;
}

interface ProbeFlags extends ListFlags {
  readonly still?: string;
}

export function camerasCommand(): Command {
  return new Command("cameras")
    .description("look at a source, list the cameras, find cameras on the network")
    .addCommand(probeCommand())
    .addCommand(listCommand())
    .addCommand(discoverCommand())
    .addHelpText(
      "after",
      "\nExample:\n  lookback cameras probe rtsp://user:password@192.0.2.10/stream1",
    );
}

function probeCommand(): Command {
  const command = new Command("probe")
    .description(
      "look at a source: codec, size, rate, key frames, audio; exit code 1 without video",
    )
    .argument("<source>", "URL, video file, test://WIDTHxHEIGHT@FPS, or a configured camera's id")
    .option("--still <file>", "also write a picture of it as a JPEG")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback cameras probe yard.mp4 --still yard.jpg").action(probe);
}

function listCommand(): Command {
  const command = new Command("list")
    .description("list the cameras of the configuration, without passwords")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback cameras list --json").action(list);
}

async function probe(text: string, flags: ProbeFlags): Promise<void> {
  const settings = await settingsToRead(flags);
  const source = sourceOf(text, settings.cameras);
  const stillPath = flags.still === undefined ? undefined : await freePath(flags.still);
  const { result, still } = await interruptible((signal) =>
    look(source, { settings, stillPath, signal })
  );
  if (flags.json) {
    printJson({ source: sourceLabel(source), ...probeToJson(result), still: still ?? null });
  } else {
    print(`source   ${sourceLabel(source)}`);
    print(`${result.ok ? "stream " : "problem"}  ${describeProbe(result)}`);
    if (still !== undefined) print(`still    ${still}`);
  }
  const isComplete = result.ok && still === stillPath;
  if (!isComplete) Deno.exitCode = 1;
}

/** The source that a person means: what the configuration would take, or a camera in it. */
function sourceOf(text: string, cameras: readonly CameraSettings[]): CameraSource {
  const camera = cameras.find(({ id }) => id === text);
  if (camera !== undefined) return camera.source;
  const parsed = parseSource(text, { loop: false, resolvePath: (path) => resolve(path) });
  if (parsed.ok) return parsed.source;
  throw new OperatorError("usage", `Cannot look at "${text}": it is no source`, {
    fix: [`give ${parsed.problem}`],
  });
}

/** One after the other: many cameras serve few clients at a time. */
async function look(
  source: CameraSource,
  { settings, stillPath, signal }: {
    readonly settings: Settings;
    readonly stillPath: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly result: ProbeResult; readonly still?: string }> {
  const { ffmpegPath, ffprobePath } = await chooseFfmpeg(settings);
  const result = await probeSource(source, { ffprobePath, signal });
  if (!result.ok || stillPath === undefined) return { result };
  const snapshot = await takeSnapshot(source, { ffmpegPath, signal });
  if (!snapshot.ok) {
    note(`Cannot write a picture: ${snapshot.problem}`);
    return { result };
  }
  await ensureFolder(dirname(stillPath));
  await writeFileDurably(stillPath, snapshot.jpeg);
  return { result, still: stillPath };
}

async function freePath(out: string): Promise<string> {
  const path = resolve(out);
  if (!await exists(path)) return path;
  throw new OperatorError("export-target-exists", `Cannot write "${path}": it is there already`, {
    fix: ["give another name with --still", "or move the old file away"],
  });
}

/** A probe's result as programs read it. */
export function probeToJson(result: ProbeResult): Record<string, unknown> {
  if (!result.ok) return { ok: false, problem: result.problem };
  const { video, audio } = result;
  return {
    ok: true,
    video: {
      codec: video.codec,
      width: video.width,
      height: video.height,
      fps: video.fps,
      key_frame_seconds: video.keyFrameSeconds,
      bits_per_second: video.bitsPerSecond,
    },
    audio: audio === null
      ? null
      : { codec: audio.codec, sample_rate: audio.sampleRate, channels: audio.channels },
  };
}

async function list(flags: ListFlags): Promise<void> {
  const { cameras, configPath } = await settingsToRecord(flags);
  if (flags.json) {
    printJson({ configuration: configPath, cameras: cameras.map(cameraToJson) });
    return;
  }
  if (cameras.length === 0) print(`no camera in ${configPath}`);
  const idWidth = Math.max(...cameras.map(({ id }) => id.length));
  for (const { id, name, enabled, source } of cameras) {
    const title = name === id ? "" : `  (${name})`;
    print(
      `${id.padEnd(idWidth)}  ${enabled ? "enabled " : "disabled"}  ${sourceLabel(source)}${title}`,
    );
  }
}

function cameraToJson(camera: CameraSettings): Record<string, unknown> {
  return {
    id: camera.id,
    name: camera.name,
    enabled: camera.enabled,
    source: sourceLabel(camera.source),
    geo_location: camera.geoLocation,
    stills: camera.stillsEnabled,
  };
}
