/**
 * Carries out the steps of install.ts: the thin shell around the plan.
 *
 * @module
 */

import { dirname } from "node:path";
import { messageOf, OperatorError, unreachable } from "../../base/errors.ts";
import { ensureFolder, removeIfThere, syncFolder } from "../../host/durable.ts";
import { runChild } from "../../host/process.ts";
import { describeStep, type Owner, type Step } from "./install.ts";
import { findAccount } from "./install_facts.ts";

/** Anyone may run the program, only root may change it. */
const PROGRAM_MODE = 0o755;

/**
 * Does the steps in order and says each one before it is done.
 *
 * @throws {OperatorError} "service-failed" at the first step that fails; the ones before
 * are done, and doing all of them again is safe.
 */
export async function carryOut(
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<void> {
  for (const step of steps) {
    say(describeStep(step));
    try {
      await perform(step);
    } catch (error) {
      throw error instanceof OperatorError ? error : stepFailed(step, messageOf(error));
    }
  }
}

async function perform(step: Step): Promise<void> {
  switch (step.type) {
    case "note":
      return;
    case "run":
      return await run(step);
    case "folder":
      await ensureFolder(step.path);
      await giveTo(step.path, step.owner);
      // After the owner: a change of owner takes the group's bit away.
      return await Deno.chmod(step.path, step.mode);
    case "file": {
      const bytes = new TextEncoder().encode(step.text);
      // For root alone until it has its owner: it may hold passwords.
      const write = (path: string) => Deno.writeFile(path, bytes, { createNew: true, mode: 0o600 });
      return await place(step, write);
    }
    case "copy": {
      const copy = (path: string) => Deno.copyFile(step.from, path);
      return await place({ path: step.path, mode: PROGRAM_MODE }, copy);
    }
    case "remove":
      return await removeIfThere(step.path, "with-content");
    default:
      unreachable(step);
  }
}

async function run(step: Extract<Step, { type: "run" }>): Promise<void> {
  const [command, ...args] = step.command;
  const { code, errorTail } = await runChild({ command, args });
  if (code !== 0 && step.mayFail !== true) {
    throw stepFailed(step, errorTail.join("; ") || `it ended with exit code ${code}`);
  }
}

/** A file that is whole, durable and has its rights before it has its name. */
async function place(
  target: { readonly path: string; readonly mode: number; readonly owner?: Owner },
  make: (path: string) => Promise<void>,
): Promise<void> {
  const temporary = `${target.path}.part`;
  await removeIfThere(temporary);
  await make(temporary);
  if (target.owner !== undefined) await giveTo(temporary, target.owner);
  await Deno.chmod(temporary, target.mode);
  {
    using file = await Deno.open(temporary);
    await file.sync();
  }
  await Deno.rename(temporary, target.path);
  await syncFolder(dirname(target.path));
}

async function giveTo(path: string, { user, group }: Owner): Promise<void> {
  await Deno.chown(path, await idOf("/etc/passwd", user), await idOf("/etc/group", group));
}

async function idOf(list: string, name: string): Promise<number> {
  const entry = findAccount(await Deno.readTextFile(list), name);
  if (entry === undefined) throw new Error(`"${name}" is not in ${list}`);
  return entry.id;
}

function stepFailed(step: Step, reason: string): OperatorError {
  const again = "mend what is named above and run the same command again: " +
    "steps that are done do no harm";
  const isOfService = step.type === "run" && step.command[0] === "systemctl";
  return new OperatorError("service-failed", `Cannot ${describeStep(step)}`, {
    found: { reason },
    fix: isOfService
      ? ["look at what the service says: journalctl -u lookback -n 50", again]
      : [again],
  });
}
