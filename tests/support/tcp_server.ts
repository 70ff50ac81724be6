/**
 * A server on 127.0.0.1 whose every connection is answered by a function of the
 * test: a camera that hangs, sends garbage, or changes what it sends.
 *
 * @module
 */

import { until } from "./until.ts";

/** A program that has to start first takes seconds on a busy machine. */
const CONNECTION_LIMIT_MS = 20_000;

/** A running server. Disposing drops its connections. */
export interface TcpServer extends AsyncDisposable {
  /** Host and port, as they stand in a URL. */
  readonly host: string;
  /** Connections taken so far. */
  readonly connections: number;
  /**
   * Resolves when so many connections have been taken; fails after `limitMs` (20 s if not given).
   */
  reached(connection: number, limitMs?: number): Promise<void>;
  /** Closes the port to new clients (`true`), or opens the same port again (`false`). */
  refuse(refusing: boolean): void;
}

/** What is said on one connection, the `number`th from 1. It is closed when the promise resolves. */
export type Talk = (conn: Deno.TcpConn, number: number) => Promise<void>;

/** Says nothing, and goes only when the client goes. */
export async function silence(conn: Deno.TcpConn): Promise<void> {
  const heard = new Uint8Array(4_096);
  while (await conn.read(heard) !== null);
}

export function startTcpServer(talk: Talk): TcpServer {
  return new Server(talk);
}

class Server implements TcpServer {
  connections = 0;
  readonly #talk: Talk;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #tasks = new Set<Promise<void>>();
  #listener: Deno.TcpListener | undefined;
  #port = 0;

  constructor(talk: Talk) {
    this.#talk = talk;
    this.#listen();
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async reached(connection: number, limitMs = CONNECTION_LIMIT_MS): Promise<void> {
    const what = `connection ${connection} of a client`;
    await until(() => this.connections >= connection, { limitMs, what });
  }

  refuse(refusing: boolean): void {
    if (!refusing && this.#listener === undefined) return this.#listen();
    if (!refusing) return;
    this.#listener?.close();
    this.#listener = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse(true);
    for (const conn of this.#open) this.#close(conn);
    await Promise.all(this.#tasks);
  }

  #listen(): void {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port });
    this.#listener = listener;
    this.#port = listener.addr.port;
    this.#own(this.#accept(listener));
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for await (const conn of listener) {
      this.connections += 1;
      this.#open.add(conn);
      this.#own(this.#serve(conn, this.connections));
    }
  }

  async #serve(conn: Deno.TcpConn, number: number): Promise<void> {
    try {
      await this.#talk(conn, number);
    } catch (error) {
      // The client has gone, or the server has: both are ways in which a test ends.
      if (!isHangUp(error)) throw error;
    } finally {
      this.#close(conn);
    }
  }

  #close(conn: Deno.TcpConn): void {
    if (this.#open.delete(conn)) conn.close();
  }

  #own(task: Promise<void>): void {
    const owned = task.finally(() => this.#tasks.delete(owned));
    this.#tasks.add(owned);
  }
}

function isHangUp(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
