/**
 * The upkeep Worker: everything slow that is done with footage beside recording
 * it. Keeps it within its limits, reads it again, tests that it can be exported.
 * It shares nothing with the cameras; should it fail or hang, they record on.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { systemClock } from "../../base/clock.ts";
import { messageOf, unreachable } from "../../base/errors.ts";
import { logger, logToPort } from "../../base/log.ts";
import { LedgerOutbox } from "../../capture/ledger_outbox.ts";
import { diskRoom } from "../../host/disk_room.ts";
import { clockState } from "../../host/clock_state.ts";
import { requireRootSync } from "../../host/root_identity.ts";
import { keepMemoryTidy } from "../../host/tidy_memory.ts";
import { trustsAges } from "../../model/clock_trust.ts";
import type { LedgerEntry } from "../../model/ledger.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import { type RetentionRules, withoutAges } from "../../model/retention.ts";
import { Reader } from "../../store/reader.ts";
import { RetentionReader } from "../../store/retention_reader.ts";
import { VerifyReader } from "../../store/verify_reader.ts";
import { CanaryJob } from "../../upkeep/canary_job.ts";
import { RetentionJob } from "../../upkeep/retention_job.ts";
import { ScrubJob } from "../../upkeep/scrub.ts";
import { watchDatabase } from "../database_watch.ts";
import type { FromUpkeep, ToUpkeep, UpkeepPlan, UpkeepStart } from "./messages.ts";

/** How often limits are looked at, in milliseconds; more often where batches are shorter. */
const LOOK_MS = 10_000;

/** On a small disk less is freed at once than was asked for: not more than this part of it. */
const ROOM_SHARE = 0.25;

const post = (message: FromUpkeep) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));
keepMemoryTidy();

/** What goes on between "start" and "stop". */
interface Running {
  readonly makeRoom: (bytes: number) => Promise<number>;
  readonly stopping: AbortController;
  readonly outbox: LedgerOutbox;
  plan: UpkeepPlan;
}

let running: Running | undefined;
let isStopAsked = false;

async function start(what: UpkeepStart, port: MessagePort): Promise<void> {
  const { root, identity, plan } = what;
  const beganAt = systemClock.monotonic() - what.beganBeforeMs;
  // The clock as it stood when recording began: how long it has run since says nothing against it.
  const beganMs = () => unixMs(Math.round(systemClock.now() - (systemClock.monotonic() - beganAt)));
  const ageDoubt = new AgeDoubt(what.newestFootageMs, beganMs);
  const outbox = new LedgerOutbox(port);
  const send = (entry: LedgerEntry) => commit(outbox, entry);
  const stopping = new AbortController();
  const planNow = () => running?.plan ?? plan;
  // Below the mount point of a disk that is gone nothing is looked for, and nothing reported.
  const opened = <T>(open: () => T) => {
    requireRootSync(root, identity);
    return open();
  };
  const parts = { root, clock: systemClock, send };
  const retention = new RetentionJob({
    ...parts,
    log: logger("upkeep", "retention"),
    rules: () => ageDoubt.rules(planNow().rules),
    openIndex: () => opened(() => new RetentionReader(root)),
    diskRoom: () => diskRoom(root),
    everyMs: Math.min(LOOK_MS, plan.batchDurationMs),
  });
  const scrub = new ScrubJob({
    ...parts,
    log: logger("upkeep", "scrub"),
    bytesPerSecond: () => planNow().scrubBytesPerSecond,
    openIndex: () => opened(() => new VerifyReader(root)),
  });
  const canary = new CanaryJob({
    ...parts,
    log: logger("upkeep", "canary"),
    everyMs: () => planNow().canaryEveryMs,
    cameraIds: () => planNow().cameraIds,
    ffmpegPath: () => planNow().ffmpegPath,
    random: Math.random,
    openIndex: () => opened(() => new Reader(root)),
  });
  const makeRoom = async (bytes: number) => {
    try {
      const { totalBytes } = await diskRoom(root);
      return await retention.makeRoom(Math.min(bytes, ROOM_SHARE * totalBytes));
    } catch (error) {
      logger("upkeep").error("Cannot make room: {reason}", { reason: messageOf(error) });
      return 0;
    }
  };
  running = { makeRoom, stopping, outbox, plan };
  if (isStopAsked) stopping.abort();
  const jobs = [retention, scrub, canary].map((job) => job.run(stopping.signal));
  const watching = watchDatabase({
    root,
    clock: systemClock,
    signal: stopping.signal,
    onDamage: (reason) => post({ type: "database-damaged", reason }),
  });
  await Promise.all([...jobs, watching]);
  await outbox.drained();
  outbox.close();
  post({ type: "stopped" });
}

/** Leaves ages out of the rules while the clock can't be trusted to tell them; says so once. */
class AgeDoubt {
  readonly #newestFootageMs: number;
  readonly #beganMs: () => UnixMs;
  #isDoubted = false;

  constructor(newestFootageMs: number, beganMs: () => UnixMs) {
    this.#newestFootageMs = newestFootageMs;
    this.#beganMs = beganMs;
  }

  rules(rules: RetentionRules): RetentionRules {
    const nowMs = this.#beganMs();
    const isSynchronised = clockState() === "synchronised";
    const newestFootageMs = this.#newestFootageMs;
    const isTrusted = trustsAges({ nowMs, newestFootageMs, isSynchronised });
    if (!isTrusted && !this.#isDoubted) {
      const days = Math.round((nowMs - newestFootageMs) / 86_400_000);
      logger("upkeep", "retention").warning(
        "Nothing is deleted for its age: the clock was {days} days ahead of the newest footage, and no time server confirms it",
        { days },
      );
    }
    this.#isDoubted = !isTrusted;
    return isTrusted ? rules : withoutAges(rules);
  }
}

/** Resolves when an entry is in the database, and all that went before it. */
async function commit(outbox: LedgerOutbox, entry: LedgerEntry): Promise<void> {
  const refusedBefore = outbox.refused;
  outbox.send(entry);
  if (outbox.refused > refusedBefore) throw new Error("the writer has not answered for long");
  await outbox.drained();
}

async function makeRoom(id: number, bytes: number): Promise<void> {
  post({ type: "room", id, freedBytes: await running?.makeRoom(bytes) ?? 0 });
}

const fail = (error: unknown) => post({ type: "failed", reason: messageOf(error) });

self.onmessage = ({ data, ports }: MessageEvent<ToUpkeep>) => {
  switch (data.type) {
    case "start":
      start(data, ports[0]!).catch(fail);
      return;
    case "writer":
      return running?.outbox.reconnect(ports[0]!);
    case "settings":
      if (running !== undefined) running.plan = data.plan;
      return;
    case "make-room":
      makeRoom(data.id, data.bytes).catch(fail);
      return;
    case "stop":
      isStopAsked = true;
      return running?.stopping.abort();
    default:
      unreachable(data);
  }
};
