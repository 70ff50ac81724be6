/**
 * One SourceBuffer that is fed piece by piece: what comes while it works waits and
 * goes in at once afterwards; what was shown is thrown away.
 *
 * @module
 */

/** Waiting bytes above this mean that the browser can't keep up: better to begin anew. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/** Kept behind the picture. */
const KEEP_S = 10;

/** How often the past is thrown away, in seconds of stream. */
const TIDY_EVERY_S = 20;

/** `ManagedMediaSource` is all that an iPhone has. */
interface MediaSourceKind {
  new (): MediaSource;
  isTypeSupported(mime: string): boolean;
}

/** The browser's Media Source Extensions; undefined where it has none. */
export function mediaSourceKind(): MediaSourceKind | undefined {
  const all = globalThis as { ManagedMediaSource?: MediaSourceKind; MediaSource?: MediaSourceKind };
  return all.MediaSource ?? all.ManagedMediaSource;
}

export class MseBuffer {
  readonly #source: MediaSource;
  readonly #url: string;
  #buffer: SourceBuffer | undefined;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #tidiedS = 0;
  #isClosed = false;

  /**
   * @param onGrown Called when new frames can be shown.
   * @param onFailed Called once at most.
   */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly tell: {
      readonly mime: string;
      readonly onGrown: () => void;
      readonly onFailed: (reason: string) => void;
    },
  ) {
    const Kind = mediaSourceKind()!;
    this.#source = new Kind();
    this.#url = URL.createObjectURL(this.#source);
    // Without this ManagedMediaSource does not open.
    video.disableRemotePlayback = true;
    this.#source.addEventListener("sourceopen", () => this.#open(), { once: true });
    video.src = this.#url;
  }

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MOST_WAITING_BYTES) {
      this.#fail("the browser can't keep up");
      return;
    }
    this.#feed();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    URL.revokeObjectURL(this.#url);
  }

  #open(): void {
    if (this.#isClosed) return;
    try {
      this.#buffer = this.#source.addSourceBuffer(this.tell.mime);
    } catch (error) {
      this.#fail(`the browser refuses ${this.tell.mime}: ${String(error)}`);
      return;
    }
    this.#buffer.addEventListener("updateend", () => {
      this.tell.onGrown();
      this.#feed();
    });
    this.#feed();
  }

  #feed(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || buffer.updating || this.#isClosed) return;
    if (this.#source.readyState !== "open") return;
    try {
      if (this.#tidies(buffer) || this.#waiting.length === 0) return;
      buffer.appendBuffer(joined(this.#waiting, this.#waitingBytes));
      this.#waiting = [];
      this.#waitingBytes = 0;
    } catch (error) {
      // A full buffer is emptied behind the picture; what waits goes in afterwards.
      if (error instanceof DOMException && error.name === "QuotaExceededError") {
        this.#tidiedS = -Infinity;
        if (this.#tidies(buffer)) return;
      }
      this.#fail(String(error));
    }
  }

  /** @returns True where it has begun to throw something away. */
  #tidies(buffer: SourceBuffer): boolean {
    const nowS = this.video.currentTime;
    if (nowS - this.#tidiedS < TIDY_EVERY_S) return false;
    this.#tidiedS = nowS;
    const untilS = nowS - KEEP_S;
    if (buffer.buffered.length === 0 || buffer.buffered.start(0) >= untilS) return false;
    buffer.remove(0, untilS);
    return true;
  }

  #fail(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.tell.onFailed(reason);
  }
}

function joined(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  totalBytes: number,
): Uint8Array<ArrayBuffer> {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(totalBytes);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
