/**
 * Tells systemd how the service is doing (the sd_notify protocol): datagrams
 * to the Unix socket that NOTIFY_SOCKET names.
 *
 * In:   the environment that systemd gives a service.
 * Out:  a {@linkcode Notifier}; outside of a service it does nothing.
 * Not here: when what is sent (app/watchdog.ts).
 *
 * The datagrams go through the C library, because Deno's own are behind an
 * unstable flag and know no abstract names: docs/design/service.md, "Datagrams".
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { type Libc, openLibc } from "./libc.ts";

/** What a service can tell systemd. Nothing here throws: recording matters more. */
export interface Notifier extends Disposable {
  /** How often {@linkcode Notifier.watchdog} is due, in milliseconds; null where nobody waits for it. */
  readonly watchdogIntervalMs: number | null;
  /** Start-up, or a reload, is done. */
  ready(status: string): void;
  /** The line that `systemctl status` shows. */
  status(line: string): void;
  stopping(): void;
  /** The settings are being read again; `ready` ends it. */
  reloading(): void;
  /** The service is well; missing this for WatchdogSec gets it killed. */
  watchdog(): void;
}

const LIBC_SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

// Linux's numbers, the same on x86-64 and ARM.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** Keeps the socket from ffmpeg. */
const SOCK_CLOEXEC = 0o2_000_000;
/** A systemd that doesn't read must not hold up the recorder. */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_MONOTONIC = 1;

/** Longest socket name that the kernel takes, in bytes, with its end mark. */
const MAX_NAME_BYTES = 108;

/**
 * Opens the way to systemd.
 *
 * @param env The environment: NOTIFY_SOCKET (a path, or "@" and an abstract
 * name), WATCHDOG_USEC and WATCHDOG_PID.
 * @returns A notifier that does nothing where NOTIFY_SOCKET is not set, or
 * can't be used, which is logged.
 */
export function openNotifySocket(
  env: { get(name: string): string | undefined },
  pid: number = Deno.pid,
): Notifier {
  const name = env.get("NOTIFY_SOCKET");
  if (name === undefined || name === "") return SILENT;
  const log = logger("host", "systemd");
  const address = socketAddress(name);
  if (address === null) {
    log.error('Cannot tell systemd anything: NOTIFY_SOCKET is "{name}", need a path or "@name"', {
      name,
    });
    return SILENT;
  }
  try {
    return notifierTo(address, {
      libc: openLibc(LIBC_SYMBOLS),
      watchdogIntervalMs: intervalOf(env, pid),
    });
  } catch (error) {
    log.error("Cannot tell systemd anything: {reason}", { reason: messageOf(error) });
    return SILENT;
  }
}

const SILENT: Notifier = {
  watchdogIntervalMs: null,
  ready() {},
  status() {},
  stopping() {},
  reloading() {},
  watchdog() {},
  [Symbol.dispose]() {},
};

/**
 * Half of the time after which systemd loses patience, as its manual advises.
 * Null where no watchdog is set up, or where it is set up for another process.
 */
function intervalOf(
  env: { get(name: string): string | undefined },
  pid: number,
): number | null {
  const limitUs = Number(env.get("WATCHDOG_USEC"));
  if (!Number.isSafeInteger(limitUs) || limitUs <= 0) return null;
  const watchedPid = env.get("WATCHDOG_PID");
  if (watchedPid !== undefined && Number(watchedPid) !== pid) return null;
  return limitUs / 2_000;
}

/** A socket's name as the kernel reads it (unix(7)); null for what is no name. */
function socketAddress(name: string): Uint8Array<ArrayBuffer> | null {
  const isAbstract = name.startsWith("@");
  const bytes = new TextEncoder().encode(isAbstract ? `\0${name.slice(1)}` : `${name}\0`);
  const isName = isAbstract ? bytes.length > 1 : name.startsWith("/");
  if (!isName || bytes.length > MAX_NAME_BYTES) return null;
  const address = new Uint8Array(2 + bytes.length);
  // The family is in the machine's own byte order, as all of the kernel's numbers are.
  new Uint16Array(address.buffer, 0, 1)[0] = AF_UNIX;
  address.set(bytes, 2);
  return address;
}

function notifierTo(
  address: Uint8Array<ArrayBuffer>,
  { libc, watchdogIntervalMs }: {
    readonly libc: Libc<typeof LIBC_SYMBOLS>;
    readonly watchdogIntervalMs: number | null;
  },
): Notifier {
  const socket = libc.symbols.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    libc.close();
    throw new Error("no socket is to be had");
  }
  const send = (...lines: readonly string[]) => {
    const bytes = new TextEncoder().encode(lines.map(oneLine).join("\n"));
    const size = BigInt(bytes.length);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const sent = libc.symbols.sendto(socket, bytes, size, flags, address, address.length);
    if (BigInt(sent) === size) return;
    logger("host", "systemd").warning('systemd did not take "{line}"', { line: lines[0] });
  };
  return {
    watchdogIntervalMs,
    ready: (status) => send("READY=1", `STATUS=${status}`),
    status: (line) => send(`STATUS=${line}`),
    stopping: () => send("STOPPING=1", "STATUS=closing the open batches"),
    reloading: () => send("RELOADING=1", `MONOTONIC_USEC=${kernelTimeUs(libc)}`),
    watchdog: () => send("WATCHDOG=1"),
    [Symbol.dispose]() {
      libc.symbols.close(socket);
      libc.close();
    },
  };
}

/** A line feed in a text would begin another message. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}

/**
 * The kernel's monotonic clock in microseconds, by which systemd tells a late
 * RELOADING=1 from its own. `performance.now()` counts from the process's start.
 */
function kernelTimeUs(libc: Libc<typeof LIBC_SYMBOLS>): bigint {
  const [seconds, nanoseconds] = [0, 1];
  const time = new BigInt64Array(2);
  libc.symbols.clock_gettime(CLOCK_MONOTONIC, new Uint8Array(time.buffer));
  return time[seconds]! * 1_000_000n + time[nanoseconds]! / 1_000n;
}
