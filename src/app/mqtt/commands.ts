/**
 * Commands that came in, carried out: a film, a picture, a hold, the settings read
 * again, how everything does.
 *
 * In:   commands that were checked. Out: results, one or two for each.
 * Policy: four at once, more are refused; one that was asked twice with the same
 *       correlation id is done once.
 * Not here: whether commands are allowed, and their shape (src/mqtt/routing.ts).
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { isoUtc, type UnixMs, unixMs } from "../../base/units.ts";
import { readInstant } from "../../footage/read_instant.ts";
import { makeWindow } from "../../footage/request.ts";
import type { TimeWindow } from "../../model/window.ts";
import type { AskedCommand } from "../../mqtt/asked.ts";
import type { Ending } from "../../mqtt/connection.ts";
import type { CommandResult } from "../../mqtt/event_messages.ts";
import type { HealthOf } from "../../mqtt/health_messages.ts";
import type { Message } from "../../mqtt/message.ts";
import { topicOf, TOPICS } from "../../mqtt/topics.ts";
import { makeHold } from "../../upkeep/holds.ts";
import { cameraFacts } from "./facts.ts";
import type { MqttPlan } from "./messages.ts";
import type { WebArchive } from "../web/archive.ts";
import { type ExportRun, runExport } from "../exports/export_run.ts";
import type { KeptIndex } from "../web/kept_index.ts";
import type { WebReport } from "../web/messages.ts";
import type { ReloadAnswer } from "../reload_calls.ts";

const log = logger("mqtt");

/** Commands at once: each may be a process. */
const AT_ONCE = 4;

/** Correlation ids that are remembered. */
const REMEMBERED = 500;

/** How long footage of a moment ago is waited for: it comes when its batch is closed. In milliseconds. */
const FOOTAGE_MS = 30_000;
const LOOK_MS = 500;

/** A picture that takes longer is given up, in milliseconds. */
const PICTURE_MS = 30_000;

export interface CommandParts {
  readonly root: string;
  readonly clock: Clock;
  readonly plan: () => MqttPlan;
  readonly archive: WebArchive;
  readonly index: KeptIndex;
  readonly reload: () => Promise<ReloadAnswer>;
  readonly report: () => WebReport | undefined;
  readonly health: () => Promise<readonly HealthOf[]>;
  readonly version: string;
  /** Sends a picture, while there is a connection. */
  readonly deliver: (message: Message) => Promise<Ending>;
  readonly answer: (result: CommandResult) => void;
}

type Result = Readonly<Record<string, unknown>>;

/** What is done with one command; a throw says why it failed. */
type Doing<Name extends AskedCommand["command"]> = (
  command: Extract<AskedCommand, { command: Name }>,
) => Promise<Result>;

export class MqttCommands {
  readonly #parts: CommandParts;
  readonly #running = new Set<Promise<void>>();
  readonly #exports = new Set<ExportRun>();
  /** By correlation id: what came of it last; null while it goes on. */
  readonly #known = new Map<string, CommandResult | null>();
  readonly #stopping = new AbortController();
  readonly #doings: { readonly [Name in AskedCommand["command"]]: Doing<Name> } = {
    export: (command) => this.#export(command),
    snapshot: (command) => this.#snapshot(command),
    hold: (command) => this.#hold(command),
    reload: () => this.#reload(),
    status: () => this.#status(),
  };

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  /** Carries a command out. Never throws. */
  take(command: AskedCommand): void {
    const { correlation_id: id } = command;
    const known = id === undefined ? undefined : this.#known.get(id);
    if (known === null) return;
    if (known !== undefined) return this.#parts.answer(known);
    if (this.#running.size >= AT_ONCE) {
      return this.#answer(command, "refused", {
        error: { code: "busy", text: `${AT_ONCE} commands are being carried out` },
      });
    }
    if (id !== undefined) this.#remember(id, null);
    const running = this.#run(command).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends what goes on, and says so. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const run of this.#exports) run.cancel();
    await Promise.all(this.#running);
  }

  async #run(command: AskedCommand): Promise<void> {
    try {
      // The table has for each name what takes that command.
      const doing = this.#doings[command.command] as Doing<AskedCommand["command"]>;
      this.#answer(command, "done", { result: await doing(command) });
    } catch (error) {
      const code = error instanceof OperatorError || error instanceof Failure
        ? error.code
        : "failed";
      log.warning("Cannot carry out {command}: {reason}", {
        command: command.command,
        reason: messageOf(error),
      });
      this.#answer(command, "failed", { error: { code, text: messageOf(error) } });
    }
  }

  #answer(
    command: AskedCommand,
    state: CommandResult["state"],
    { result = null, error = null }: {
      readonly result?: CommandResult["result"];
      readonly error?: CommandResult["error"];
    },
  ): void {
    const { command: name, correlation_id: id } = command;
    const cameraId = "camera_id" in command ? command.camera_id : null;
    const said: CommandResult = {
      cameraId,
      correlationId: id ?? null,
      command: name,
      state,
      result,
      error,
    };
    if (id !== undefined && (state === "done" || state === "failed")) this.#remember(id, said);
    this.#parts.answer(said);
  }

  #remember(id: string, result: CommandResult | null): void {
    this.#known.delete(id);
    this.#known.set(id, result);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
  }

  async #export(command: Extract<AskedCommand, { command: "export" }>): Promise<Result> {
    const { root, plan, clock } = this.#parts;
    const { camera_id: cameraId, seconds, mode, at } = command;
    this.#requireCamera(cameraId);
    const durationMs = Math.round(seconds * 1_000);
    const startMs = at === undefined ? unixMs(clock.now() - durationMs) : await this.#instant(at);
    const window = makeWindow(startMs, durationMs);
    this.#answer(command, "accepted", { result: windowFields(window) });
    await this.#footageOf(cameraId, window);
    const { configPath } = plan();
    const wish = { cameraId, window, mode, gaps: "join", overlay: [] as string[] } as const;
    const run = runExport({ root, configPath }, wish, () => {});
    this.#exports.add(run);
    if (this.#stopping.signal.aborted) run.cancel();
    const end = await run.ended;
    this.#exports.delete(run);
    if (!end.ok && this.#stopping.signal.aborted) {
      throw new Failure("interrupted", "Lookback ended before the film was made");
    }
    if (!end.ok) throw new Failure(end.fault.code, end.fault.text);
    const { file, bytes } = end;
    return { ...windowFields(window), file, path: `output/${file}`, size_bytes: bytes };
  }

  /** Waits until footage of a moment ago is there, or for long enough. */
  async #footageOf(cameraId: string, { toMs }: TimeWindow): Promise<void> {
    const { clock, index } = this.#parts;
    const { signal } = this.#stopping;
    const untilMs = toMs + FOOTAGE_MS;
    const isThere = () => index.ask((reader) => reader.newestFootageMs(cameraId)) >= toMs;
    while (!signal.aborted && clock.now() < untilMs && !isThere()) {
      await clock.sleep(LOOK_MS, signal);
    }
  }

  async #snapshot(command: Extract<AskedCommand, { command: "snapshot" }>): Promise<Result> {
    const { archive, deliver } = this.#parts;
    const { camera_id: cameraId, at } = command;
    this.#requireCamera(cameraId);
    const limit = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(PICTURE_MS)]);
    const picture = at === undefined
      ? await archive.still(cameraId, undefined)
      : await archive.picture(cameraId, await this.#instant(at), limit);
    if (picture === undefined) throw new Failure("no-footage", "There is no picture of that time");
    const topic = topicOf(TOPICS.snapshot, { id: cameraId });
    const { outcome } = await deliver({ topic, payload: picture.jpeg, qos: 1, retain: false });
    if (outcome !== "arrived") throw new Failure("not-sent", "The picture did not get through");
    const { mqtt: { prefix } } = this.#parts.plan();
    return {
      topic: `${prefix}${topic}`,
      taken_at: isoUtc(picture.atMs),
      size_bytes: picture.jpeg.length,
    };
  }

  async #hold(command: Extract<AskedCommand, { command: "hold" }>): Promise<Result> {
    const { root, clock } = this.#parts;
    const { camera_id: cameraId, name, from, to, seconds } = command;
    if (cameraId !== null) this.#requireCamera(cameraId);
    if ((to === undefined) === (seconds === undefined)) {
      throw new Failure("invalid", 'Need either "to" or "seconds"');
    }
    const fromMs = await this.#instant(from);
    const toMs = to === undefined
      ? unixMs(fromMs + Math.round(seconds! * 1_000))
      : await this.#instant(to);
    if (toMs <= fromMs) throw new Failure("invalid", "It ends before it begins");
    await makeHold(root, { name, cameraId, fromMs, toMs, createdMs: clock.now() }, clock);
    return { name, ...windowFields({ fromMs, toMs }) };
  }

  async #reload(): Promise<Result> {
    const { ok, text } = await this.#parts.reload();
    if (!ok) throw new Failure("config-invalid", text);
    return { text };
  }

  async #status(): Promise<Result> {
    const { plan, report, health, version } = this.#parts;
    const heard = report()?.cameras ?? [];
    const cameras = plan().cameras.map((camera) => {
      const facts = cameraFacts(
        camera,
        heard.find(({ status }) => status.cameraId === camera.id),
      );
      const { cameraId, state, cause, detail, fps, bitsPerSecond } = facts;
      return { camera_id: cameraId, state, cause, detail, fps, bitrate: Math.round(bitsPerSecond) };
    });
    return { version, cameras, health: await health() };
  }

  #requireCamera(cameraId: string): void {
    if (this.#parts.archive.hasCamera(cameraId)) return;
    throw new Failure("camera-unknown", `There is no camera "${cameraId}"`);
  }

  async #instant(text: string): Promise<UnixMs> {
    const nowMs = this.#parts.clock.now();
    return await readInstant(text, { nowMs, timeZone: Temporal.Now.timeZoneId() });
  }
}

/** Why a command was not done; an answer, not a fault of ours. */
class Failure extends Error {
  override readonly name = "Failure";

  constructor(readonly code: string, text: string) {
    super(text);
  }
}

function windowFields({ fromMs, toMs }: TimeWindow): Result {
  return { from: isoUtc(fromMs), to: isoUtc(toMs) };
}
