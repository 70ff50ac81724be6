/**
 * Chooses what renditions are encoded with: a graphics card where a trial shows that
 * it works, otherwise the processor.
 *
 * In:   the path of ffmpeg, what devices there are. Out: a name, found out once.
 *
 * @module
 */

import { logger } from "../base/log.ts";
import { runChild } from "../host/process.ts";
import { type EncoderKind, encoderTrialArgs, VAAPI_DEVICE } from "../media/rendition_args.ts";

/** How long a trial may take, in milliseconds. */
const TRIAL_LIMIT_MS = 5_000;

/** Encoders on cards, best first, and the device without which a trial is in vain. */
const CARDS = [
  { encoder: "h264_nvenc", device: "/dev/nvidia0" },
  { encoder: "h264_vaapi", device: VAAPI_DEVICE },
] as const;

export class EncoderChoice {
  readonly #ffmpegPath: string;
  #found: Promise<EncoderKind> | undefined;

  constructor(ffmpegPath: string) {
    this.#ffmpegPath = ffmpegPath;
  }

  /** What works; tried at the first call. */
  get(): Promise<EncoderKind> {
    return this.#found ??= this.#find();
  }

  /** An encoder failed at its work: from now on the processor does it. */
  distrust(encoder: EncoderKind): void {
    if (encoder === "libx264") return;
    logger("live").warning(
      "{encoder} failed; renditions are encoded by the processor from now on",
      {
        encoder,
      },
    );
    this.#found = Promise.resolve("libx264");
  }

  async #find(): Promise<EncoderKind> {
    for (const { encoder, device } of CARDS) {
      if (!await isThere(device) || !await this.#works(encoder)) continue;
      logger("live").info("Renditions are encoded by {encoder}", { encoder });
      return encoder;
    }
    return "libx264";
  }

  async #works(encoder: EncoderKind): Promise<boolean> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), TRIAL_LIMIT_MS);
    try {
      const { code } = await runChild({
        command: this.#ffmpegPath,
        args: encoderTrialArgs(encoder),
        signal: limit.signal,
      });
      return code === 0;
    } catch {
      // No ffmpeg: who starts the encoder says so.
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    // Not there, or not for us.
    return false;
  }
}
