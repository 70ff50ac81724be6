/**
 * `lookback init`: asks for cameras, storage root and batch length, looks at each
 * source, and writes the settings file.
 *
 * @module
 */

import { Command } from "commander";
import { dirname, resolve } from "node:path";
import { CONFIG_FILE_NAME, SYSTEM_CONFIG_PATH, SYSTEM_ROOT } from "../../config.ts";
import { requireFree, writeConfigFiles, type WrittenConfig } from "../app/config/files.ts";
import { layerConfig } from "../app/config/layers.ts";
import { shownPath } from "../app/config/mistakes.ts";
import {
  type ConfigDraft,
  type DraftCamera,
  problemWith,
  TEMPLATE_DRAFT,
} from "../app/config/template.ts";
import { describeProbe, type ProbeResult, probeSource } from "../app/probe.ts";
import { chooseFfmpeg } from "../app/ffmpeg_choice.ts";
import { OperatorError } from "../base/errors.ts";
import { type CameraSource, parseSource } from "../model/camera.ts";
import { type Asker, openAsker } from "./asker.ts";
import { interruptible } from "./interrupt.ts";
import { print } from "./terminal.ts";
import { PROGRAM } from "./version.ts";

interface InitFlags {
  readonly out: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** What the answers are about. */
interface Interview {
  readonly asker: Asker;
  /** The settings file, absolute. */
  readonly path: string;
  readonly ffprobePath: string;
}

export function initCommand(): Command {
  return new Command("init")
    .description("ask for cameras, storage root and batch length, and write the settings file")
    .option("--out <file>", "where to write it", CONFIG_FILE_NAME)
    .option("--yes", "ask nothing: write a template with a synthetic camera")
    .option("--force", "replace a settings file that is there")
    .addHelpText("after", "\nExample:\n  lookback init --out /etc/lookback/lookback.yaml")
    .action(init);
}

async function init(flags: InitFlags): Promise<void> {
  const path = resolve(flags.out);
  if (!flags.force) await requireFree(path);
  const draft = flags.yes ? TEMPLATE_DRAFT : await askForDraft(path);
  const written = await writeConfigFiles(draft, { path, replace: flags.force ?? false });
  for (const line of whatNext(draft, written)) print(line);
}

async function askForDraft(path: string): Promise<ConfigDraft> {
  const environment = Deno.env.toObject();
  const { settings } = layerConfig({ file: null, environment, cwd: Deno.cwd() });
  const { ffprobePath } = await chooseFfmpeg(settings);
  using asker = openAsker();
  try {
    return await interview({ asker, path, ffprobePath });
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== "prompt-unanswered") throw error;
    throw new OperatorError(error.code, error.message, {
      fix: [
        "give one answer a line on standard input, or run lookback init at a terminal",
        "or write a template without questions: lookback init --yes",
      ],
    });
  }
}

async function interview(about: Interview): Promise<ConfigDraft> {
  const { asker, path } = about;
  const cameras: DraftCamera[] = [];
  do cameras.push(await askForCamera(cameras, about)); while (
    await asker.confirm("Another camera?")
  );
  const root = await askOrDefault(asker, {
    text: "STORAGE ROOT?",
    fallback: path === SYSTEM_CONFIG_PATH ? SYSTEM_ROOT : dirname(path),
    check: (answer) => problemWith("storage.root", { storage: { root: answer } }),
  });
  const batch = await askOrDefault(asker, {
    text: "BATCH LENGTH in seconds?",
    fallback: "10",
    check: (answer) => problemWith("batch", { batch: { duration_seconds: toNumber(answer) } }),
  });
  return {
    ...(root === "" ? {} : { storage: { root: fromFile(root, path) } }),
    ...(batch === "" ? {} : { batch: { duration_seconds: Number(batch) } }),
    cameras,
  };
}

async function askForCamera(
  before: readonly DraftCamera[],
  about: Interview,
): Promise<DraftCamera> {
  const { asker, path } = about;
  /** Says what is wrong with a key of the camera, beside those that are there. */
  const problem = (key: string, camera: Partial<DraftCamera>) =>
    problemWith(`cameras[${before.length}].${key}`, { cameras: [...before, camera] });
  const id = await asker.ask({
    text: `CAMERA ${before.length + 1}: id?`,
    example: "front",
    check: (answer) => problem("id", { id: answer }),
  });
  const name = await askOrDefault(asker, {
    text: "NAME?",
    fallback: id,
    check: (answer) => problem("name", { name: answer }),
  });
  const typed = await askForSource(about, (answer) => problem("source", { source: answer }));
  const source = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : fromFile(typed, path);
  return { id, ...(name === "" ? {} : { name }), source };
}

/** Asks until a source is there to stay, seen or not. */
async function askForSource(
  { asker, ffprobePath }: Interview,
  check: (answer: string) => string | undefined,
): Promise<string> {
  while (true) {
    const typed = await asker.ask({
      text: "SOURCE?",
      example: "rtsp://user:password@192.0.2.10/stream1, yard.mp4, test://1280x720@25",
      check,
    });
    const parsed = parseSource(typed, { loop: false, resolvePath: (path) => resolve(path) });
    if (!parsed.ok) continue;
    asker.show(["looking at it …"]);
    const seen = await look(parsed.source, ffprobePath);
    asker.show([seen.ok ? `there is ${describeProbe(seen)}` : `not seen: ${describeProbe(seen)}`]);
    if (await askWhetherToUse(asker, seen) !== "change") return typed;
  }
}

/** Whether a source is the right one, now that it was looked at. */
async function askWhetherToUse(asker: Asker, seen: ProbeResult): Promise<string> {
  const change = { value: "change", hint: "type the source again" };
  const goOn = { value: "go on", hint: "this is the camera" };
  const keep = { value: "keep anyway", hint: "it will be there later" };
  const choices = seen.ok ? [goOn, change] : [change, keep];
  return await asker.choose("USE IT?", choices, { fallback: choices[0]!.value });
}

/** A probe that Ctrl-C ends, and whose missing program is an answer too. */
async function look(source: CameraSource, ffprobePath: string): Promise<ProbeResult> {
  try {
    return await interruptible((signal) => probeSource(source, { ffprobePath, signal }));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { ok: false, problem: error.message };
  }
}

/** Asks a question that an empty line answers. Returns "" then. */
async function askOrDefault(
  asker: Asker,
  question: {
    readonly text: string;
    readonly fallback: string;
    readonly check: (answer: string) => string | undefined;
  },
): Promise<string> {
  return await asker.ask({
    text: `${question.text} (Enter: ${question.fallback})`,
    example: question.fallback,
    check: (answer) => answer === "" ? undefined : question.check(answer),
  });
}

function toNumber(answer: string): unknown {
  return /^\d+(?:\.\d+)?$/.test(answer) ? Number(answer) : answer;
}

/** A path typed here, as the settings file has to say it. */
function fromFile(typed: string, path: string): string {
  return dirname(path) === Deno.cwd() ? typed : resolve(typed);
}

function whatNext(
  { cameras }: ConfigDraft,
  { path, schemaPath }: WrittenConfig,
): readonly string[] {
  const isFound = path === resolve(CONFIG_FILE_NAME) || path === SYSTEM_CONFIG_PATH;
  const flag = isFound ? "" : ` --config ${shownPath(path, Deno.cwd())}`;
  return [
    "",
    `settings  ${path} (${cameras.length === 1 ? "1 camera" : `${cameras.length} cameras`})`,
    `schema    ${schemaPath}`,
    "",
    "Go on with:",
    `  ${PROGRAM} config check${flag}`,
    `  ${PROGRAM} run${flag}`,
  ];
}
