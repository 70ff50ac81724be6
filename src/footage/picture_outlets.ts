/**
 * Where live pictures go: standard output, or the clients of a Unix socket. Each
 * outlet writes one picture at a time, and while it does, only the newest few
 * wait: a slow reader loses pictures, and holds up nobody.
 *
 * @module
 */

import { messageOf, OperatorError } from "../base/errors.ts";
import { isoUtc } from "../base/units.ts";
import type { LivePicture } from "./tap_session.ts";

/** What stands between JPEGs. Readers take it from the first line. */
const BOUNDARY = "lookback";

/**
 * A JPEG as a part of multipart/x-mixed-replace, as MJPEG cameras send it (RFC 2046, 5.1).
 * ffmpeg reads it as "mpjpeg".
 */
export function jpegPart(cameraId: string, picture: LivePicture): Uint8Array<ArrayBuffer> {
  const { bytes, atMs, frameId } = picture;
  const head = new TextEncoder().encode(
    [
      `--${BOUNDARY}`,
      "Content-Type: image/jpeg",
      `Content-Length: ${bytes.length}`,
      `X-Lookback-Camera: ${cameraId}`,
      `X-Lookback-Timestamp: ${isoUtc(atMs)}`,
      `X-Lookback-Frame-Id: ${frameId}`,
      "\r\n",
    ].join("\r\n"),
  );
  const part = new Uint8Array(head.length + bytes.length + 2);
  part.set(head);
  part.set(bytes, head.length);
  part.set([0x0d, 0x0a], head.length + bytes.length);
  return part;
}

/**
 * Pictures that may wait. A decoder on a busy box gives them in bursts, which no quick
 * reader should pay for; more would only be older when they are read.
 */
const MAX_WAITING = 3;

/** What bytes are written to. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** One reader of pictures. */
export class PictureOutlet {
  readonly #sink: ByteSink;
  readonly #waiting: Uint8Array[] = [];
  #isWriting = false;
  #isEnded = false;
  readonly #end = Promise.withResolvers<void>();
  written = 0;
  /** Pictures that it was too slow for. */
  lost = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Resolves when the reader has gone. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** @param header Written first, if this is the first picture. */
  offer(picture: Uint8Array, header?: Uint8Array): void {
    if (this.#isEnded) return;
    if (this.#isWriting) {
      this.#waiting.push(picture);
      if (this.#waiting.length <= MAX_WAITING) return;
      this.#waiting.shift();
      this.lost += 1;
      return;
    }
    this.#isWriting = true;
    this.#write(this.written === 0 && header !== undefined ? [header, picture] : [picture]);
  }

  async #write(first: readonly Uint8Array[]): Promise<void> {
    try {
      for (const bytes of first) await writeWhole(this.#sink, bytes);
      this.written += 1;
      for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
        await writeWhole(this.#sink, bytes);
        this.written += 1;
      }
    } catch {
      // A closed pipe or socket is how readers say that they have enough.
      this.#isEnded = true;
      this.#end.resolve();
    }
    this.#isWriting = false;
  }
}

async function writeWhole(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await sink.write(rest));
}

/** The clients of a Unix socket. Disposing closes them, and removes the socket. */
export class SocketOutlets implements Disposable {
  readonly #path: string;
  readonly #listener: Deno.UnixListener;
  readonly #clients = new Map<PictureOutlet, Deno.UnixConn>();
  readonly #onCount: (clients: number) => void;

  private constructor(
    path: string,
    listener: Deno.UnixListener,
    onCount: (clients: number) => void,
  ) {
    this.#path = path;
    this.#listener = listener;
    this.#onCount = onCount;
    this.#accept();
  }

  /**
   * @param onCount Hears how many clients there are, at each change.
   *
   * @throws {OperatorError} "usage" if another program listens there, or nobody can.
   */
  static async listen(path: string, onCount: (clients: number) => void): Promise<SocketOutlets> {
    await removeDead(path);
    try {
      const listener = Deno.listen({ transport: "unix", path });
      // Users of the same group may look as well, others may not.
      await Deno.chmod(path, 0o660);
      return new SocketOutlets(path, listener, onCount);
    } catch (error) {
      throw socketUnusable(path, messageOf(error));
    }
  }

  get count(): number {
    return this.#clients.size;
  }

  offer(picture: Uint8Array, header?: Uint8Array): void {
    for (const outlet of this.#clients.keys()) outlet.offer(picture, header);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#clients.values()) close(connection);
    this.#clients.clear();
    try {
      Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      const outlet = new PictureOutlet(connection);
      this.#clients.set(outlet, connection);
      this.#onCount(this.#clients.size);
      this.#untilGone(outlet, connection);
    }
  }

  /** Clients say nothing: what can be read from one is that it closes. */
  async #untilGone(outlet: PictureOutlet, connection: Deno.UnixConn): Promise<void> {
    await Promise.race([outlet.ended, drained(connection)]);
    if (!this.#clients.delete(outlet)) return;
    close(connection);
    this.#onCount(this.#clients.size);
  }
}

async function drained(connection: Deno.UnixConn): Promise<void> {
  const bytes = new Uint8Array(1_024);
  try {
    while (await connection.read(bytes) !== null);
  } catch {
    // Closed by us, or broken by the client: gone either way.
  }
}

function close(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Removes a socket that nobody listens on any more: a killed tap leaves its own. */
async function removeDead(path: string): Promise<void> {
  try {
    if (!(await Deno.lstat(path)).isSocket) throw socketUnusable(path, "it is no socket");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    return await Deno.remove(path);
  }
  throw socketUnusable(path, "another program listens on it");
}

function socketUnusable(path: string, reason: string): OperatorError {
  return new OperatorError("usage", `Cannot listen on "${path}"`, {
    found: { reason },
    fix: ["name a file that is not there, in a folder that this user may write to, with --socket"],
  });
}
