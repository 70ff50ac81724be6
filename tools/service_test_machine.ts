/**
 * A machine with a real systemd, for tools/service_test.ts: a Debian root made by
 * debootstrap, booted by systemd-nspawn. What is done in it is gone with it.
 *
 * In:   the executable, which lies in it as /root/lookback; nothing else is added.
 * Out:  a way to run commands in it, and its journal.
 *
 * @module
 */

import { dirname } from "node:path";

/** systemd, which boots; dbus, which systemctl needs; and the one thing that Lookback needs. */
const PACKAGES = "systemd,systemd-sysv,dbus,ffmpeg";
const SUITE = "bookworm";
const MIRROR = "http://deb.debian.org/debian";

/** Longest boot, in milliseconds. Here it takes 2 s. */
const BOOT_LIMIT_MS = 60_000;

/** Longest end, in milliseconds. */
const END_LIMIT_MS = 10_000;

/** Where the executable lies in the machine. */
export const GUEST_PROGRAM = "/root/lookback";

/** What was not there, as a reason to skip the test. */
export class CannotBoot extends Error {}

/** What a command in the machine left. */
export interface GuestResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why no machine can be had here; undefined when one can. */
export async function machineObstacle(root: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "this is not Linux";
  if (Deno.uid() !== 0) return "this user is not root";
  if (!await isProgram("systemd-nspawn", "--version")) {
    return "systemd-nspawn is not on PATH (Debian: apt-get install systemd-container)";
  }
  if (!await isThere(root) && !await isProgram("debootstrap", "--version")) {
    return "debootstrap is not on PATH (Debian: apt-get install debootstrap)";
  }
  return undefined;
}

async function isProgram(command: string, argument: string): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [argument] }).output()).success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

/**
 * Makes the Debian root, unless it is there from an earlier time.
 *
 * @throws {CannotBoot} If debootstrap can't, as without a network.
 */
export async function ensureRoot(root: string, say: (line: string) => void): Promise<void> {
  if (await isThere(root)) return;
  say(`making a Debian root in ${root}, once; this takes a minute or two`);
  const part = `${root}.part`;
  await Deno.remove(part, { recursive: true }).catch(() => {});
  await Deno.mkdir(dirname(root), { recursive: true });
  const args = ["--variant=minbase", `--include=${PACKAGES}`, SUITE, part, MIRROR];
  const { success, stdout } = await new Deno.Command("debootstrap", { args }).output();
  if (!success) {
    const lines = new TextDecoder().decode(stdout).trim().split("\n").slice(-3);
    throw new CannotBoot(`debootstrap failed: ${lines.join("; ")}`);
  }
  await Deno.rename(part, root);
}

/** A running machine. Disposing ends it. */
export class Machine implements AsyncDisposable {
  readonly #nspawn: Deno.ChildProcess;
  /** The machine's first process, as this machine numbers it. */
  readonly #leader: number;

  private constructor(nspawn: Deno.ChildProcess, leader: number) {
    this.#nspawn = nspawn;
    this.#leader = leader;
  }

  /**
   * Boots a machine.
   *
   * @throws {CannotBoot} If it does not come up.
   */
  static async boot(root: string, program: string): Promise<Machine> {
    const nspawn = new Deno.Command("systemd-nspawn", {
      args: [
        ...["--register=no", "--keep-unit", "--private-network", "--link-journal=no"],
        // Changes go to memory: the root stays as debootstrap has made it.
        ...["--volatile=overlay", `--bind-ro=${program}:${GUEST_PROGRAM}`],
        ...["--machine=lookback-test", "--boot", "--directory", root],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    try {
      await bootedUp(nspawn);
      return new Machine(nspawn, await onlyChild(nspawn.pid));
    } catch (error) {
      nspawn.kill("SIGKILL");
      throw error;
    }
  }

  /** Runs a shell script in the machine to its end, as root or as somebody else. */
  async run(script: string, user?: string): Promise<GuestResult> {
    const output = await this.#command(script, { user, stderr: "piped" }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
  }

  /** Starts a shell script in the machine; it ends with the machine at the latest. */
  start(script: string): Deno.ChildProcess {
    return this.#command(script, { stderr: "null" }).spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The first one asks the machine to end, the second one does not wait for it.
    this.#nspawn.kill("SIGTERM");
    this.#nspawn.kill("SIGTERM");
    const timer = setTimeout(() => this.#nspawn.kill("SIGKILL"), END_LIMIT_MS);
    await this.#nspawn.status;
    clearTimeout(timer);
  }

  #command(
    script: string,
    how: { readonly user?: string | undefined; readonly stderr: "piped" | "null" },
  ): Deno.Command {
    const folder = how.user === undefined ? "/root" : "/";
    const shell = ["/bin/sh", "-c", `cd ${folder} && ${script}`];
    const spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
    return new Deno.Command("nsenter", {
      args: [
        ...["--target", String(this.#leader), ...spaces, "--"],
        ...(how.user === undefined ? shell : ["runuser", "-u", how.user, "--", ...shell]),
      ],
      clearEnv: true,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", LC_ALL: "C.UTF-8" },
      stdin: "null",
      stdout: "piped",
      stderr: how.stderr,
    });
  }
}

/** Resolves when the console says that the machine is up; the rest of it is read and dropped. */
async function bootedUp({ stdout, stderr }: Deno.ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new CannotBoot("it did not boot")), BOOT_LIMIT_MS);
  let text = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text = (text + chunk).slice(-10_000);
      if (/Reached target .*multi-user\.target/.test(text)) resolve();
    }
  };
  Promise.all([read(stdout), read(stderr)]).then(() => {
    const last = text.trim().split("\n").slice(-3).join("; ");
    reject(new CannotBoot(`systemd-nspawn ended: ${last || "it said nothing"}`));
  }, reject);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function onlyChild(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  const [child] = children.trim().split(" ");
  if (child === undefined || child === "") throw new CannotBoot("systemd-nspawn has no child");
  return Number(child);
}
