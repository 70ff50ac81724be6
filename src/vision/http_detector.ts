/**
 * A detector that is somebody else's: each picture is posted to an inference
 * service, as a form with `frame` (a JPEG), `timestamp` (ISO 8601, UTC) and `cameraId`.
 *
 * One picture is under way at a time and one waits, the newest; a service that
 * does not answer is asked less and less often. Whatever it does, vision goes on.
 *
 * Not here: the answer's form (http_detector_answer.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { isoUtc } from "../base/units.ts";
import type { Box, Detection } from "../model/vision.ts";
import { type Detector, type DetectorCounters, NO_COUNTS, type Picture } from "./detector.ts";
import { readAnswer } from "./http_detector_answer.ts";
import { encodeJpeg } from "./http_detector_jpeg.ts";
import { lowestScore, type Scores } from "./model_description.ts";

const log = logger("vision", "detector");

/** Pauses after failures, in milliseconds: twice as long after each, up to half a minute. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** An answer is text about one picture. In bytes. */
const MAX_ANSWER_BYTES = 1_000_000;

/** Lowest confidence that counts where the settings name none: the service has its own idea. */
const SCORES: Scores = { default: 0.35, byClass: {} };

export interface HttpDetectorOptions {
  /** May have user and password. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

interface Waiting {
  readonly picture: Picture;
  readonly minScore: Readonly<Record<string, number>>;
  readonly resolve: (detections: readonly Detection[] | null) => void;
}

export class HttpDetector implements Detector {
  readonly #options: HttpDetectorOptions;
  readonly #address: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #closing = new AbortController();
  readonly #counts = { ...NO_COUNTS };
  #waiting: Waiting | undefined;
  #working: Promise<void> | undefined;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(options: HttpDetectorOptions) {
    this.#options = options;
    const { address, headers } = splitLogin(options.url);
    this.#address = address;
    this.#headers = headers;
  }

  get counters(): DetectorCounters {
    return { ...this.#counts, waiting: this.#waiting === undefined ? 0 : 1 };
  }

  detect(
    picture: Picture,
    regions: readonly Box[],
    minScore: Readonly<Record<string, number>> = {},
  ): Promise<readonly Detection[] | null> {
    this.#counts.asked += 1;
    if (regions.length === 0) return Promise.resolve([]);
    const { promise, resolve } = Promise.withResolvers<readonly Detection[] | null>();
    // Its memory is the caller's, who goes on.
    this.#replace({ picture: { ...picture, yuv: picture.yuv.slice() }, minScore, resolve });
    const isPaused = this.#options.clock.monotonic() < this.#notBeforeMs;
    if (isPaused || this.#closing.signal.aborted) this.#replace(undefined);
    else this.#working ??= this.#work();
    return promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#replace(undefined);
    await this.#working;
  }

  #replace(next: Waiting | undefined): void {
    if (this.#waiting !== undefined) {
      this.#counts.dropped += 1;
      this.#waiting.resolve(null);
    }
    this.#waiting = next;
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      next.resolve(await this.#ask(next));
    }
    this.#working = undefined;
  }

  async #ask({ picture, minScore }: Waiting): Promise<readonly Detection[] | null> {
    const { clock } = this.#options;
    const startedAt = clock.monotonic();
    try {
      const detections = readAnswer(await this.#post(picture), picture);
      this.#counts.looked += 1;
      this.#counts.lastMs = clock.monotonic() - startedAt;
      this.#failures = 0;
      return detections.filter(({ class: name, score }) =>
        score >= lowestScore(name, SCORES, minScore)
      );
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#fail(messageOf(error));
      return null;
    }
  }

  /** @throws {Error} If there is no answer, or not a good one. */
  async #post(picture: Picture): Promise<string> {
    const form = new FormData();
    const jpeg = new Blob([encodeJpeg(picture)], { type: "image/jpeg" });
    form.append("frame", jpeg, "frame.jpg");
    form.append("timestamp", isoUtc(picture.atMs));
    form.append("cameraId", picture.cameraId);
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    const response = await fetch(this.#address, {
      method: "POST",
      body: form,
      headers: this.#headers,
      // A picture goes where the settings say, and nowhere else.
      redirect: "error",
      signal: AbortSignal.any([timeout, this.#closing.signal]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`it answers ${response.status} ${response.statusText}`);
    }
    return await limitedText(response);
  }

  #fail(reason: string): void {
    this.#counts.failed += 1;
    this.#failures += 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    this.#notBeforeMs = this.#options.clock.monotonic() + pauseMs;
    // What came meanwhile would only be old after the pause.
    this.#replace(undefined);
    log.warning("The detector at {host} does not help, asked again in {seconds} s: {reason}", {
      host: this.#address.host,
      seconds: pauseMs / 1_000,
      reason,
    });
  }
}

/** An address without its login, which `fetch` refuses, and the login as a header. */
function splitLogin(url: string): {
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
} {
  const address = new URL(url);
  const { username, password } = address;
  if (username === "") return { address, headers: {} };
  address.username = "";
  address.password = "";
  const login = new TextEncoder().encode(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  );
  return { address, headers: { authorization: `Basic ${login.toBase64()}` } };
}

async function limitedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new Error(`its answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
