// deno-lint-ignore-file no-console
/**
 * Tests the service on a real systemd: install, crash, freeze, reload, upgrade,
 * export, stop, uninstall, in a machine that systemd-nspawn boots.
 *
 * In:   the executable that `./dev build` has made, or the one named.
 * Out:  one line a step, with the figures seen; exit code 1 if one fails. Where
 *       no machine can be had, one line that says so, and exit code 0.
 *
 * Run as `./dev service-test [EXECUTABLE]`, as root.
 *
 * @module
 */

import { Journal } from "./service_test_journal.ts";
import { CannotBoot, ensureRoot, Machine, machineObstacle } from "./service_test_machine.ts";
import { STEPS, type World } from "./service_test_steps.ts";

/** Kept from run to run; git ignores it. */
const DEBIAN_ROOT = ".test/service-root";

function say(line: string): void {
  console.log(`service-test: ${line}`);
}

/** Does all steps, each after the one before. Returns whether all succeeded. */
async function runSteps(world: World): Promise<boolean> {
  for (const [index, { title, run }] of STEPS.entries()) {
    const name = `${index + 1}/${STEPS.length} ${title}`;
    try {
      say(`ok      ${name} (${await run(world)})`);
    } catch (error) {
      say(`FAILED  ${name}: ${error instanceof Error ? error.message : error}`);
      const { stdout } = await world.machine.run("journalctl --no-pager -n 40 -u lookback");
      say(`the journal's end:\n${stdout}`);
      return false;
    }
  }
  return true;
}

async function main(executable: string): Promise<number> {
  const obstacle = await machineObstacle(DEBIAN_ROOT);
  if (obstacle !== undefined) {
    say(`skipped: ${obstacle}`);
    return 0;
  }
  try {
    await ensureRoot(DEBIAN_ROOT, say);
    const startedAt = performance.now();
    await using machine = await Machine.boot(DEBIAN_ROOT, executable);
    say(`a Debian with systemd booted in ${Math.round(performance.now() - startedAt)} ms`);
    return await runSteps({ machine, journal: Journal.follow(machine) }) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CannotBoot)) throw error;
    say(`skipped: ${error.message}`);
    return 0;
  }
}

if (import.meta.main) {
  const [named = "dist/lookback"] = Deno.args;
  const executable = await Deno.realPath(named).catch(() => undefined);
  if (executable === undefined) {
    say(`Cannot test "${named}": it is not there; build it with ./dev build`);
    Deno.exit(1);
  }
  Deno.exit(await main(executable));
}
