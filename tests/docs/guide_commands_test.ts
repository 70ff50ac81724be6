/**
 * Every command of the guide runs, as it stands there, and prints what the guide says:
 * against a root that was recorded (guide_root.ts). Those that need a machine of their
 * own are run by `./dev guide-test`.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { inParallel } from "../../src/app/discover/in_parallel.ts";
import { unixMs } from "../../src/base/units.ts";
import { readGuide } from "../../tools/docs/guide.ts";
import { commandsOf, type GuideCommand } from "../../tools/docs/guide_commands.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { outputDifference } from "./guide_output.ts";
import { copyGuideRoot, GUIDE_ZONE, makeGuideRoot } from "./guide_root.ts";

const TOP = new URL("../../", import.meta.url).pathname;

/** What people type is `lookback`, and `./lookback` before it is installed. */
const PROGRAM = Deno.env.get("LOOKBACK_BIN") ?? `${Deno.execPath()} run --quiet --allow-read ` +
    `--allow-write --allow-run --allow-env --allow-sys --allow-net --allow-ffi ${TOP}main.ts`;

/** Commands that say with another code than 0 what they have found here. */
const OTHER_CODES: Readonly<Record<string, readonly number[]>> = {
  // Without a service and a time server there is something to mend.
  "lookback doctor": [0, 1],
  "./lookback doctor": [0, 1],
  "lookback doctor --bundle report.tar.gz": [0, 1],
};

/** Runs as a person's shell does. */
async function runInShell(
  script: string,
  options: { readonly cwd: string; readonly input: string },
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = new Deno.Command("sh", {
    args: ["-ec", script],
    cwd: options.cwd,
    env: {
      ...{ TZ: GUIDE_ZONE, NO_COLOR: "1", HOME: options.cwd },
      PATH: `${options.cwd}:${Deno.env.get("PATH") ?? ""}`,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache/deno"),
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that asks nothing may end before it has read.
  const fed = writer.write(new TextEncoder().encode(options.input)).then(() => writer.close())
    .catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await fed;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** What was run and need not be again: nothing is compared, and it changes nothing. */
const done = new Set<string>();

async function runCommand(command: GuideCommand, cwd: string): Promise<void> {
  const { script, answers, output } = command;
  const isPlain = answers === "" && output === undefined;
  const name = script.replace(/^\.\//, "");
  if (isPlain && done.has(name)) return;
  if (isPlain && /^lookback (?:doctor|status|verify|coverage)$/.test(name)) done.add(name);
  const { code, stdout, stderr } = await runInShell(script, { cwd, input: answers });
  const codes = OTHER_CODES[script] ?? [0];
  ok(codes.includes(code), `"${script}" ended with ${code}:\n${stdout}\n${stderr}`);
  if (output === undefined) return;
  // What the prompt and init ask, and what they answer, goes to both.
  const printed = answers === "" ? `${stderr}\n${stdout}` : stdout;
  strictEqual(outputDifference(output, printed), null, `the output of "${script}"`);
}

/** A page with the commands of it that are run. */
interface RunPage {
  readonly file: string;
  readonly commands: readonly GuideCommand[];
}

/**
 * Runs a page's commands, each after the one before, where there is footage as the page
 * needs it: `recorded` has it, but what is "1 minute ago" there has passed by and by.
 */
async function runPage({ file, commands }: RunPage, recorded: string): Promise<void> {
  await using folder = await tempFolder();
  const cwd = folder.path;
  const needsNow = commands.some(({ script, answers }) => /minutes? ago/.test(script + answers));
  if (needsNow) await makeGuideRoot(cwd, unixMs(Date.now()));
  else await copyGuideRoot(recorded, cwd);
  await Deno.writeTextFile(join(cwd, "lookback"), `#!/bin/sh\nexec ${PROGRAM} "$@"\n`, {
    mode: 0o755,
  });
  // init writes the settings that are there already.
  if (commands.some(({ script }) => script === "./lookback init")) {
    await Deno.remove(join(cwd, "lookback.yaml"));
  }
  for (const command of commands) {
    try {
      await runCommand(command, cwd);
    } catch (error) {
      throw new Error(`docs/guide/${file}: "${command.script}"`, { cause: error });
    }
  }
}

/** Pages at the same time: a command starts on one processor, and then waits for others. */
const PAGES_AT_ONCE = 2;

const guide = await readGuide(TOP);

Deno.test("The commands of docs/guide do what its pages say", async () => {
  const pages = guide.map(({ file, markdown }) => ({
    file,
    commands: commandsOf(markdown).filter(({ use }) => use === "any" || use === "demo"),
  })).filter(({ commands }) => commands.length > 0);
  ok(pages.length >= 9);
  await using recorded = await tempFolder();
  await makeGuideRoot(recorded.path, unixMs(Date.now()));
  // A page that fails must not take the folder from under the other.
  const failures = await inParallel(pages, {
    limit: PAGES_AT_ONCE,
    work: (page) => runPage(page, recorded.path).then(() => null, (error: unknown) => error),
  });
  const [first] = failures.filter((failure) => failure !== null);
  if (first !== undefined) throw first;
});

Deno.test("The guide has commands, and those that are not run say why", () => {
  const commands = guide.flatMap(({ markdown }) => commandsOf(markdown));
  ok(commands.filter(({ use }) => use === "any" || use === "demo").length > 25);
  ok(commands.filter(({ use }) => use === "box").length >= 4);
});

const OUTPUTS = [
  {
    name: "takes other numbers, times and folders",
    page: "film /home/you/a.mp4\n  20 frames",
    printed: "film   /tmp/x/b.mp4\n300 frames\n",
    differs: false,
  },
  {
    name: "takes anything for …",
    page: "one\n…\nthree",
    printed: "one\ntwo\nthree",
    differs: false,
  },
  { name: "takes any end of a line for …", page: "sha …", printed: "sha abc def", differs: false },
  { name: "tells another word", page: "no faults", printed: "2 faults", differs: true },
  {
    name: "tells a line that is missing",
    page: "one\nthree",
    printed: "one\ntwo\nthree",
    differs: true,
  },
] as const;

for (const { name, page, printed, differs } of OUTPUTS) {
  Deno.test(`outputDifference() ${name}`, () => {
    deepStrictEqual(outputDifference(page, printed) !== null, differs);
  });
}
