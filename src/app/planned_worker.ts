/**
 * A kept Worker that works by a plan out of the settings: started while they want it,
 * given other plans, started anew where a plan asks for that, told once a second how
 * everything does. On behalf of those whom it serves it has the settings read again.
 *
 * In:   plans. Out: a Worker that has the newest one, or none.
 * Not here: keeping it alive (kept_worker.ts), what is said to it (web/, mqtt/).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { LogRecordMessage } from "../base/log.ts";
import { type FromKeptWorker, KeptWorker } from "./kept_worker.ts";
import type { ReloadAnswer } from "./reload_calls.ts";

/** How often the Worker hears how everything does, in milliseconds. */
const REPORT_MS = 1_000;

/** What each such Worker understands, beside its own messages. */
export type ToPlannedWorker<Plan> =
  /** Another plan, for which it need not be started anew. */
  | { readonly type: "plan"; readonly plan: Plan }
  /** The answer to its "reload" with the same number. */
  | { readonly type: "reloaded"; readonly id: number; readonly answer: ReloadAnswer };

/** What each such Worker says, beside its own messages. */
export type FromPlannedWorker =
  | FromKeptWorker
  /** The settings file was changed: read it, and answer with "reloaded". */
  | { readonly type: "reload"; readonly id: number };

export interface PlannedWorkerParts<Plan, From> {
  /** For the log: "web", "mqtt". */
  readonly room: string;
  readonly startWorker: () => Worker;
  /** What of a plan a running Worker can't take over, as a text to compare. */
  readonly startOf: (plan: Plan) => string;
  /** There is a new Worker, which has nothing of the one before. */
  readonly onStart: (plan: Plan) => void;
  readonly onMessage: (message: Exclude<From, FromPlannedWorker>) => void;
  readonly onLog: (record: LogRecordMessage) => void;
  readonly onGone: () => void;
  /** Another Worker is needed for a plan; the one for the plan before can be told a last thing. */
  readonly onReplaced?: (before: Plan | null, plan: Plan | null) => void;
  /** Tells it how everything does; called once a second while it is up. */
  readonly report: () => void;
  /** Has the settings read again; undefined where that can't be done. */
  readonly readSettings: (() => Promise<ReloadAnswer>) | undefined;
  readonly stopLimitMs: number;
  /** How long one that gets other settings lives on to say so, in milliseconds. */
  readonly farewellMs: number;
  readonly clock: Clock;
}

type Message = { readonly type: string };
type Kept<Plan, To extends Message, From extends Message> = KeptWorker<
  To | ToPlannedWorker<Plan>,
  From
>;

/** `To` and `From` are the messages to and from the Worker. */
export class PlannedWorker<
  Plan,
  To extends Message,
  From extends Message,
> {
  readonly #parts: PlannedWorkerParts<Plan, From>;
  #plan: Plan | null = null;
  #kept: Kept<Plan, To, From> | undefined;
  /** Of Workers that were stopped for other settings. */
  #failuresBefore = 0;
  #telling = new AbortController();
  #told: Promise<void> = Promise.resolve();
  /** Resolves when the Worker before has gone: it holds what two can't share. */
  #leaving: Promise<void> = Promise.resolve();
  #isStopping = false;
  /** How many wait for the answer to settings being read. */
  #answering = 0;
  /** They were changed meanwhile, so that another start is needed. */
  #isChanged = false;

  constructor(parts: PlannedWorkerParts<Plan, From>) {
    this.#parts = parts;
  }

  /** Null while the settings want none. */
  get plan(): Plan | null {
    return this.#plan;
  }

  /** Whether there is a Worker now. */
  get isUp(): boolean {
    return this.#kept?.isUp ?? false;
  }

  /** How often it failed. */
  get failures(): number {
    return this.#failuresBefore + (this.#kept?.failures ?? 0);
  }

  /** Whether nothing is to begin any more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Takes a plan. What needs another start gets one. */
  reload(plan: Plan | null): void {
    if (this.#isStopping) return;
    const before = this.#plan;
    const { startOf, onReplaced } = this.#parts;
    this.#plan = plan;
    if (plan !== null && before !== null && startOf(plan) === startOf(before)) {
      // One that is to end works by an older plan, beside which this one needs another start.
      return this.#isChanged ? undefined : this.#kept?.post({ type: "plan", plan });
    }
    onReplaced?.(before, plan);
    if (this.#answering > 0) this.#isChanged = true;
    else this.#startAnew();
  }

  /** Tells it something; nothing happens while it is not up. */
  post(message: To, ports: Transferable[] = []): void {
    this.#kept?.post(message, ports);
  }

  /** Gives up a Worker that does not answer any more; another is started. */
  giveUp(reason: string): void {
    this.#kept?.giveUp(reason);
  }

  /** Ends it; what it has not finished within its limit is given up. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#end();
    await this.#leaving;
  }

  #startAnew(): void {
    this.#end();
    if (this.#plan !== null) this.#leaving = this.#leaving.then(() => this.#begin());
  }

  #begin(): void {
    if (this.#isStopping || this.#plan === null || this.#kept !== undefined) return;
    const { room, startWorker, onStart, onLog, onGone, stopLimitMs, clock } = this.#parts;
    const kept: Kept<Plan, To, From> = new KeptWorker({
      ...{ room, startWorker, onLog, onGone, stopLimitMs, clock },
      onStart: () => {
        if (this.#plan !== null) onStart(this.#plan);
      },
      onMessage: (message) => this.#take(message, kept),
    });
    this.#kept = kept;
    this.#telling = new AbortController();
    kept.start();
    this.#told = this.#tell(this.#telling.signal);
  }

  #end(): void {
    const kept = this.#kept;
    if (kept === undefined) return;
    this.#kept = undefined;
    this.#telling.abort();
    this.#failuresBefore += kept.failures;
    const before = this.#leaving;
    this.#leaving = Promise.all([before, this.#told, kept.stop()]).then(() => {});
  }

  #take(message: Exclude<From, FromKeptWorker>, kept: Kept<Plan, To, From>): void {
    if (isReload(message)) this.#answerReload(message.id, kept);
    else this.#parts.onMessage(message as Exclude<From, FromPlannedWorker>);
  }

  /** Has the settings read again, and tells the Worker that asked for it what came of it. */
  async #answerReload(id: number, kept: Kept<Plan, To, From>): Promise<void> {
    const { readSettings = refuseReload, clock, farewellMs } = this.#parts;
    this.#answering += 1;
    const answer = await readSettings().catch((error) => ({ ok: false, text: messageOf(error) }));
    // Before a "stop": who changed the settings hears of it from the one that is to end.
    kept.post({ type: "reloaded", id, answer });
    if (farewellMs > 0) await clock.sleep(farewellMs, this.#telling.signal);
    this.#answering -= 1;
    if (this.#answering > 0) return;
    if (this.#isChanged && !this.#isStopping) this.#startAnew();
    this.#isChanged = false;
  }

  async #tell(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(REPORT_MS, signal);
      if (!signal.aborted && this.isUp) this.#parts.report();
    }
  }
}

function isReload<From extends Message>(
  message: From | FromPlannedWorker,
): message is Extract<FromPlannedWorker, { readonly type: "reload" }> {
  return message.type === "reload";
}

function refuseReload(): Promise<ReloadAnswer> {
  return Promise.resolve({ ok: false, text: "settings can't be read again here" });
}
