/**
 * Who may do what: users, log-ins, tokens and shares of one storage root.
 *
 * In:   cookies, tokens, passwords; changes by administrators.
 * Out:  an {@linkcode Actor} or nobody; what ends is told by {@linkcode Access.granted}.
 * Not here: HTTP (src/web/front.ts, src/web/routes/), the rules of changes (accounts.ts).
 *
 * `lookback users` changes the same file beside a running server, which looks at
 * it again once a second.
 *
 * Design: docs/design/security.md
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import type { Actor } from "../needs.ts";
import { hasAdministrator, isBacked, withPassword, withRehashed, withUser } from "./accounts.ts";
import { Attempts } from "./attempts.ts";
import { AuditTrail } from "./audit_trail.ts";
import { Grants } from "./grants.ts";
import { KeptFile } from "./kept_file.ts";
import {
  decoyRecord,
  isOutdated,
  isPassword,
  LONGEST_PASSWORD,
  PASSWORD_COST,
  type PasswordCost,
  passwordFault,
  type PasswordRecord,
  recordOf,
} from "./passwords.ts";
import { type AccessData, accessSchema, NO_ACCESS, type Share, type User } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { hashOf, newId, newPassword } from "./secret_texts.ts";
import { Sessions } from "./sessions.ts";
import { Turns } from "./turns.ts";

const log = logger("web", "access");

/** How often the file is looked at again, in milliseconds. */
const REFRESH_MS = 1_000;

/** Name of the administrator that the first start makes. */
export const FIRST_USER = "admin";

/** A hash takes a core for a second: a flood of log-ins gets one core, and cameras the others. */
const HASHING = { atOnce: 1, inLine: 8 } as const;

export interface AccessOptions {
  readonly root: string;
  readonly clock: Clock;
  readonly sessionMs: number;
  /** Other than the usual in tests. */
  readonly cost?: PasswordCost;
}

export interface LogIn {
  readonly kind: "in";
  /** Nowhere else: only its hash is kept. */
  readonly cookie: string;
  readonly actor: Actor;
  readonly expiresMs: number;
}

export type LogInRefusal =
  | { readonly kind: "wrong" }
  | { readonly kind: "wait"; readonly waitMs: number }
  /** Too many log in at once. */
  | { readonly kind: "busy" };

/** The file of users, tokens and shares, for commands that work beside a server. */
export function accessFile(root: string): KeptFile<AccessData> {
  return new KeptFile<AccessData>({
    folder: join(root, "data"),
    name: "access.json",
    schema: accessSchema,
    empty: NO_ACCESS,
  });
}

export class Access implements AsyncDisposable {
  readonly audit: AuditTrail;
  readonly #file: KeptFile<AccessData>;
  readonly #sessions: Sessions;
  readonly #attempts = new Attempts();
  readonly #grants = new Grants();
  readonly #hashing = new Turns(HASHING);
  readonly #options: Required<AccessOptions>;
  readonly #decoy: PasswordRecord;
  readonly #timer: ReturnType<typeof setInterval>;
  #refreshing: Promise<void> | undefined;
  #fault = "";

  private constructor(options: Required<AccessOptions>) {
    this.#options = options;
    this.#decoy = decoyRecord(options.cost);
    const folder = join(options.root, "data");
    this.#file = accessFile(options.root);
    this.#sessions = new Sessions({ ...options, folder });
    this.audit = new AuditTrail({ folder, clock: options.clock });
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
    Deno.unrefTimer(this.#timer);
  }

  /**
   * Opens the accounts of a root. Where there is no administrator, makes the first one,
   * and prints its password to the log: once, and never again.
   *
   * @throws {OperatorError} "access-unreadable".
   */
  static async open(options: AccessOptions): Promise<Access> {
    const whole = { cost: PASSWORD_COST, ...options };
    const access = new Access(whole);
    try {
      await access.#file.refresh();
      await access.#sessions.load();
      if (!hasAdministrator(access.data)) await access.#makeFirstUser();
    } catch (error) {
      await access[Symbol.asyncDispose]();
      throw error;
    }
    return access;
  }

  /** What is kept, as it was read last. */
  get data(): AccessData {
    return this.#file.value;
  }

  /** Log-ins that were refused because too many came at once. */
  get refusedLogIns(): number {
    return this.#hashing.refused;
  }

  /** Who a cookie or a token stands for; undefined for nobody. */
  actorOf(by: { readonly cookie?: string; readonly token?: string }): Actor | undefined {
    if (by.token !== undefined) return this.#actorOfToken(hashOf(by.token));
    return by.cookie === undefined ? undefined : this.#actorOfSession(hashOf(by.cookie));
  }

  /** Aborted when the actor's log-in or token ends, or its rights change. */
  granted(actor: Actor): AbortSignal {
    return this.#grants.signal(actor.grantId, () => this.#isStill(actor));
  }

  /** When a log-in ends by itself; null for a token without an end. */
  expiresMs(actor: Actor): number | null {
    if (actor.kind === "user") return this.#sessions.withHash(actor.grantId)?.expiresMs ?? null;
    return this.data.tokens.find(({ id }) => id === actor.grantId)?.expiresMs ?? null;
  }

  async logIn(
    { user: typed, password, client }: {
      readonly user: string;
      readonly password: string;
      readonly client: string;
    },
  ): Promise<LogIn | LogInRefusal> {
    await this.refresh();
    const name = typed.trim().toLowerCase();
    const user = this.data.users.find((each) => each.name === name);
    const refusal = await this.#refusal({ name, user, password, client });
    if (refusal !== undefined) return refusal;
    if (user === undefined) return { kind: "wrong" };
    if (isOutdated(user.password, this.#options.cost)) await this.#rehash(user, password);
    const { cookie, session } = await this.#sessions.begin(user);
    const actor = this.#actorOfSession(session.hash);
    // Somebody removed the user in this very moment.
    if (actor === undefined) return { kind: "wrong" };
    return { kind: "in", cookie, actor, expiresMs: session.expiresMs };
  }

  /** Ends the log-in behind a cookie, and all that goes on under it. */
  async logOut(actor: Actor): Promise<void> {
    if (actor.kind === "user") await this.#sessions.end(actor.grantId);
    this.#grants.check();
  }

  /** A user's own new password. Ends all log-ins of the user but this one. */
  async changeOwnPassword(
    actor: Actor,
    { old, fresh, client }: {
      readonly old: string;
      readonly fresh: string;
      readonly client: string;
    },
  ): Promise<{ readonly kind: "changed" } | LogInRefusal> {
    const fault = passwordFault(fresh, actor.name) ??
      (old === fresh ? "it must be another one" : undefined);
    if (fault !== undefined) {
      throw new Refusal("password-weak", `Choose another password: ${fault}`);
    }
    const user = this.data.users.find(({ name }) => name === actor.name);
    const refusal = await this.#refusal({ name: actor.name, user, password: old, client });
    if (refusal !== undefined) return refusal;
    const password = await recordOf(fresh, this.#options.cost);
    // Not change(): this log-in is kept before those that have ended are looked for.
    const data = await this.#file.change((before) =>
      withPassword(before, actor.name, { password, mustChange: false })
    );
    const stamp = data.users.find(({ name }) => name === actor.name)?.stamp;
    if (stamp !== undefined) await this.#sessions.keep(actor.grantId, stamp);
    this.#grants.check();
    return { kind: "changed" };
  }

  /** A password that Lookback makes, and what is kept of it. */
  async makePassword(): Promise<{ readonly text: string; readonly record: PasswordRecord }> {
    const text = newPassword();
    return { text, record: await recordOf(text, this.#options.cost) };
  }

  /** Changes users, tokens or shares; who loses a right by it is out when it returns. */
  async change(change: (data: AccessData) => AccessData): Promise<AccessData> {
    const data = await this.#file.change(change);
    this.#grants.check();
    return data;
  }

  /** The share that a link's token stands for, while it counts. */
  shareOf(token: string): Share | undefined {
    const hash = hashOf(token);
    const share = this.data.shares.find((each) => each.hash === hash);
    const nowMs = this.#options.clock.now();
    if (share === undefined || share.expiresMs <= nowMs) return undefined;
    return isBacked(this.data, share, nowMs) ? share : undefined;
  }

  /** Looks whether somebody else has changed the file. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => this.#refreshing = undefined);
    return this.#refreshing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#refreshing;
    this.#grants.endAll();
    await this.audit.flush();
  }

  async #refresh(): Promise<void> {
    try {
      await this.#file.refresh();
      this.#fault = "";
    } catch (error) {
      // What was read before counts on: a torn file locks nobody out and lets nobody in.
      const fault = messageOf(error);
      if (fault !== this.#fault) log.error("Cannot read the accounts again: {fault}", { fault });
      this.#fault = fault;
    }
    this.#grants.check();
  }

  /** Why a password doesn't let its user in; undefined where it does. */
  async #refusal(
    { name, user, password, client }: {
      readonly name: string;
      readonly user: User | undefined;
      readonly password: string;
      readonly client: string;
    },
  ): Promise<LogInRefusal | undefined> {
    const { clock } = this.#options;
    const attempt = { user: name, client };
    const waitMs = this.#attempts.waitMs(attempt, clock.monotonic());
    if (waitMs > 0) return { kind: "wait", waitMs };
    this.#attempts.begin({ ...attempt, isKnown: user !== undefined }, clock.monotonic());
    const checked = await this.#hashing.take(() => this.#isRight(password, user));
    if (checked === undefined) return { kind: "busy" };
    if (!checked.value) return { kind: "wrong" };
    this.#attempts.succeeded(attempt, clock.monotonic());
    return undefined;
  }

  async #isRight(password: string, user: User | undefined): Promise<boolean> {
    const text = password.slice(0, LONGEST_PASSWORD * 2);
    // A name that nobody has takes as long as one that somebody has.
    const isRight = await isPassword(text, user?.password ?? this.#decoy);
    return isRight && user !== undefined && text.length === password.length;
  }

  async #rehash(user: User, password: string): Promise<void> {
    const record = await recordOf(password, this.#options.cost);
    await this.change((data) => withRehashed(data, user, record));
  }

  #actorOfSession(hash: string): Actor | undefined {
    const session = this.#sessions.withHash(hash);
    const user = session === undefined
      ? undefined
      : this.data.users.find(({ name, stamp }) => name === session.user && stamp === session.stamp);
    if (user === undefined) return undefined;
    const { name, role, cameras, mustChangePassword } = user;
    return { kind: "user", name, role, cameras, mustChangePassword, grantId: hash };
  }

  #actorOfToken(hash: string): Actor | undefined {
    const token = this.data.tokens.find((each) => each.hash === hash);
    if (token === undefined) return undefined;
    const { id, name, role, cameras, expiresMs } = token;
    if (expiresMs !== null && expiresMs <= this.#options.clock.now()) return undefined;
    return { kind: "token", name, role, cameras, mustChangePassword: false, grantId: id };
  }

  #isStill(actor: Actor): boolean {
    if (actor.kind === "user") return this.#actorOfSession(actor.grantId) !== undefined;
    const token = this.data.tokens.find(({ id }) => id === actor.grantId);
    return token !== undefined && this.#actorOfToken(token.hash) !== undefined;
  }

  async #makeFirstUser(): Promise<void> {
    const { text, record } = await this.makePassword();
    const createdMs = this.#options.clock.now();
    const taken = this.data.users.map((each) => each.name);
    const name = taken.includes(FIRST_USER) ? `${FIRST_USER}-${newId().slice(0, 4)}` : FIRST_USER;
    const user = { name, role: "administrator", cameras: "all" } as const;
    await this.#file.change((data) => withUser(data, { ...user, password: record, createdMs }));
    // A warning, so that it is seen at every usual level of the log.
    log.warning(
      'First start of the page: log in as "{name}" with the one-time password {password} and ' +
        "set one of your own; it is not shown again",
      // The log that the page shows leaves out what is named so.
      { name, password: text },
    );
    this.audit.note({
      actor: "console",
      action: "user-added",
      subject: `user:${name}`,
      detail: "first start",
    });
  }
}
