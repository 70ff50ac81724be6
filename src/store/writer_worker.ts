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
import type { FromWriter, LedgerEntry, ToWriter } from "../model/ledger.ts";
import { GroupCommit } from "./group_commit.ts";
import { Ledger } from "./open_ledger.ts";
import type { MainToWriter, WriterToMain } from "./writer_messages.ts";

const post = (message: WriterToMain) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));
const log = logger("store");

let group: GroupCommit | undefined;
let closeLedger = () => {};

function open(root: string): void {
  try {
    const ledger = new Ledger({ root, now: () => systemClock.now(), log });
    ledger.prune();
    closeLedger = () => ledger[Symbol.dispose]();
    group = new GroupCommit({
      clock: systemClock,
      commit: (entries) => commit(ledger, entries),
      onFailure: (reason) =>
        log.error("Cannot write the database, trying again: {reason}", { reason }),
    });
    post({ type: "opened" });
  } catch (error) {
    const reason = error instanceof OperatorError ? error.advice.found?.reason : undefined;
    post({ type: "open-failed", reason: reason ?? messageOf(error) });
  }
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
      return open(data.root);
    case "connect":
      return connect(ports[0]!);
    case "ping":
      return post({ type: "pong", oldestWaitingMs: group?.oldestWaitingMs ?? 0 });
    case "close":
      await group?.close();
      closeLedger();
      return post({ type: "closed" });
    default:
      unreachable(data);
  }
};
