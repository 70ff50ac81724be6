/**
 * Work of which only so much is done at once, over all processes: who comes takes a
 * ticket with the next number, and begins when few enough of those before it are
 * still there. So everybody has a turn, in the order of coming.
 *
 * A ticket is a file that its holder locks. The kernel lets go of the lock when the
 * holder ends, however it ends: a ticket that is not locked counts as gone. On a file
 * system without locks nobody waits.
 *
 * Who may read the folder but not write to it waits for those who came before, like
 * the others, but has no ticket: those who come later don't see it and may begin
 * beside it, so it makes one more at work than there are places. It can't be otherwise
 * without something that it may write to; but nobody who came later keeps it waiting.
 *
 * Not here: which work, and what a person is told (app/archive.ts).
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { ensureFolder } from "./durable.ts";
import { namesIn } from "./files.ts";

/** How often it is looked whether somebody has gone, in milliseconds. */
const LOOK_MS = 100;

/** Names of tickets: numbers. */
const TICKET = /^\d{1,15}$/;

export interface LineOptions {
  /** How many may be at work at once; 1 or more. */
  readonly places: number;
  /** False where nothing may be written: then no ticket is taken. */
  readonly mayWrite: boolean;
  /** Hears once how many are at work, when it comes to waiting. */
  readonly onWait: (atWork: number) => void;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** A turn; disposing of it lets the next one in. */
export type Turn = Disposable;

/**
 * Waits for a turn.
 *
 * @param folder Takes the tickets; made where it is missing and may be.
 *
 * @throws {DOMException} "AbortError" when the signal is aborted meanwhile; the ticket is given back.
 */
export async function waitForTurn(folder: string, options: LineOptions): Promise<Turn> {
  const { places, onWait, signal, clock = systemClock } = options;
  const { ticket, before } = await joinLine(folder, options.mayWrite);
  let ahead = before;
  try {
    let isTold = false;
    for (;;) {
      signal.throwIfAborted();
      ahead = ahead.filter(isStillTaken);
      if (ahead.length < places) return ticket;
      if (!isTold) onWait(places);
      isTold = true;
      await clock.sleep(LOOK_MS, signal);
    }
  } catch (error) {
    ticket[Symbol.dispose]();
    throw error;
  } finally {
    for (const file of ahead) file.close();
  }
}

interface Place {
  readonly ticket: Turn;
  /**
   * Tickets of those who came before, opened: when all tickets are gone their numbers
   * are given again, and the name is then somebody else's.
   */
  readonly before: readonly Deno.FsFile[];
}

/** Stands for a ticket where none can be taken. */
const NO_TICKET: Turn = { [Symbol.dispose]: () => {} };

/** Looks who is there and takes the next ticket, alone: a ticket that is seen is locked. */
async function joinLine(folder: string, mayWrite: boolean): Promise<Place> {
  if (mayWrite) await makeFolder(folder);
  using door = await openIfThere(folder);
  if (door === undefined || !await lockAlone(door)) return { ticket: NO_TICKET, before: [] };
  const numbers = (await namesIn(folder)).filter((name) => TICKET.test(name)).map(Number);
  const paths = numbers.sort((one, other) => one - other)
    .map((number) => join(folder, String(number)));
  const before: Deno.FsFile[] = [];
  for (const path of paths) {
    const file = openTaken(path);
    if (file !== undefined) before.push(file);
    else if (mayWrite) removeTicket(path);
  }
  if (!mayWrite) return { ticket: NO_TICKET, before };
  const ticket = await takeTicket(join(folder, String((numbers.at(-1) ?? 0) + 1)));
  return { ticket: ticket ?? NO_TICKET, before };
}

async function takeTicket(path: string): Promise<Turn | undefined> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true, createNew: true });
  } catch {
    // No rights, a full disk: the line is a courtesy, and keeps nobody from the work.
    return undefined;
  }
  if (!await lockAlone(file)) {
    file.close();
    return undefined;
  }
  return {
    [Symbol.dispose]: () => {
      removeTicket(path);
      file.close();
    },
  };
}

/** The ticket, opened; undefined where its holder is gone. */
function openTaken(path: string): Deno.FsFile | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch {
    // Gone, or nothing that this user can know of.
    return undefined;
  }
  return isStillTaken(file) ? file : undefined;
}

/** True while the holder of a ticket is there; afterwards the file is closed. */
function isStillTaken(file: Deno.FsFile): boolean {
  try {
    if (!file.tryLockSync(false)) return true;
  } catch {
    // The file system has no locks any more: then nobody waits.
  }
  file.close();
  return false;
}

/** False on a file system without locks. */
async function lockAlone(file: Deno.FsFile): Promise<boolean> {
  try {
    await file.lock(true);
    return true;
  } catch {
    return false;
  }
}

/** Somebody else may have removed it, or it belongs to a user whose files this one may not remove. */
function removeTicket(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || isRefused(error))) throw error;
  }
}

/** Makes the folder; one that an administrator makes is given to the owner of the folder above. */
async function makeFolder(folder: string): Promise<void> {
  try {
    if (await isThere(folder)) return;
    await ensureFolder(folder);
    const { uid, gid } = await Deno.stat(dirname(folder));
    if (uid !== null && gid !== null && Deno.uid() === 0) await Deno.chown(folder, uid, gid);
  } catch {
    // Then nobody has a ticket.
  }
}

async function isThere(path: string): Promise<boolean> {
  using file = await openIfThere(path);
  return file !== undefined;
}

async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isRefused(error)) return undefined;
    throw error;
  }
}

/** True for what a user may not do: the rights do not allow it, or the disk can't be written to. */
function isRefused(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Error && "code" in error && error.code === "EROFS";
}
