/**
 * `lookback tap`: live pictures of a camera for another program, on standard
 * output or a Unix socket, without a connection to the service.
 *
 * @module
 */

import { Command, Option } from "commander";
import { join, resolve } from "node:path";
import type { Settings } from "../../config.ts";
import { systemClock } from "../base/clock.ts";
import { nearestWord } from "../base/did_you_mean.ts";
import { OperatorError } from "../base/errors.ts";
import { perSecond } from "../footage/film_rate.ts";
import { jpegPart, PictureOutlet, SocketOutlets } from "../footage/picture_outlets.ts";
import { type LivePicture, rawHeader, runTap } from "../footage/tap_session.ts";
import { namesIn } from "../host/files.ts";
import { lowerOwnPriority } from "../host/low_priority.ts";
import {
  PIXEL_FORMATS,
  type PixelFormat,
  TAP_FORMATS,
  type TapFormat,
  type TapPictures,
} from "../media/tap_args.ts";
import { settingsToRead, type SharedOptions, withShared } from "./context.ts";
import { readRate } from "./export_change.ts";
import { readSize } from "./frames.ts";
import { interruptible } from "./interrupt.ts";
import { note } from "./terminal.ts";

interface TapFlags extends SharedOptions {
  readonly camera: string;
  readonly fps: string;
  readonly format: TapFormat;
  readonly pixels: PixelFormat;
  readonly size?: string;
  readonly socket?: string;
}

export function tapCommand(): Command {
  const command = new Command("tap")
    .description("stream live pictures of a camera that is being recorded to another program")
    .requiredOption("--camera <id>", "which camera")
    .option("--fps <rate>", "pictures a second at most: 5, 0.5, 30000/1001", "5")
    .addOption(
      new Option("--format <format>", "multipart JPEGs, or raw pixels behind a line of JSON")
        .choices([...TAP_FORMATS]).default("mjpeg"),
    )
    .addOption(
      new Option("--pixels <order>", "order of raw pixels").choices([...PIXEL_FORMATS])
        .default("rgb24"),
    )
    .option("--size <WxH>", "size of the pictures in pixels (default: the camera's)")
    .option("--socket <file>", "serve a Unix socket instead of standard output");
  const example = "lookback tap --camera front --fps 5 | ffplay -f mpjpeg -";
  return withShared(command, example).action(runTapCommand);
}

async function runTapCommand(flags: TapFlags): Promise<void> {
  await lowerOwnPriority();
  const pictures: TapPictures = {
    fps: perSecond(readRate(flags.fps)),
    format: flags.format,
    pixels: flags.pixels,
    size: flags.size === undefined ? null : readSize(flags.size),
  };
  if (flags.socket === undefined && Deno.stdout.isTerminal()) {
    throw new OperatorError("usage", "Cannot show pictures on a terminal", {
      fix: [
        "give them to a program: lookback tap --camera front | ffplay -f mpjpeg -",
        "or to the clients of a socket: --socket /run/lookback/front.sock",
      ],
    });
  }
  const settings = await settingsToRead(flags);
  await requireKnown(settings, flags.camera);
  const tap: Tap = { settings, cameraId: flags.camera, pictures };
  if (flags.socket === undefined) await interruptible((signal) => toOutput(tap, signal));
  else await interruptible((signal) => toSocket(tap, resolve(flags.socket!), signal));
}

interface Tap {
  readonly settings: Settings;
  readonly cameraId: string;
  readonly pictures: TapPictures;
}

/** Ends when the reader closes the pipe. */
async function toOutput(tap: Tap, signal: AbortSignal): Promise<void> {
  const outlet = new PictureOutlet(Deno.stdout);
  const gone = new AbortController();
  outlet.ended.then(() => gone.abort());
  const ending = AbortSignal.any([signal, gone.signal]);
  await follow(tap, ending, (picture, header) => outlet.offer(picture, header));
  note(`done     ${outlet.written} pictures, ${outlet.lost} lost because the reader was slow`);
}

/** Decodes while somebody listens. */
async function toSocket(tap: Tap, path: string, signal: AbortSignal): Promise<void> {
  let change = Promise.withResolvers<void>();
  using outlets = await SocketOutlets.listen(path, (count) => {
    note(`clients  ${count}`);
    change.resolve();
    change = Promise.withResolvers();
  });
  note(`socket   ${path}`);
  const stopped = new Promise<void>((stop) => signal.addEventListener("abort", () => stop()));
  while (!signal.aborted) {
    if (outlets.count === 0) {
      await Promise.race([change.promise, stopped]);
      continue;
    }
    const alone = new AbortController();
    const following = follow(
      tap,
      AbortSignal.any([signal, alone.signal]),
      (picture, header) => outlets.offer(picture, header),
    );
    while (outlets.count > 0 && !signal.aborted) await Promise.race([change.promise, stopped]);
    alone.abort();
    await following;
  }
}

async function follow(
  { settings, cameraId, pictures }: Tap,
  signal: AbortSignal,
  offer: (picture: Uint8Array, header?: Uint8Array) => void,
): Promise<void> {
  const give = (picture: LivePicture) =>
    pictures.format === "raw"
      ? offer(picture.bytes, rawHeader({ cameraId, pictures, size: picture.size }))
      : offer(jpegPart(cameraId, picture));
  await runTap({
    ...{ root: settings.root, ffmpegPath: settings.ffmpegPath, clock: systemClock },
    ...{ cameraId, pictures, signal },
    onPicture: give,
    onState: (state) => note(stateLine(cameraId, state)),
    onFault: (reason) => note(`decoder  ended, the next key frame goes to another: ${reason}`),
  });
}

function stateLine(cameraId: string, state: "live" | "waiting"): string {
  return state === "live"
    ? `live     "${cameraId}"`
    : `waiting  "${cameraId}" is not being recorded now`;
}

/** A camera of the settings, or one that has recorded under this root. */
async function requireKnown({ root, cameras }: Settings, id: string): Promise<void> {
  const recorded = (await namesIn(join(root, "data", "open")))
    .flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []);
  const ids = [...new Set([...cameras.map((camera) => camera.id), ...recorded])];
  if (ids.includes(id)) return;
  const near = nearestWord(id, ids);
  throw new OperatorError("camera-unknown", `Cannot find camera "${id}"`, {
    found: { cameras: ids.join(", ") || "none has recorded here" },
    fix: [near === null ? "give one of these with --camera" : `did you mean --camera ${near}?`],
  });
}
