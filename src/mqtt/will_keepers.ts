/**
 * Last wills of cameras. A connection has one will, and that of the line to the broker
 * speaks for the box: so each camera has a small connection of its own, which says
 * nothing and whose end marks the camera offline.
 *
 * In:   which cameras there are. Out: connections.
 *
 * Design: docs/design/mqtt.md, "Last wills"
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { logger } from "../base/log.ts";
import { readAccess } from "./broker_access.ts";
import { cameraWill } from "./camera_messages.ts";
import { openConnection, type ProtocolVersion } from "./connection.ts";
import { KeptConnection } from "./keep_connected.ts";
import type { MqttSettings } from "./settings.ts";

export interface WillParts {
  readonly settings: MqttSettings;
  /** That of the line; theirs begin with it. */
  readonly clientId: string;
  readonly clock: Clock;
  /** The connection before may have left its will behind: say what is so. */
  readonly onUp: (cameraId: string) => void;
}

export class WillKeepers {
  readonly #parts: WillParts;
  readonly #kept = new Map<string, KeptConnection>();
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(parts: WillParts) {
    this.#parts = parts;
  }

  /** How many there are, and how many of them have no connection. */
  get counters(): { readonly keepers: number; readonly down: number } {
    const down = [...this.#kept.values()].filter(({ fault }) => fault !== null).length;
    return { keepers: this.#kept.size, down };
  }

  /** Keeps a will for these cameras, and for no others. */
  keep(cameraIds: readonly string[]): void {
    for (const [id, kept] of this.#kept) {
      if (cameraIds.includes(id)) continue;
      this.#kept.delete(id);
      this.#leave(id, kept);
    }
    for (const id of cameraIds) {
      if (!this.#kept.has(id)) this.#kept.set(id, this.#start(id));
    }
  }

  /** Ends all in good order: no will is carried out. */
  async stop(): Promise<void> {
    this.keep([]);
    await Promise.all(this.#leaving.values());
  }

  #leave(id: string, kept: KeptConnection): void {
    const left = Promise.all([this.#leaving.get(id), kept.stop()]).then(() => {
      if (this.#leaving.get(id) === left) this.#leaving.delete(id);
    });
    this.#leaving.set(id, left);
  }

  #start(cameraId: string): KeptConnection {
    const { settings, clientId, clock, onUp } = this.#parts;
    const open = async (version: ProtocolVersion, signal: AbortSignal) => {
      // One name has one connection: the one before says goodbye first.
      await this.#leaving.get(cameraId);
      const will = cameraWill(cameraId, clock.now());
      return await openConnection({
        access: await readAccess(settings),
        version,
        clientId: `${clientId}-${cameraId}`,
        will: { ...will, topic: `${settings.prefix}${will.topic}` },
        session: null,
        signal,
      });
    };
    return new KeptConnection({
      open,
      use: (connection) => {
        onUp(cameraId);
        return connection.closed;
      },
      clock,
      log: logger("mqtt", "wills", cameraId),
      // The line to the broker says what is wrong with it.
      isQuiet: true,
    });
  }
}
