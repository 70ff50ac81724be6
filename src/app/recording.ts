/**
 * Recording as a whole: takes the storage root, starts the writer and a Worker
 * for each camera, takes new settings while it runs, and ends all in order.
 *
 * @module
 */

import { systemClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger, type LogRecordMessage } from "../base/log.ts";
import { monotonicMs } from "../base/units.ts";
import type { StopReason } from "../capture/messages.ts";
import { CameraSupervisor } from "../capture/supervisor.ts";
import { WorkerPool } from "../capture/worker_pool.ts";
import type { DiskFault } from "../host/disk_fault.ts";
import { identifyRoot, refuseOtherRoot } from "../host/root_identity.ts";
import { holdRoot, type RootLock } from "../host/root_lock.ts";
import { LedgerOutbox } from "../capture/ledger_outbox.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import type { TapKind } from "../model/tap.ts";
import { isDamage } from "../store/database.ts";
import { Writer, type WriterPlace } from "../store/writer.ts";
import { type AlertPlan, Alerts } from "./alerts.ts";
import {
  newestFootageOf,
  noteLostIndex,
  roomForDatabase,
  unendedEvents,
} from "./before_recording.ts";
import { Outside } from "./outside.ts";
import { prepareCamera } from "./prepare_camera.ts";
import { prepareExports } from "./exports/prepare_exports.ts";
import { finishDeletions, Upkeep } from "./upkeep/upkeep.ts";
import type { UpkeepPlan } from "./upkeep/messages.ts";
import {
  type CameraPlan,
  plansOf,
  type RecordingListeners,
  type RecordingSettings,
  type ReloadResult,
} from "./recording_settings.ts";
import { KeptEvents, Vision } from "./vision.ts";
import type { EventChange } from "../vision/messages.ts";
import { cameraPulse, type Pulse } from "./watchdog.ts";
import { type HeardStatus, webReport } from "./web/report.ts";

/** Room that is made at once on a full disk, in bytes: some seconds of some cameras. */
const ROOM_BYTES = 16 * 1_048_576;

interface RunningCamera {
  readonly plan: CameraPlan;
  readonly supervisor: CameraSupervisor;
}

/** How long a stop waits for vision once the cameras have stopped, in milliseconds. */
const VISION_STOP_MS = 2_000;

/** How long a start waits for a deletion that was interrupted, in milliseconds. */
const TIDY_LIMIT_MS = 2_000;

/** Entries of the main thread that are on their way to the writer at once. */
const COMMIT_GROUP = 256;

export class Recording {
  readonly #place: WriterPlace;
  readonly #lock: RootLock;
  readonly #writer: Writer;
  /** The main thread's own line to the writer. */
  readonly #outbox: LedgerOutbox;
  readonly #onLog: (record: LogRecordMessage) => void;
  readonly #cameras: Map<string, RunningCamera>;
  readonly #workers: WorkerPool;
  readonly #heard = new Map<string, HeardStatus>();
  readonly #startedAt = systemClock.monotonic();
  readonly #vision: Vision;
  readonly #kept = new KeptEvents();
  readonly #alerts: Alerts;
  readonly #outside: Outside;
  #upkeep: Upkeep | undefined;
  #isStopping = false;
  #isMakingRoom = false;
  #committing: Promise<void> = Promise.resolve();

  private constructor(
    parts: {
      readonly place: WriterPlace;
      readonly lock: RootLock;
      readonly writer: Writer;
      readonly cameras: Map<string, RunningCamera>;
      readonly ffmpegPath: string;
      readonly alerts: AlertPlan;
      readonly listeners: RecordingListeners;
    },
  ) {
    const { onLog } = parts.listeners;
    this.#place = parts.place;
    this.#lock = parts.lock;
    this.#writer = parts.writer;
    this.#outbox = new LedgerOutbox(parts.writer.connect("lookback"));
    this.#cameras = parts.cameras;
    this.#onLog = onLog;
    this.#workers = new WorkerPool(onLog);
    const connectTap = (kind: TapKind) => (id: string, tap: MessagePort) =>
      this.#cameras.get(id)?.supervisor.connectTap(tap, kind);
    this.#outside = new Outside({
      ...parts.listeners,
      ...parts.place,
      startedMs: systemClock.now(),
      clock: systemClock,
      cameraIds: () => this.cameraIds,
      connectTap: connectTap("live"),
      report: (failures) =>
        webReport({
          heard: this.#heard,
          writer: this.#writer,
          vision: this.#vision,
          alerts: this.#alerts,
          failures: { upkeep: this.#upkeep?.failures ?? 0, web: failures },
        }),
    });
    this.#alerts = new Alerts({
      root: parts.place.root,
      plan: parts.alerts,
      clock: systemClock,
      others: this.#outside.sinks,
    });
    this.#vision = new Vision({
      root: parts.place.root,
      rootIdentity: parts.place.identity,
      ffmpegPath: parts.ffmpegPath,
      clock: systemClock,
      onLog,
      onEvent: (change) => this.#seen(change),
      onSight: (sight) => this.#outside.sight(sight),
      onLost: () => this.#kept.endAll().forEach((change) => this.#seen(change)),
      connectTap: connectTap("vision"),
    });
  }

  /**
   * Starts recording.
   *
   * @param root Storage root, absolute.
   *
   * @throws {OperatorError} "root-in-use", "root-missing", "root-unusable" or "database-unusable".
   */
  static async start(
    root: string,
    options: RecordingSettings & RecordingListeners,
  ): Promise<Recording> {
    const { onLog } = options;
    await refuseOtherRoot(root, options.identity);
    const lock = await holdRoot(root);
    const cameras = new Map<string, RunningCamera>();
    let recording: Recording | undefined;
    const onRestart = () => {
      if (recording !== undefined) recording.#reconnectWriter();
    };
    try {
      const place = { root, identity: await identifyRoot(root) };
      await noteLostIndex(root);
      const removed = await prepareExports(root);
      const onDiskFault = (fault: DiskFault) => {
        if (fault === "disk-full" && recording !== undefined) recording.#makeRoom();
      };
      await roomForDatabase(root);
      const writer = await Writer.start(place, { onLog, onRestart, onDiskFault });
      const { ffmpegPath, alerts } = options;
      const listeners = { ...options };
      recording = new Recording({ place, lock, writer, cameras, ffmpegPath, alerts, listeners });
      await recording.#tidyUp(removed);
      const newestFootageMs = await recording.#reading(() => newestFootageOf(root));
      for (const plan of plansOf(options)) recording.#startCamera(plan);
      recording.#startUpkeep(options.upkeep, newestFootageMs);
      for (const entry of unendedEvents(root)) recording.#outbox.send(entry);
      recording.#vision.reload(options.vision, ffmpegPath);
      recording.#outside.reload(options);
      return recording;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** The newest state of each camera that has reported. */
  get heard(): ReadonlyMap<string, HeardStatus> {
    return this.#heard;
  }

  get cameraIds(): string[] {
    return [...this.#cameras.keys()];
  }

  get writer(): Pick<Writer, "counters" | "heardAt"> {
    return this.#writer;
  }

  /** How everything does now, for the watchdog. */
  pulse(): Pulse {
    const cameras = [...this.#cameras].map(([id, { supervisor }]) => {
      const heard = this.#heard.get(id);
      const { workerStartedAt, isWorkerUp, workerFailures } = supervisor;
      return cameraPulse({
        id,
        status: heard?.status,
        heardAtMs: monotonicMs(Math.max(workerStartedAt, heard?.heardAt ?? 0)),
        isWorkerUp,
        workerFailures,
      });
    });
    return {
      nowMs: systemClock.monotonic(),
      startedAtMs: this.#startedAt,
      writerHeardAtMs: this.#writer.heardAt,
      cameras,
    };
  }

  /** A line was logged: it is for the page too. */
  takeLog(record: LogRecordMessage): void {
    this.#outside.log(record);
  }

  /** Resolves when one camera has stopped or ended. */
  async cameraEnded(cameraId: string): Promise<void> {
    await this.#cameras.get(cameraId)?.supervisor.done;
  }

  /** Takes new settings: only cameras whose own settings changed are stopped or started. */
  async reload(settings: RecordingSettings): Promise<ReloadResult> {
    const wanted = new Map(plansOf(settings).map((plan) => [plan.settings.camera.id, plan]));
    const isSame = (id: string) =>
      JSON.stringify(this.#cameras.get(id)?.plan) === JSON.stringify(wanted.get(id));
    const known = this.cameraIds;
    const stopped = known.filter((id) => !wanted.has(id));
    const restarted = known.filter((id) => wanted.has(id) && !isSame(id));
    const started = [...wanted.keys()].filter((id) => !this.#cameras.has(id));
    const kept = known.filter((id) => wanted.has(id) && isSame(id));
    await Promise.all([
      ...stopped.map((id) => this.#stopCamera(id, "removed")),
      ...restarted.map((id) => this.#stopCamera(id, "stopped")),
    ]);
    // A stop that came meanwhile has taken its list: nothing may be started behind it.
    if (this.#isStopping) return { started: [], restarted: [], stopped, kept };
    for (const id of [...restarted, ...started]) this.#startCamera(wanted.get(id)!);
    this.#upkeep?.reload(settings.upkeep);
    this.#vision.reload(settings.vision, settings.ffmpegPath);
    this.#alerts.reload(settings.alerts);
    this.#outside.reload(settings);
    return { started, restarted, stopped, kept };
  }

  /** Closes all batches, writes everything and lets go of the root. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const lookedAt = this.#vision.stop();
    const served = this.#outside.stopPage();
    for (const { supervisor } of this.#cameras.values()) supervisor.stop("stopped");
    await Promise.all([...this.#cameras.values()].map(({ supervisor }) => supervisor.done));
    // What is left open ends at the next start: footage must be closed in time.
    const limit = new AbortController();
    await Promise.race([lookedAt, systemClock.sleep(VISION_STOP_MS, limit.signal)]);
    limit.abort();
    await Promise.all([this.#alerts.stop(), this.#outside.stopBroker(), served]);
    // After the cameras: their last batches may need room.
    await this.#upkeep?.stop();
    await this.#outbox.drained();
    this.#outbox.close();
    await this.#writer.close();
    this.#lock[Symbol.dispose]();
  }

  #reconnectWriter(): void {
    this.#outbox.reconnect(this.#writer.connect("lookback"));
    this.#cameras.forEach(({ supervisor }) => supervisor.reconnectWriter());
    this.#upkeep?.reconnectWriter();
  }

  /**
   * Ends what was interrupted. On a full disk recording does not wait for it: the
   * room that it needs is made by what comes behind it.
   */
  async #tidyUp(removedExports: readonly string[]): Promise<void> {
    const limit = new AbortController();
    const tidied = finishDeletions(this.#place.root, (entry) => this.#commit([entry]));
    await Promise.race([tidied, systemClock.sleep(TIDY_LIMIT_MS, limit.signal)]);
    limit.abort();
    for (const path of removedExports) {
      const detail = "left by an export that was killed";
      const atMs = systemClock.now();
      this.#outbox.send({ type: "repair", cameraId: "", atMs, kind: "file-removed", path, detail });
    }
  }

  /** Reads the database; one that turns out to be damaged is made again first. */
  async #reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#writer.renew(messageOf(error));
      return await work();
    }
  }

  /**
   * Resolves when the entries are in the database. One after the other: the line to
   * the writer keeps a day of one camera, not of all that are mended at a start.
   */
  async #commit(entries: readonly LedgerEntry[]): Promise<void> {
    const before = this.#committing;
    const done = Promise.withResolvers<void>();
    this.#committing = done.promise;
    await before;
    try {
      for (let from = 0; from < entries.length; from += COMMIT_GROUP) {
        for (const entry of entries.slice(from, from + COMMIT_GROUP)) this.#outbox.send(entry);
        await this.#outbox.drained();
      }
    } finally {
      done.resolve();
    }
  }

  /**
   * The disk is full: older footage goes at once, as far as the rules allow. All
   * cameras wait until that is committed; their streams wait in their queues.
   */
  #makeRoom(): void {
    if (this.#isMakingRoom) return;
    this.#isMakingRoom = true;
    const tell = (state: "no-room" | "room") => {
      this.#cameras.forEach(({ supervisor }) => supervisor.setRoom(state));
      this.#vision.setRoom(state);
    };
    tell("no-room");
    (this.#upkeep?.makeRoom(ROOM_BYTES) ?? Promise.resolve(0)).then(() => {
      this.#isMakingRoom = false;
      tell("room");
    });
  }

  #startUpkeep(plan: UpkeepPlan, newestFootageMs: number): void {
    this.#upkeep = new Upkeep({
      ...this.#place,
      plan,
      newestFootageMs,
      onDatabaseDamaged: (reason) => this.#writer.renew(reason),
      connectWriter: () => this.#writer.connect("upkeep"),
      clock: systemClock,
      onLog: this.#onLog,
    });
  }

  #startCamera(plan: CameraPlan): void {
    const { settings, camerasPerWorker } = plan;
    const { id } = settings.camera;
    const supervisor = new CameraSupervisor({
      cameraId: id,
      pool: this.#workers,
      camerasPerWorker,
      prepare: async () => {
        const { root, identity: rootIdentity } = this.#place;
        const prepared = await this.#reading(() =>
          prepareCamera(root, id, (entries) => this.#commit(entries))
        );
        return { root, rootIdentity, ...settings, ...prepared };
      },
      connectWriter: () => this.#writer.connect(id),
      clock: systemClock,
      log: logger("capture", id),
      onBegin: () => {
        this.#vision.tap(id);
        this.#outside.tap(id);
      },
      onNeedRoom: () => this.#makeRoom(),
      onStatus: (status) => {
        this.#heard.set(id, { status, heardAt: systemClock.monotonic() });
        this.#alerts.takeStatus(status);
      },
    });
    this.#cameras.set(id, { plan, supervisor });
  }

  /** Something was seen: its beginning, its picture and its end go to the writer. */
  #seen(change: EventChange): void {
    this.#outside.event(change);
    this.#alerts.take({ type: "vision", event: change.event });
    if (this.#kept.isNews(change)) this.#outbox.send({ type: "vision-event", ...change.event });
  }

  async #stopCamera(id: string, reason: StopReason): Promise<void> {
    const { supervisor } = this.#cameras.get(id)!;
    supervisor.stop(reason);
    await supervisor.done;
    this.#cameras.delete(id);
    this.#heard.delete(id);
  }
}
