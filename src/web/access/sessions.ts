/**
 * Log-ins of people: kept as hashes in data/sessions.json, so that they survive a
 * restart and a copy of the file lets nobody in.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { KeptFile } from "./kept_file.ts";
import { type KeptSession, sessionsSchema, type User } from "./records.ts";
import { hashOf, newToken } from "./secret_texts.ts";

/** Of one user: each browser has one. The oldest ends when there is another. */
const MOST_OF_USER = 50;

/** Of all users. */
const MOST_SESSIONS = 2_000;

export class Sessions {
  readonly #file: KeptFile<{ version: 1; sessions: KeptSession[] }>;
  readonly #clock: Pick<Clock, "now">;
  readonly #lengthMs: number;
  #byHash: ReadonlyMap<string, KeptSession> = new Map();

  constructor(
    options: {
      readonly folder: string;
      readonly clock: Pick<Clock, "now">;
      readonly sessionMs: number;
    },
  ) {
    this.#clock = options.clock;
    this.#lengthMs = options.sessionMs;
    this.#file = new KeptFile({
      folder: options.folder,
      name: "sessions.json",
      schema: sessionsSchema,
      empty: { version: 1, sessions: [] },
    });
  }

  /** To be called once, at first. @throws {OperatorError} "access-unreadable". */
  async load(): Promise<void> {
    await this.#file.refresh();
    this.#index();
  }

  /** The log-in that a cookie stands for; undefined if there is none, or no longer. */
  find(cookie: string): KeptSession | undefined {
    return this.withHash(hashOf(cookie));
  }

  withHash(hash: string): KeptSession | undefined {
    const session = this.#byHash.get(hash);
    return session !== undefined && session.expiresMs > this.#clock.now() ? session : undefined;
  }

  /** Begins a log-in. The answer's `cookie` is nowhere else. */
  async begin(user: User): Promise<{ readonly cookie: string; readonly session: KeptSession }> {
    const cookie = newToken();
    const nowMs = this.#clock.now();
    const session: KeptSession = {
      hash: hashOf(cookie),
      user: user.name,
      stamp: user.stamp,
      createdMs: nowMs,
      expiresMs: nowMs + this.#lengthMs,
    };
    await this.#change((sessions) => {
      const current = sessions.filter(({ expiresMs }) => expiresMs > nowMs);
      const own = current.filter(({ user: name }) => name === user.name);
      const gone = own.slice(0, Math.max(0, own.length - MOST_OF_USER + 1));
      const rest = current.filter((each) => !gone.includes(each));
      return [...rest, session].slice(-MOST_SESSIONS);
    });
    return { cookie, session };
  }

  /** The same log-in goes on with the user's new stamp; the user's others end by it. */
  async keep(hash: string, stamp: string): Promise<void> {
    await this.#change((sessions) =>
      sessions.map((each) => each.hash === hash ? { ...each, stamp } : each)
    );
  }

  async end(hash: string): Promise<void> {
    await this.#change((sessions) => sessions.filter((each) => each.hash !== hash));
  }

  async #change(change: (sessions: KeptSession[]) => KeptSession[]): Promise<void> {
    await this.#file.change(({ sessions }) => ({ version: 1, sessions: change(sessions) }));
    this.#index();
  }

  #index(): void {
    this.#byHash = new Map(this.#file.value.sessions.map((each) => [each.hash, each]));
  }
}
