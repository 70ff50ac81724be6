/**
 * Whether ffmpeg makes Opus, which is not in every build of it: asked when somebody
 * first listens, and remembered once its list of encoders was really read.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { runChild } from "../host/process.ts";
import { ENCODER_LIST_ARGS, hasOpusEncoder } from "../media/opus_args.ts";

/** How long ffmpeg may take to list its encoders, in milliseconds: a viewer waits for it. */
const LIST_LIMIT_MS = 2_000;

export class SoundAbility {
  readonly #ffmpegPath: string | undefined;
  readonly #stop: AbortSignal;
  readonly #log = logger("live", "sound");
  #known: Promise<boolean> | undefined;

  /** @param options `stop` ends the question. */
  constructor(options: { readonly ffmpegPath: string | undefined; readonly stop: AbortSignal }) {
    this.#ffmpegPath = options.ffmpegPath;
    this.#stop = options.stop;
  }

  /** Never throws: where it can't be found out the log says why, and the next who listens asks again. */
  get(): Promise<boolean> {
    return this.#known ??= this.#ask();
  }

  /** Resolves when no process is left; `stop` must be aborted. */
  async closed(): Promise<void> {
    await this.#known;
  }

  async #ask(): Promise<boolean> {
    if (this.#ffmpegPath === undefined) return false;
    try {
      const can = await canEncodeSound(this.#ffmpegPath, this.#stop);
      if (!can) {
        this.#log.warning(
          'Live views over WebRTC have no sound: ffmpeg has no encoder "libopus"; ' +
            "install an ffmpeg that has it, or listen over MSE or HLS",
        );
      }
      return can;
    } catch (error) {
      this.#known = undefined;
      if (this.#stop.aborted) return false;
      const reason = messageOf(error);
      this.#log.warning("A live view over WebRTC has no sound: {reason}", { reason });
      return false;
    }
  }
}

/** @throws {Error} Where the list could not be read, which says nothing about what is in it. */
async function canEncodeSound(ffmpegPath: string, stop: AbortSignal): Promise<boolean> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIST_LIMIT_MS);
  try {
    const { code, stdout, errorTail } = await runChild({
      command: ffmpegPath,
      args: ENCODER_LIST_ARGS,
      signal: AbortSignal.any([limit.signal, stop]),
    });
    const fault = limit.signal.aborted
      ? `it took longer than ${LIST_LIMIT_MS} ms`
      : code !== 0
      ? errorTail.at(-1) ?? `code ${code}`
      : undefined;
    if (fault !== undefined) throw new Error(`Cannot have ffmpeg list its encoders: ${fault}`);
    return hasOpusEncoder(new TextDecoder().decode(stdout));
  } finally {
    clearTimeout(timer);
  }
}
