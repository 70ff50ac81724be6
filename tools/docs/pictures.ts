/**
 * Makes the guide's pictures anew: a Lookback records made-up cameras, a browser and a
 * terminal use it, and what they show is kept.
 *
 * Run by `./dev docs --pictures`. Needs Chromium, tmux and about three minutes.
 *
 * @module
 */

import { join } from "node:path";
import type { Page } from "playwright-core";
import { startBrowser } from "../../tests/support/browser.ts";
import { runFfmpeg } from "../../tests/support/clips.ts";
import { lookback } from "../../tests/support/lookback.ts";
import { enterFirst, servePage } from "../../tests/support/served_page.ts";
import { drawDiagram } from "./diagram.ts";
import { DIAGRAMS } from "./diagrams.ts";
import { PAGE_PICTURES, PAGE_SIZE } from "./page_pictures.ts";
import { drawPng, makeScene, SCENES, startScenesDetector } from "./scenes.ts";
import { Terminal, terminalPage } from "./terminal.ts";

/** So long the cameras are recorded before the first picture: some events, some batches. */
const RECORD_MS = 100_000;

/** Pictures are made with so many pixels for one of the page. */
const SHARPNESS = 1.5;

const TOP = new URL("../../", import.meta.url).pathname;

interface Studio {
  /** Where the pictures go. */
  readonly pictures: string;
  /** The storage root. */
  readonly root: string;
  /** Where the terminal is. */
  readonly box: string;
  readonly page: Page;
}

export async function makePictures(top: string, say: (line: string) => void): Promise<void> {
  const pictures = join(top, "docs/guide/pictures");
  await Deno.mkdir(pictures, { recursive: true });
  const root = await Deno.makeTempDir({ prefix: "footage-" });
  // A short path: long ones break the lines.
  const box = await Deno.makeTempDir({ prefix: "b" });
  try {
    await using browser = await startBrowser({ viewport: PAGE_SIZE, sharpness: SHARPNESS });
    const studio = { pictures, root, box, page: browser.page };
    say("diagrams");
    await drawDiagrams(studio);
    for (const scene of SCENES) {
      say(`scene ${scene.id}`);
      await makeScene(scene, root, browser.page);
    }
    await takePictures(studio, say);
  } finally {
    for (const folder of [root, box]) await Deno.remove(folder, { recursive: true });
  }
}

async function drawDiagrams({ pictures, page }: Studio): Promise<void> {
  for (const diagram of DIAGRAMS) {
    const path = join(pictures, `diagram-${diagram.name}.png`);
    await drawPng(page, { svg: drawDiagram(diagram), path, scale: "device" });
  }
}

async function takePictures(studio: Studio, say: (line: string) => void): Promise<void> {
  const { root, page } = studio;
  await using detector = startScenesDetector();
  await using served = await servePage(root, settings(detector.url));
  say("the page");
  await page.setViewportSize({ ...PAGE_SIZE, height: 460 });
  await page.goto(served.url);
  await page.waitForSelector("[name=user]");
  await snap(studio, "page-login");
  await enterFirst(page, served);
  await terminalPictures(studio, say);
  await lookback(["users", "add", "anna", "--role", "operator"], { cwd: root });
  await lookback(["users", "add", "ben", "--role", "viewer", "--camera", "garden"], { cwd: root });
  say(`recording for ${RECORD_MS / 1_000} s`);
  await new Promise((resolve) => setTimeout(resolve, RECORD_MS));
  for (const { name, height, take } of PAGE_PICTURES) {
    say(`page-${name}`);
    await page.setViewportSize({ ...PAGE_SIZE, ...(height === undefined ? {} : { height }) });
    await take({ page, url: served.url, placeOf: detector.placeOf });
    await snap(studio, `page-${name}`);
  }
  say("frame-detections");
  await detectionsPicture(studio);
}

/** Photos of cameras are smaller as JPEGs. */
async function snap({ page, pictures }: Studio, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.jpg`), type: "jpeg", quality: 82 });
}

function settings(detectorUrl: string): string {
  const cameras = SCENES.map(({ id, name }) =>
    `  - { id: ${id}, name: ${name}, source: ${id}.mp4, loop: true, vision: { enabled: true } }`
  );
  return `batch: { duration_seconds: 5 }
vision: { detector: "${detectorUrl}", fps: 5 }
cameras:
${cameras.join("\n")}
`;
}

/** The moment at which the newest visit of a person was seen best, with the box burnt in. */
async function detectionsPicture({ root, pictures }: Studio): Promise<void> {
  const listed = await lookback(["events", "--camera", "front", "--class", "person", "--json"], {
    cwd: root,
  });
  const events: readonly {
    readonly end: string | null;
    readonly best: { readonly at: string };
  }[] = JSON.parse(listed.stdout).events;
  const { best } = events.findLast(({ end }) => end !== null)!;
  const film = join(root, "boxes.mp4");
  const { code, stderr } = await lookback([
    ...["export", "--camera", "front", "--at", best.at, "--duration", "1s"],
    ...["--overlay", "boxes,clock,name", "--out", film],
  ], { cwd: root });
  if (code !== 0) throw new Error(`The export failed: ${stderr}`);
  await runFfmpeg([
    ...["-i", film, "-frames:v", "1"],
    ...["-q:v", "3", "-y", join(pictures, "frame-detections.jpg")],
  ]);
}

/** What a person types and sees. */
async function terminalPictures(studio: Studio, say: (line: string) => void): Promise<void> {
  const { root, box } = studio;
  for (const { id } of SCENES) await Deno.copyFile(join(root, `${id}.mp4`), join(box, `${id}.mp4`));
  await Deno.writeTextFile(
    join(box, "lookback.yaml"),
    "cameras:\n" +
      SCENES.map(({ id, name }) =>
        `  - { id: ${id}, name: ${name}, source: ${id}.mp4, loop: true }\n`
      ).join(""),
  );
  await Deno.writeTextFile(join(box, "lookback"), programText(), { mode: 0o755 });
  const env = { TZ: "Europe/Berlin", TERM: "xterm-256color" };
  const start = (command: string, columns: number, rows = 40) =>
    Terminal.start(command, { size: { columns, rows }, cwd: box, env });
  say("terminal-live");
  await using run = await start("./lookback run", 112, 12);
  await run.shows(
    /front +recording .*\n.*drive +recording .*\n.*garden +recording .*\n.*gate +recording/,
  );
  // Until each camera has closed two batches and its numbers are steady.
  await run.shows(/front +recording.* [2-9] +\d\d:/);
  await keep(studio, run, { name: "live", title: "lookback run" });
  say("terminal-prompt");
  await using prompt = await start("./lookback prompt", 112);
  await prompt.shows(/CAMERA\?/);
  for (
    const [answer, next] of [["", /TIMESTAMP\?/], ["15 seconds ago", /DURATION\?/], [
      "5s",
      /Write the MP4/,
    ]] as const
  ) {
    await prompt.type(answer);
    await prompt.shows(next);
  }
  await prompt.type("");
  await prompt.shows(/receipt/);
  await keep(studio, prompt, { name: "prompt", title: "lookback prompt" });
  say("terminal-doctor");
  await using doctor = await start("./lookback doctor", 112);
  await doctor.shows(/\d+ ok, /);
  await keep(studio, doctor, { name: "doctor", title: "lookback doctor" });
}

/** A program of the name that people type, which runs the sources. */
function programText(): string {
  return `#!/bin/sh\nexec "${Deno.execPath()}" run --quiet --allow-read --allow-write ` +
    `--allow-run --allow-env --allow-sys --allow-net --allow-ffi "${TOP}main.ts" "$@"\n`;
}

async function keep(
  { page, pictures, box }: Studio,
  terminal: Terminal,
  { name, title }: { readonly name: string; readonly title: string },
): Promise<void> {
  // Where the pictures were made is nobody's business.
  const screen = (await terminal.screen()).replaceAll(box, "/home/you");
  const window = await page.context().newPage();
  await window.setContent(terminalPage(screen, title));
  const path = join(pictures, `terminal-${name}.png`);
  await window.locator(".window").screenshot({ path, omitBackground: true });
  await window.close();
}
