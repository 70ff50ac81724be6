/**
 * HTTP over connections that are accepted here, one by one. `Deno.serve` takes any
 * number of them for any time; here they are counted and end: of one client, of
 * all, without a request, idle. A flood costs memory that is known before.
 *
 * The function that serves one connection is the one beneath `Deno.serve` and
 * `node:http`. It has no public name, so it is looked for at the start; without it
 * the program of another Deno version refuses to listen rather than to do without limits.
 *
 * Design: docs/design/security.md, "Connections"
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { InvariantError, messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { clientKey } from "./access/attempts.ts";

const log = logger("web");

export interface ConnectionLimits {
  readonly total: number;
  readonly perClient: number;
  /** Time for the first request after connecting, TLS included. */
  readonly firstRequestMs: number;
  /** Time without a request between two of them. */
  readonly idleMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  total: 1_024,
  // A browser has six, one more for each live view until that is a WebSocket.
  perClient: 128,
  firstRequestMs: 10_000,
  idleMs: 75_000,
};

/** How often connections are looked through at least, in milliseconds. */
const SWEEP_MS = 1_000;

/** Wait after an accept that failed for want of file descriptors, in milliseconds. */
const ACCEPT_PAUSE_MS = 500;

/** A connection as a request sees it. */
export interface ArrivedOn {
  readonly client: string;
  /** Somebody is logged in on it. */
  welcome(): void;
}

export type ConnectionHandler = (
  request: Request,
  connection: ArrivedOn,
) => Response | Promise<Response>;

export interface ConnectionCounts {
  readonly open: number;
  readonly accepted: number;
  /** One client had too many, or all places were taken by those who are logged in. */
  readonly refused: number;
  /** Strangers that had to make room. */
  readonly pushedOut: number;
  /** Without a request for too long. */
  readonly timedOut: number;
}

interface OpenConnection {
  readonly key: string;
  readonly end: EndSignal;
  isWelcome: boolean;
  hasAsked: boolean;
  /** Requests that are not answered to the last byte. */
  running: number;
  quietSinceMs: number;
}

interface ServeInfo {
  /** Settles when the answer has gone out, or can't. */
  readonly completed: Promise<void>;
}

/**
 * Stands where an AbortSignal is asked for. A real one would report an uncaught
 * error, which ends the thread, when the connection is gone already: it may be, for
 * a moment before `finished` says so.
 */
class EndSignal {
  readonly aborted = false;
  #listener = () => {};

  addEventListener(_type: string, listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = () => {};
  }

  abort(): void {
    try {
      this.#listener();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}

type ServeOnConnection = (
  connection: Deno.Conn,
  signal: EndSignal,
  handler: (request: Request, info: ServeInfo) => Response | Promise<Response>,
  onError: (error: unknown) => Response,
  onListen: () => void,
) => { readonly finished: Promise<void>; shutdown(): Promise<void> };

export class HttpConnections {
  readonly #limits: ConnectionLimits;
  readonly #handler: ConnectionHandler;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #isOneClient: boolean;
  /** In the order in which they came. */
  readonly #open = new Set<OpenConnection>();
  readonly #perClient = new Map<string, number>();
  readonly #serve = serveOnConnection();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #finished = new Set<Promise<void>>();
  #accepted = 0;
  #refused = 0;
  #pushedOut = 0;
  #timedOut = 0;

  constructor(
    options: {
      readonly handler: ConnectionHandler;
      readonly clock: Pick<Clock, "monotonic">;
      readonly limits?: ConnectionLimits;
      /** All come from one address, that of a proxy: the limit for one client doesn't count. */
      readonly isBehindProxy?: boolean;
    },
  ) {
    this.#handler = options.handler;
    this.#clock = options.clock;
    this.#limits = options.limits ?? CONNECTION_LIMITS;
    this.#isOneClient = options.isBehindProxy ?? false;
    const { firstRequestMs, idleMs } = this.#limits;
    const sweepMs = Math.min(SWEEP_MS, firstRequestMs / 4, idleMs / 4);
    this.#timer = setInterval(() => this.#sweep(), sweepMs);
    Deno.unrefTimer(this.#timer);
  }

  get counts(): ConnectionCounts {
    return {
      open: this.#open.size,
      accepted: this.#accepted,
      refused: this.#refused,
      pushedOut: this.#pushedOut,
      timedOut: this.#timedOut,
    };
  }

  /** Takes what comes, until the listener is closed. */
  async accept(listener: Deno.Listener): Promise<void> {
    while (true) {
      let connection: Deno.Conn;
      try {
        connection = await listener.accept();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
          return;
        }
        // One that broke off before it was accepted, or no file descriptor left.
        log.warning("Cannot accept a connection: {reason}", { reason: messageOf(error) });
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
        continue;
      }
      this.#take(connection);
    }
  }

  /** Ends all connections, whatever is on them. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const each of this.#open) each.end.abort();
    await Promise.all(this.#finished);
  }

  #take(connection: Deno.Conn): void {
    this.#accepted += 1;
    const address = connection.remoteAddr;
    const client = address.transport === "tcp" ? address.hostname : "";
    const key = clientKey(client);
    if (!this.#hasRoom(key)) {
      this.#refused += 1;
      return connection.close();
    }
    const open: OpenConnection = {
      key,
      end: new EndSignal(),
      isWelcome: false,
      hasAsked: false,
      running: 0,
      quietSinceMs: this.#clock.monotonic(),
    };
    this.#add(open);
    const server = this.#serve(
      connection,
      open.end,
      (request, info) => this.#answer(request, { info, open, client }),
      failed,
      () => {},
    );
    // One that breaks off (no HTTP, a failed handshake) leaves what it had: shutdown() lets go.
    const finished = server.finished.catch(() => server.shutdown()).catch(notEnded).then(() => {
      this.#remove(open);
      this.#finished.delete(finished);
    });
    this.#finished.add(finished);
  }

  #answer(
    request: Request,
    { info, open, client }: {
      readonly info: ServeInfo;
      readonly open: OpenConnection;
      readonly client: string;
    },
  ): Response | Promise<Response> {
    open.hasAsked = true;
    open.running += 1;
    const done = () => {
      open.running -= 1;
      open.quietSinceMs = this.#clock.monotonic();
    };
    info.completed.then(done, done);
    return this.#handler(request, { client, welcome: () => open.isWelcome = true });
  }

  /** Whether one more may come; a stranger goes for it if need be. */
  #hasRoom(key: string): boolean {
    const { total, perClient } = this.#limits;
    if (!this.#isOneClient && (this.#perClient.get(key) ?? 0) >= perClient) return false;
    if (this.#open.size < total) return true;
    for (const each of this.#open) {
      if (each.isWelcome) continue;
      this.#pushedOut += 1;
      this.#end(each);
      return true;
    }
    return false;
  }

  #sweep(): void {
    const { firstRequestMs, idleMs } = this.#limits;
    const nowMs = this.#clock.monotonic();
    for (const each of this.#open) {
      const limitMs = each.hasAsked ? idleMs : firstRequestMs;
      if (each.running > 0 || nowMs - each.quietSinceMs < limitMs) continue;
      this.#timedOut += 1;
      this.#end(each);
    }
  }

  #end(open: OpenConnection): void {
    // Out of the table at once: what is done twice would abort what is gone.
    if (!this.#remove(open)) return;
    open.end.abort();
  }

  #add(open: OpenConnection): void {
    this.#open.add(open);
    this.#perClient.set(open.key, (this.#perClient.get(open.key) ?? 0) + 1);
  }

  #remove(open: OpenConnection): boolean {
    if (!this.#open.delete(open)) return false;
    const left = (this.#perClient.get(open.key) ?? 1) - 1;
    if (left > 0) this.#perClient.set(open.key, left);
    else this.#perClient.delete(open.key);
    return true;
  }
}

function notEnded(error: unknown): void {
  log.warning("Cannot end a connection in order: {reason}", { reason: messageOf(error) });
}

function failed(error: unknown): Response {
  log.error("A request failed: {reason}", { reason: messageOf(error) });
  return new Response(null, { status: 500 });
}

function serveOnConnection(): ServeOnConnection {
  const internals = (Deno as unknown as Record<symbol, Record<string, unknown> | undefined>)[
    (Deno as unknown as { readonly internal: symbol }).internal
  ];
  const serve = internals?.["serveHttpOnConnection"];
  if (typeof serve !== "function") {
    throw new InvariantError(
      `Deno ${Deno.version.deno} can't serve connections one by one: run Lookback as it was built, ` +
        "or its sources with the Deno that ./dev brings",
    );
  }
  return serve as ServeOnConnection;
}
