/**
 * Asks the kernel whether a time server keeps the wall clock right. Fast and
 * without a child process, because it is asked while footage waits.
 *
 * In:  the kernel's clock discipline (adjtimex(2)) through the C library; where
 *      that can't be asked, the mark of systemd's time service.
 * Not here: what follows from it (model/clock_correction.ts); the doctor's view,
 *      which also names its source (machine_state.ts).
 *
 * @module
 */

import { dirname } from "node:path";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { openLibc } from "./libc.ts";

/** What is known of the wall clock. */
export type KernelClockState = "synchronised" | "not-synchronised" | "unknown";

const SYMBOLS = {
  adjtimex: { parameters: ["buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Bytes of `struct timex` on 64-bit Linux. With all of them 0 nothing is changed, only read. */
const TIMEX_BYTES = 208;

/** Where `status` stands: behind `modes` (with padding) and four longs. */
const STATUS_OFFSET = 40;

/** Set until a time server has set the clock, and again when it is silent for long. */
const STA_UNSYNC = 0x40;

/**
 * systemd's time service leaves this file when it has set the clock
 * (systemd-timesyncd(8)); while it runs, the folder is there.
 */
const TIMESYNC_MARK = "/run/systemd/timesync/synchronized";

/** What the kernel says of the wall clock now. */
export function clockState(): KernelClockState {
  const status = kernelStatus();
  if (status !== undefined) return stateOf(status);
  if (isThere(TIMESYNC_MARK)) return "synchronised";
  return isThere(dirname(TIMESYNC_MARK)) ? "not-synchronised" : "unknown";
}

/** What the status bits of adjtimex(2) say. */
export function stateOf(status: number): KernelClockState {
  return (status & STA_UNSYNC) === 0 ? "synchronised" : "not-synchronised";
}

function kernelStatus(): number | undefined {
  try {
    using libc = openLibc(SYMBOLS);
    const timex = new Uint8Array(TIMEX_BYTES);
    // It answers with the clock's state, or with -1 where a container forbids the question.
    if (libc.symbols.adjtimex(timex) < 0) return undefined;
    return new DataView(timex.buffer).getInt32(STATUS_OFFSET, true);
  } catch (error) {
    logger("host", "clock").debug("Cannot ask for the clock's state: {reason}", {
      reason: messageOf(error),
    });
    return undefined;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    // Not there, or not to be seen: either way it says nothing.
    return false;
  }
}
