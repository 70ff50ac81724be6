/**
 * Keeps one connection to the broker alive: opens it, opens another after a growing
 * pause when it ends, and finds out which version of MQTT the broker speaks.
 *
 * In:   how a connection is opened, what is done with one. Out: log lines, the fault.
 * Not here: what is said (link.ts, will_keepers.ts).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { MonotonicMs } from "../base/units.ts";
import type { Connection, Opening, ProtocolVersion } from "./connection.ts";
import { describeFault } from "./connection_fault.ts";
import { pauseMs } from "./retry.ts";

/** A connection that lasted so long was well: its end is a new failure, in milliseconds. */
const HEALTHY_MS = 60_000;

/** Tries with both versions before the pause grows. */
const VERSIONS: readonly ProtocolVersion[] = [5, 4];

export interface KeepParts {
  /** What it throws counts as a failure to connect. */
  readonly open: (version: ProtocolVersion, signal: AbortSignal) => Promise<Opening>;
  /** Uses a connection until it ends; returns why, for people. */
  readonly use: (connection: Connection) => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
  /** One of many: what it has to say is for those who look for it. */
  readonly isQuiet?: boolean;
}

export class KeptConnection {
  readonly #parts: KeepParts;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #version: ProtocolVersion = 5;
  #failuresInRow = 0;
  #connects = 0;
  #fault: string | null = "not connected yet";
  #connection: Connection | undefined;

  constructor(parts: KeepParts) {
    this.#parts = parts;
    this.#done = this.#keep();
  }

  /** Why there is no connection; null while there is one. */
  get fault(): string | null {
    return this.#fault;
  }

  get version(): ProtocolVersion {
    return this.#version;
  }

  /** How often there was a connection. */
  get connects(): number {
    return this.#connects;
  }

  /** Ends the connection in good order. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#connection?.end();
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const reason = await this.#once();
      if (signal.aborted) return;
      await this.#pause(reason);
    }
  }

  /** One connection from its beginning to its end. Returns why it ended. */
  async #once(): Promise<string> {
    const { clock, use } = this.#parts;
    const opening = await this.#open();
    if (!opening.ok) return opening.reason;
    const { connection } = opening;
    const beganAt: MonotonicMs = clock.monotonic();
    this.#connection = connection;
    this.#connects += 1;
    this.#fault = null;
    this.#say("info", "Connected to the broker (MQTT {version})", {
      version: this.#version === 5 ? "5" : "3.1.1",
    });
    try {
      return await use(connection);
    } catch (error) {
      return describeFault(error);
    } finally {
      this.#connection = undefined;
      await connection.end();
      if (clock.monotonic() - beganAt >= HEALTHY_MS) this.#failuresInRow = 0;
    }
  }

  /** Tries the version that worked last, then the other one, where that may be what is wrong. */
  async #open(): Promise<Opening> {
    const { signal } = this.#stopping;
    const first = await this.#tryVersion(this.#version);
    if (first.ok || !first.isVersion || signal.aborted) return first;
    const other = VERSIONS.find((version) => version !== this.#version)!;
    const second = await this.#tryVersion(other);
    if (second.ok) this.#version = other;
    return second.ok ? second : first;
  }

  async #tryVersion(version: ProtocolVersion): Promise<Opening> {
    try {
      return await this.#parts.open(version, this.#stopping.signal);
    } catch (error) {
      return { ok: false, reason: messageOf(error), isVersion: false };
    }
  }

  async #pause(reason: string): Promise<void> {
    const { clock } = this.#parts;
    this.#failuresInRow += 1;
    const lastsMs = pauseMs(this.#failuresInRow, Math.random());
    const said = { reason, pause: (lastsMs / 1_000).toFixed(1) };
    if (this.#fault === reason) {
      this.#say("debug", "Still no connection to the broker: {reason}", said);
    } else {
      this.#say(
        "warning",
        "No connection to the broker: {reason}. Next try in {pause} s, then ever more rarely",
        said,
      );
    }
    this.#fault = reason;
    await clock.sleep(lastsMs, this.#stopping.signal);
  }

  #say(
    level: "info" | "warning" | "debug",
    text: string,
    values: Readonly<Record<string, string>>,
  ): void {
    const { log, isQuiet = false } = this.#parts;
    log[isQuiet ? "debug" : level](text, values);
  }
}
