/**
 * The writer Worker: owns the only read-write connection to the database.
 * Cameras send it entries over ports of their own; it commits them in groups
 * and answers each camera with the number of its last committed entry.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { systemClock } from "../base/clock.ts";
import { messageOf, OperatorError, unreachable } from "../base/errors.ts";
import { logger, logToPort } from "../base/log.ts";
import { diskFaultOf } from "../host/disk_fault.ts";
import type { FromWriter, LedgerEntry, ToWriter } from "../model/ledger.ts";
import { GroupCommit } from "./group_commit.ts";
import { Ledger } from "./open_ledger.ts";
import type { MainToWriter, WriterToMain } from "./writer_messages.ts";

const post = (message: WriterToMain) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));
const log = logger("store");

let group: GroupCommit | undefined;
let closeLedger = () => {};
let renewLedger = (_reason: string) => {};

function open(root: string, identity: string): void {
  try {
    const ledger = new Ledger({
      root,
      identity,
      now: () => systemClock.now(),
      log,
      onReplace: () => post({ type: "renewing" }),
    });
    ledger.prune();
    renewLedger = (reason) => ledger.renew(reason);
    closeLedger = () => ledger[Symbol.dispose]();
    group = new GroupCommit({
      clock: systemClock,
      commit: (entries) => commit(ledger, entries),
      onFailure: (error) => {
        const reason = messageOf(error);
        log.error("Cannot write the database, trying again: {reason}", { reason });
        if (!isBusy(error)) post({ type: "disk-fault", fault: diskFaultOf(error) });
      },
    });
    post({ type: "opened" });
  } catch (error) {
    const reason = error instanceof OperatorError ? error.advice.found?.reason : undefined;
    post({ type: "open-failed", reason: reason ?? messageOf(error) });
  }
}

/** Another process holds the database: that is not the disk's fault. */
function isBusy(error: unknown): boolean {
  return /database is locked/.test(messageOf(error));
}

function commit(ledger: Ledger, entries: readonly LedgerEntry[]): void {
  const startedMs = systemClock.monotonic();
  for (const { entry, reason } of ledger.commit(entries)) {
    log.error('Cannot take a "{type}" row of camera "{cameraId}": {reason}', {
      type: entry.type,
      cameraId: entry.cameraId,
      reason,
    });
  }
  if (entries.some(({ type }) => type === "deletion")) ledger.prune();
  const tookMs = systemClock.monotonic() - startedMs;
  post({
    type: "committed",
    rows: entries.length,
    tookMs,
    waiting: group!.waiting - entries.length,
  });
}

function connect(port: MessagePort): void {
  port.onmessage = ({ data }: MessageEvent<ToWriter>) => {
    group?.add(data.entry, () => {
      const answer: FromWriter = { type: "committed", sequence: data.sequence };
      port.postMessage(answer);
    });
  };
}

self.onmessage = async ({ data, ports }: MessageEvent<MainToWriter>) => {
  switch (data.type) {
    case "open":
      return open(data.root, data.identity);
    case "connect":
      return connect(ports[0]!);
    case "ping":
      return post({ type: "pong", oldestWaitingMs: group?.oldestWaitingMs ?? 0 });
    case "renew":
      renewLedger(data.reason);
      return post({ type: "renewed" });
    case "close":
      await group?.close();
      closeLedger();
      return post({ type: "closed" });
    default:
      unreachable(data);
  }
};
