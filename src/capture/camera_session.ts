/**
 * Keeps one camera recording: starts a recorder process, records its stream,
 * and when that ends tries again after a pause, until it is told to stop.
 *
 * Out: entries to the writer, log lines once per change, a state for people.
 *
 * Design: docs/design/capture.md
 *
 * @module
 */

import { messageOf, OperatorError } from "../base/errors.ts";
import { type UnixMs, unixMs } from "../base/units.ts";
import { MalformedMedia } from "../media/boxes.ts";
import type { RecorderFault } from "../media/ffmpeg_faults.ts";
import type { StreamStart } from "../media/fragment_stream.ts";
import { needsEncoding, type TrackHandling } from "../media/recorder_args.ts";
import { sourceLabel } from "../model/camera.ts";
import type { CameraEventKind, GapCause } from "../model/ledger.ts";
import { diskFaultOf } from "../host/disk_fault.ts";
import { AUDIO_CHANGES, nextAudioHandling } from "./audio_handling.ts";
import { retryPauseMs } from "./backoff.ts";
import { ClockWatch, type ClockWatchParts } from "./clock_watch.ts";
import { diskProblem, isDiskCause } from "./disk_gate.ts";
import { isSameFault, jumped, LEARNT_ANEW, LOST, STOP_DETAILS, TOO_FAST } from "./fault_words.ts";
import type { FragmentTap, Saw } from "./fragment_tap.ts";
import type { CameraState, CaptureSettings, StopReason } from "./messages.ts";
import type { OpenHours } from "./open_hours.ts";
import { noteLate, nothingOpen, type OpenRun } from "./open_run.ts";
import { type Arrived, RecorderProcess } from "./recorder_process.ts";
import { openOrLimit, type Room } from "./room.ts";
import { nothingRecorded, type RunCounters } from "./run_counters.ts";
import { type FrameIds, RunRecorder } from "./run_recorder.ts";
import { noStills, type StillCounters, StillMaker, takeStillsBytes } from "./still_maker.ts";
import { WallClock } from "./wall_clock.ts";

/** A try that gave so many frames found a camera that works: it is likely to be back at once. */
const HEALTHY_FRAMES = 25;

/** Pause between two looks at a disk that takes nothing, in milliseconds. */
const DISK_PAUSE_MS = 2_000;

export interface SessionParts extends ClockWatchParts {
  readonly settings: CaptureSettings;
  /** The id of the camera's next frame; this session is the only one that moves it. */
  readonly frameIds: FrameIds;
  readonly hours: OpenHours;
  readonly onChange: () => void;
  readonly room: Room;
  readonly tap: FragmentTap;
}

/** How a recorder's run ended. */
type RunEnd =
  | { readonly type: "stopped" }
  /** A file that is played once has been played. */
  | { readonly type: "played" }
  | { readonly type: "failed"; readonly fault: RecorderFault };

export class CameraSession {
  readonly #parts: SessionParts;
  readonly #clockWatch: ClockWatch;
  readonly #stopping = new AbortController();
  readonly counters: RunCounters = nothingRecorded();
  readonly stills: StillCounters = noStills();
  #hasLost = false;
  #stopReason: StopReason = "stopped";
  #handling: TrackHandling = { video: "copy", audio: "copy" };
  #process: RecorderProcess | undefined;
  #recorder: RunRecorder | undefined;
  #newestRun: number;
  #state: CameraState = "starting";
  #fault: RecorderFault | undefined;
  #restarts = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#newestRun = parts.settings.newestRun;
    this.#clockWatch = new ClockWatch(parts);
  }

  get state(): CameraState {
    return this.#state;
  }

  /** Why nothing is recorded now. */
  get fault(): RecorderFault | undefined {
    return this.#fault;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get queuedBytes(): number {
    return this.#process?.queuedBytes ?? 0;
  }

  /** True when a batch could not be finished: the next start mends its files. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /** The newest run of the camera. */
  get newestRun(): number {
    return this.#newestRun;
  }

  /** Ends recording in good order. {@linkcode run} resolves when all is durable. */
  stop(reason: StopReason): void {
    this.#stopReason = reason;
    this.#stopping.abort();
    this.#process?.stop();
  }

  /** Takes what somebody saw in a frame; of a run that is over it goes nowhere. */
  note(saw: Saw): void {
    this.#recorder?.note(saw);
  }

  /** Records until stopped, or until a file that is played once has ended. */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    this.#event("started", { cause: null, detail: "the camera is to be recorded" });
    for (let failures = 0; !this.#stopping.signal.aborted;) {
      const framesBefore = this.counters.frames;
      const end = await this.#record();
      if (end.type === "stopped") break;
      if (end.type === "played") {
        this.#event("removed", { cause: "stream-ended", detail: "the file has been played" });
        return this.#change("ended");
      }
      if (this.#adapt(end.fault)) continue;
      const isHealthy = this.counters.frames - framesBefore >= HEALTHY_FRAMES;
      failures = isHealthy ? 0 : failures + 1;
      const pauseMs = retryPauseMs(failures, Math.random());
      this.#reportFault(end.fault, pauseMs);
      await clock.sleep(pauseMs, this.#stopping.signal);
      if (isDiskCause(end.fault.cause) || this.#hasLost) await this.#diskReady();
      this.#restarts += 1;
    }
    this.#event(this.#stopReason, { cause: "stopped", detail: STOP_DETAILS[this.#stopReason] });
    this.#change("stopped");
  }

  /**
   * Waits until the disk takes recordings again.
   *
   * @throws {Error} If files of this session are to be mended first: that is done
   * before the next Worker begins.
   */
  async #diskReady(): Promise<void> {
    const { settings: { root, rootIdentity }, clock, hours, room } = this.#parts;
    const disk = { root, rootIdentity, write: () => hours.write() };
    while (!this.#stopping.signal.aborted) {
      const problem = await diskProblem(disk);
      if (problem === undefined) break;
      if (problem.cause === "disk-full") {
        room.ask();
        await openOrLimit(room, DISK_PAUSE_MS);
      }
      this.#reportFault(problem, DISK_PAUSE_MS);
      await clock.sleep(DISK_PAUSE_MS, this.#stopping.signal);
    }
    if (!this.#hasLost || this.#stopping.signal.aborted) return;
    throw new Error("the disk takes recordings again; files that it did not take whole are mended");
  }

  /** One recorder process from start to end. */
  async #record(): Promise<RunEnd> {
    const { settings: { camera, ffmpegPath, fragmentMs }, clock } = this.#parts;
    let process: RecorderProcess;
    try {
      process = new RecorderProcess({
        ffmpegPath,
        source: camera.source,
        handling: this.#handling,
        fragmentMs,
        clock,
      });
    } catch (error) {
      const detail = error instanceof OperatorError ? error.toText() : messageOf(error);
      return { type: "failed", fault: { cause: "recorder-failed", detail } };
    }
    this.#process = process;
    this.#clockWatch.look();
    if (this.#stopping.signal.aborted) process.stop();
    await this.#recordArrivals(process);
    const fault = await process.ended;
    this.#process = undefined;
    if (this.#stopping.signal.aborted) return { type: "stopped" };
    if (fault !== undefined) return { type: "failed", fault };
    const isPlayedOnce = camera.source.kind === "file" && !camera.source.loop;
    return isPlayedOnce
      ? { type: "played" }
      : { type: "failed", fault: { cause: "stream-ended", detail: "the stream ended" } };
  }

  async #recordArrivals(process: RecorderProcess): Promise<void> {
    const open = nothingOpen();
    try {
      for await (const arrived of process.arrivals) {
        const fault = await this.#take(open, arrived);
        arrived.memory.release();
        if (fault === undefined) continue;
        process.abandon(fault);
        break;
      }
    } catch (error) {
      const cause = error instanceof MalformedMedia ? "stream-broken" : diskFaultOf(error);
      process.abandon({ cause, detail: messageOf(error) });
    }
    const fault = await process.ended;
    const isStopped = this.#stopping.signal.aborted;
    const cause = isStopped ? "stopped" : fault?.cause ?? "stream-ended";
    await this.#finishRun(open, cause);
  }

  /** Takes one part of the stream. Returns why the process must be given up, if so. */
  async #take(open: OpenRun, arrived: Arrived): Promise<RecorderFault | undefined> {
    const { event } = arrived;
    if (event.type === "init") {
      const { codec } = event.init.video;
      if (this.#handling.video === "copy" && needsEncoding(codec)) {
        return {
          cause: "recorder-failed",
          detail: `"${codec}" video is neither H.264 nor H.265`,
          retryWith: "encoded-video",
        };
      }
      open.start = event;
      return undefined;
    }
    if (open.start === undefined) return undefined;
    const isKey = event.samples.video[0]?.isKey ?? false;
    const { lost } = open.wallClock;
    if (lost !== undefined && isKey) {
      if (lost === "learnt-late" && !noteLate(open, arrived.monotonicMs)) return TOO_FAST;
      const detail = LEARNT_ANEW[lost];
      this.#parts.log.warning("A new run begins: {detail}", { detail });
      this.#event("clock-step", { cause: "clock-step", detail });
      await this.#finishRun(open, "clock-step");
      if (this.#hasLost) return LOST;
      open.wallClock = new WallClock();
      // It learns by the clock as it is now.
      open.step = undefined;
    }
    if (open.step !== undefined && isKey) {
      // Frames before and after a step of the wall clock have no common relation to it.
      await this.#finishRun(open, "clock-step");
      if (this.#hasLost) return LOST;
      open.wallClock.step(open.step);
      open.step = undefined;
    }
    const isNew = open.recorder === undefined;
    open.recorder ??= this.#beginRun(open.start, open.wallClock);
    const verdict = await open.recorder.take(event, arrived);
    if (isNew) this.#noteRecording(open.start);
    if (verdict.type === "stream-jump") return jumped(verdict.aheadMs);
    if (verdict.type === "clock-step") {
      open.step = (open.step ?? 0) + verdict.stepMs;
      this.#clockWatch.noteStep(verdict.stepMs);
    } else this.#clockWatch.putRight();
    return undefined;
  }

  #beginRun(start: StreamStart, wallClock: WallClock): RunRecorder {
    const { settings, clock, log, send, frameIds, hours, room, tap } = this.#parts;
    const { root, rootIdentity, camera, batchDurationMs, stills, ffmpegPath } = settings;
    this.#clockWatch.look();
    const run = unixMs(Math.max(clock.now(), this.#newestRun + 1));
    this.#newestRun = run;
    this.#clockWatch.noteRun(run);
    tap.begin(run, start);
    return this.#recorder = new RunRecorder({
      root,
      camera,
      batchDurationMs,
      stillsEveryMs: stills?.everyMs ?? 1_000,
      start,
      wallClock,
      run,
      frameIds,
      send,
      hours,
      rootIdentity,
      room,
      tap,
      takeStillsBytes: () => takeStillsBytes(this.stills),
      counters: this.counters,
      stills: stills === null ? undefined : new StillMaker({
        root,
        rootIdentity,
        cameraId: camera.id,
        quality: stills.quality,
        ffmpegPath,
        ftyp: start.ftyp,
        moov: start.moov,
        track: start.init.video,
        clock,
        log,
        mayWrite: () => !room.gate.isShut,
        counters: this.stills,
      }),
    });
  }

  /** Said once the first fragment is on disk. */
  #noteRecording(start: StreamStart): void {
    const { settings: { camera }, log } = this.#parts;
    const { codec, width, height } = start.init.video;
    log.info("Recording {codec} {width}x{height} from {source}", {
      codec,
      width,
      height,
      source: sourceLabel(camera.source),
    });
    this.#event("online", { cause: null, detail: `${codec} ${width}x${height}` });
    this.#fault = undefined;
    this.#change("recording");
  }

  async #finishRun(open: OpenRun, cause: GapCause): Promise<void> {
    const { recorder } = open;
    open.recorder = undefined;
    this.#parts.tap.end();
    try {
      await recorder?.finish({ atMs: this.#parts.clock.now(), cause });
    } catch (error) {
      this.#hasLost = true;
      this.#parts.log.error("Cannot finish the last batch: {reason}", { reason: messageOf(error) });
      this.#event("frames-lost", { cause: diskFaultOf(error), detail: messageOf(error) });
    }
  }

  /** Changes how the source is handled, if that can help. Said once per change. */
  #adapt(fault: RecorderFault): boolean {
    const { log } = this.#parts;
    if (fault.retryWith === "encoded-video" && this.#handling.video === "copy") {
      this.#handling = { ...this.#handling, video: "encode" };
      log.warning("The video is encoded to H.264 while it is recorded: {detail}", {
        detail: fault.detail,
      });
      return true;
    }
    const audio = nextAudioHandling(this.#handling.audio, fault.retryWith);
    if (audio === undefined) return false;
    this.#handling = { ...this.#handling, audio };
    log.warning("{change}: {detail}", { change: AUDIO_CHANGES[audio], detail: fault.detail });
    return true;
  }

  /** Each cause is logged and recorded when it changes, not at every try. */
  #reportFault(fault: RecorderFault, pauseMs: number): void {
    const { log } = this.#parts;
    const isNew = !isSameFault(this.#fault, fault);
    this.#fault = fault;
    if (isNew) {
      log.warning(
        "Not recording ({cause}): {detail}. Next try in {pause} s, then ever more rarely",
        {
          cause: fault.cause,
          detail: fault.detail,
          pause: (pauseMs / 1_000).toFixed(1),
        },
      );
      this.#event("offline", fault);
    } else {
      log.debug("Still not recording ({cause}). Next try in {pause} s", {
        cause: fault.cause,
        pause: (pauseMs / 1_000).toFixed(1),
      });
    }
    this.#change(isDiskCause(fault.cause) ? "paused" : "waiting");
  }

  #event(
    kind: CameraEventKind,
    what: {
      readonly cause: GapCause | null;
      readonly detail: string;
      readonly untilMs?: UnixMs;
    },
  ): void {
    const { settings, clock, send } = this.#parts;
    const atMs: UnixMs = clock.now();
    const { cause, detail, untilMs = null } = what;
    const { id: cameraId } = settings.camera;
    const event = { type: "event", cameraId, atMs, untilMs, kind, cause, detail } as const;
    this.#clockWatch.noteEvent(event);
    send(event);
  }

  #change(state: CameraState): void {
    this.#state = state;
    this.#parts.onChange();
  }
}
