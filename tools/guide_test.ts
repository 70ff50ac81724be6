// deno-lint-ignore-file no-console
/**
 * The reader's test: follows the guide's pages "install" and "get footage" to the letter
 * on a clean Debian that has the executable and ffmpeg, and looks whether that gives films.
 *
 * The commands and the answers are taken out of the pages. What is marked as not
 * runnable, or as in need of older footage, is left out.
 *
 * In:   the executable that `./dev build` has made, or the one named.
 * Out:  one line a command; exit code 1 if one fails. Where no machine can be had, one
 *       line that says so, and exit code 0.
 *
 * Run as `./dev guide-test [EXECUTABLE]`, as root.
 *
 * @module
 */

import { commandsOf } from "./docs/guide_commands.ts";
import { CannotBoot, ensureRoot, Machine, machineObstacle } from "./service_test_machine.ts";

/** Kept from run to run, the same one as that of tools/service_test.ts. */
const DEBIAN_ROOT = ".test/service-root";

const PAGES = ["docs/guide/02-install.md", "docs/guide/05-footage.md"] as const;

interface Step {
  readonly script: string;
  /** What is typed when it asks. */
  readonly answers: string;
  readonly waitSeconds: number;
}

/** The commands of a page that a reader on a new box types, in their order. */
export function stepsOf(markdown: string): readonly Step[] {
  return commandsOf(markdown).filter(({ use }) => use === "any" || use === "box")
    .map(({ script, answers, remark }) => ({
      script,
      answers,
      waitSeconds: Number(/(\d+) seconds/.exec(remark)?.[1] ?? 0),
    }));
}

/**
 * A step as the machine's shell runs it: in the folder that the file was copied to.
 * The reader is root there, so `sudo` has nothing to do.
 */
function scriptOf({ script, answers, waitSeconds }: Step): string {
  const quoted = `'${answers.replaceAll("'", "'\\''")}'`;
  return [
    "set -e",
    'sudo() { "$@"; }',
    "export PATH=/usr/local/bin:$PATH HOME=/home/reader",
    "mkdir -p /home/reader && cd /home/reader",
    "[ -e lookback ] || cp /root/lookback lookback",
    `sleep ${waitSeconds}`,
    `printf '%s' ${quoted} > /tmp/answers`,
    `{ ${script}\n} < /tmp/answers`,
  ].join("\n");
}

function say(line: string): void {
  console.log(`guide-test: ${line}`);
}

async function follow(machine: Machine): Promise<boolean> {
  for (const page of PAGES) {
    for (const step of stepsOf(await Deno.readTextFile(page))) {
      const startedAt = performance.now();
      const { code, stdout, stderr } = await machine.run(scriptOf(step));
      const [first] = step.script.split("\n");
      // The doctor finds things to mend on such a machine: no time server.
      const isDone = code === 0 || /^\.?\/?lookback doctor$/.test(step.script);
      const took = `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
      say(`${isDone ? "ok     " : "FAILED "} ${page}: ${first} (${took})`);
      if (isDone) continue;
      say(`it ended with ${code}:\n${stdout}\n${stderr}`);
      return false;
    }
  }
  return await hasFilms(machine);
}

/** Whether films lie where the guide says, and play to their end. */
async function hasFilms(machine: Machine): Promise<boolean> {
  const { code, stdout, stderr } = await machine.run([
    "set -e",
    "for film in /var/lib/lookback/output/*.mp4; do",
    '  ffmpeg -v error -i "$film" -f null -',
    '  echo "$film $(ffprobe -v error -count_frames -select_streams v -show_entries ' +
    'stream=nb_read_frames -of csv=p=0 "$film") frames"',
    "done",
  ].join("\n"));
  for (const line of stdout.split("\n")) say(line);
  const films = stdout.split("\n").filter((line) => /\.mp4 [1-9]\d* frames$/.test(line));
  const isDone = code === 0 && films.length > 0;
  say(isDone ? `ok      ${films.length} films, all decoded` : `FAILED  no films: ${stderr}`);
  return isDone;
}

async function main(executable: string): Promise<number> {
  const obstacle = await machineObstacle(DEBIAN_ROOT);
  if (obstacle !== undefined) {
    say(`skipped: ${obstacle}`);
    return 0;
  }
  try {
    await ensureRoot(DEBIAN_ROOT, say);
    await using machine = await Machine.boot(DEBIAN_ROOT, executable);
    return await follow(machine) ? 0 : 1;
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
    say(`Cannot follow the guide: "${named}" is not there; build it with ./dev build`);
    Deno.exit(1);
  }
  Deno.exit(await main(executable));
}
