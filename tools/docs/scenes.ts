/**
 * Made-up cameras for the guide's pictures: drawn places in which somebody walks and
 * something drives, as video files, and a service that says what is in them.
 *
 * Nobody's camera, nobody's face.
 *
 * @module
 */

import { join } from "node:path";
import type { Page } from "playwright-core";
import { runFfmpeg } from "../../tests/support/clips.ts";

export const SCENE = { width: 960, height: 540, fps: 12, seconds: 24 } as const;

/** Somebody or something that goes through a scene. */
interface Figure {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  /** Expressions of ffmpeg's with the time `t`. */
  readonly x: string;
  readonly y: string;
  readonly class: string;
  /** The colour that it alone has: what the service looks for. */
  readonly colour: readonly [red: number, green: number, blue: number];
  /** Where that colour is in it, as fractions of its box: left, top, right, bottom. */
  readonly part: readonly [number, number, number, number];
}

export interface Scene {
  readonly id: string;
  readonly name: string;
  readonly svg: string;
  readonly figure: Figure;
}

const person: Figure = {
  svg: `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="220" viewBox="0 0 90 220">
    <ellipse cx="45" cy="213" rx="36" ry="6" fill="#000" opacity=".25"/>
    <rect x="27" y="128" width="15" height="82" rx="6" fill="#2b3a55" transform="rotate(6 34 130)"/>
    <rect x="47" y="128" width="15" height="82" rx="6" fill="#34466a" transform="rotate(-7 54 130)"/>
    <rect x="20" y="56" width="50" height="84" rx="16" fill="#f07f13"/>
    <rect x="10" y="60" width="14" height="66" rx="7" fill="#f07f13" transform="rotate(8 17 62)"/>
    <rect x="66" y="60" width="14" height="66" rx="7" fill="#f07f13" transform="rotate(-9 73 62)"/>
    <circle cx="45" cy="34" r="21" fill="#d9a57a"/>
    <path d="M24 32a21 21 0 0 1 42 0c-8-9-30-11-42 0z" fill="#3a2a20"/></svg>`,
  width: 90,
  height: 220,
  x: "if(between(mod(t\\,24)\\,2\\,22)\\,-90+(mod(t\\,24)-2)*53\\,-400)",
  y: "266+4*abs(sin(t*5))",
  class: "person",
  colour: [240, 127, 19],
  part: [0.06, 0.26, 0.94, 0.64],
};

const car: Figure = {
  svg: `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="130" viewBox="0 0 300 130">
    <ellipse cx="150" cy="122" rx="140" ry="7" fill="#000" opacity=".25"/>
    <path d="M14 100q-6-36 30-42l34-6q24-36 66-38h44q40 4 58 42l26 8q22 8 18 36z" fill="#c81e3a"/>
    <path d="M92 52q18-24 48-26v28zM152 26h32q26 4 40 30l-72-2z" fill="#bcd4de"/>
    <circle cx="76" cy="100" r="24" fill="#20242a"/><circle cx="76" cy="100" r="11" fill="#9aa5b1"/>
    <circle cx="226" cy="100" r="24" fill="#20242a"/><circle cx="226" cy="100" r="11" fill="#9aa5b1"/></svg>`,
  width: 300,
  height: 130,
  x: "if(between(mod(t\\,24)\\,9\\,20)\\,960-(mod(t\\,24)-9)*115\\,-600)",
  y: "372",
  class: "car",
  colour: [200, 30, 58],
  part: [0.04, 0.12, 0.97, 0.78],
};

const dog: Figure = {
  svg: `<svg xmlns="http://www.w3.org/2000/svg" width="150" height="100" viewBox="0 0 150 100">
    <ellipse cx="75" cy="95" rx="62" ry="5" fill="#000" opacity=".25"/>
    <rect x="34" y="54" width="12" height="40" rx="5" fill="#8a4a12"/>
    <rect x="92" y="54" width="12" height="40" rx="5" fill="#8a4a12"/>
    <rect x="26" y="34" width="86" height="34" rx="16" fill="#a85c18"/>
    <path d="M100 36l10-22 26 4 10 18-14 12-24 2z" fill="#a85c18"/>
    <path d="M112 14l-4 22 12-6z" fill="#6e3a0d"/><path d="M30 40Q8 34 10 14" stroke="#a85c18" stroke-width="9" fill="none"/></svg>`,
  width: 150,
  height: 100,
  x: "if(between(mod(t\\,24)\\,2\\,13)\\,-150+(mod(t\\,24)-2)*105\\,-500)",
  y: "400-10*abs(sin(t*6))",
  class: "dog",
  colour: [168, 92, 24],
  part: [0.04, 0.14, 0.97, 0.7],
};

const place = (inner: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540" viewBox="0 0 960 540">
  <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#9cc3dd"/><stop offset="1" stop-color="#e6eff2"/></linearGradient>
  <linearGradient id="grass" x2="0" y2="1"><stop stop-color="#8fae6b"/><stop offset="1" stop-color="#6d9150"/></linearGradient>
  <linearGradient id="way" x2="0" y2="1"><stop stop-color="#a9a9a4"/><stop offset="1" stop-color="#c2c1bb"/></linearGradient></defs>
  <rect width="960" height="540" fill="url(#sky)"/>${inner}</svg>`;

const bush = (x: number, y: number, r: number) =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="#4f7a45"/><circle cx="${x + r}" cy="${y + 6}" r="${
    r * 0.8
  }" fill="#5b8a4f"/>`;

const tree = (x: number, y: number, s: number) =>
  `<rect x="${x - 8 * s}" y="${y - 90 * s}" width="${16 * s}" height="${
    90 * s
  }" fill="#6b4a2f"/><circle cx="${x}" cy="${y - 130 * s}" r="${
    62 * s
  }" fill="#4f7a45"/><circle cx="${x + 40 * s}" cy="${y - 105 * s}" r="${40 * s}" fill="#5b8a4f"/>`;

/** The four cameras of the guide's pictures. */
export const SCENES: readonly Scene[] = [
  {
    id: "front",
    name: "Front door",
    figure: person,
    svg: place(`<rect y="60" width="960" height="330" fill="#d8cdbd"/>
      <g fill="#cabda9">${
      Array.from({ length: 8 }, (_, i) => `<rect y="${80 + i * 40}" width="960" height="2"/>`).join(
        "",
      )
    }</g>
      <rect x="390" y="120" width="180" height="270" rx="4" fill="#5a4632"/><rect x="404" y="134" width="152" height="256" fill="#7b5e41"/>
      <rect x="420" y="152" width="120" height="70" fill="#bcd4de"/><circle cx="540" cy="276" r="7" fill="#e0c060"/>
      <rect x="110" y="140" width="170" height="130" fill="#f5f3ee"/><rect x="120" y="150" width="70" height="110" fill="#a9c6d3"/><rect x="200" y="150" width="70" height="110" fill="#a9c6d3"/>
      <rect x="680" y="140" width="170" height="130" fill="#f5f3ee"/><rect x="690" y="150" width="70" height="110" fill="#a9c6d3"/><rect x="770" y="150" width="70" height="110" fill="#a9c6d3"/>
      <rect x="620" y="176" width="22" height="34" rx="6" fill="#f6e7a8"/>
      <rect y="388" width="960" height="152" fill="url(#way)"/><rect x="360" y="384" width="240" height="22" fill="#8e8c86"/>
      ${bush(60, 380, 34)}${bush(890, 384, 30)}`),
  },
  {
    id: "drive",
    name: "Drive",
    figure: car,
    svg: place(`<rect y="250" width="960" height="290" fill="url(#grass)"/>
      <path d="M0 250h300l40-90 170-50 170 50 40 90z" fill="#d2c4b0"/><path d="M320 165l190-80 190 80z" fill="#8c4a3c"/>
      <rect x="470" y="180" width="80" height="70" fill="#6b7d8c"/><rect x="380" y="185" width="54" height="40" fill="#a9c6d3"/><rect x="590" y="185" width="54" height="40" fill="#a9c6d3"/>
      <path d="M0 400q480-60 960 0v140H0z" fill="url(#way)"/><path d="M0 452q480-54 960 0" stroke="#f3f1ea" stroke-width="6" stroke-dasharray="46 34" fill="none"/>
      ${tree(140, 360, 1.1)}${tree(850, 350, 0.9)}${bush(300, 330, 26)}`),
  },
  {
    id: "garden",
    name: "Garden",
    figure: dog,
    svg: place(`<rect y="230" width="960" height="310" fill="url(#grass)"/>
      <g fill="#c9a77c" stroke="#a98455" stroke-width="2">${
      Array.from({ length: 24 }, (_, i) => `<path d="M${i * 40} 300v-92l18-14 18 14v92z"/>`).join(
        "",
      )
    }</g>
      <path d="M330 540q60-150 150-240h50q60 100 160 240z" fill="#d6c8a4"/>
      ${tree(170, 400, 1.3)}${bush(720, 360, 34)}${bush(800, 370, 28)}
      <rect x="560" y="330" width="120" height="14" fill="#7b5e41"/><rect x="572" y="344" width="10" height="36" fill="#5a4632"/><rect x="660" y="344" width="10" height="36" fill="#5a4632"/>`),
  },
  {
    id: "gate",
    name: "Gate",
    figure: { ...person, x: person.x.replaceAll("t\\,24", "t+11\\,24"), y: "292+4*abs(sin(t*5))" },
    svg: place(`<rect y="220" width="960" height="320" fill="url(#grass)"/>
      <path d="M380 240h200l190 300H190z" fill="url(#way)"/>
      <g fill="#8b9299" stroke="#6c747c" stroke-width="2">${
      Array.from({ length: 13 }, (_, i) =>
        `<rect x="${330 + i * 24}" y="150" width="9" height="130"/>`)
        .join("")
    }<rect x="322" y="172" width="310" height="9"/><rect x="322" y="250" width="310" height="9"/></g>
      <rect x="292" y="130" width="34" height="156" fill="#a8876b"/><rect x="632" y="130" width="34" height="156" fill="#a8876b"/>
      <rect y="196" width="292" height="84" fill="#bfa78d"/><rect x="666" y="196" width="294" height="84" fill="#bfa78d"/>
      ${tree(90, 300, 1)}${tree(880, 310, 1.1)}${bush(220, 330, 26)}`),
  },
];

/** Longest time for the video of a scene, in milliseconds. Here it takes 5 s. */
const ENCODE_LIMIT_MS = 300_000;

/** Makes the video of a scene. */
export async function makeScene(scene: Scene, folder: string, page: Page): Promise<string> {
  const { svg, figure } = scene;
  const back = join(folder, `${scene.id}.png`);
  const moving = join(folder, `${scene.id}-figure.png`);
  await drawPng(page, { svg, path: back, scale: "css" });
  await drawPng(page, { svg: figure.svg, path: moving, scale: "css" });
  const path = join(folder, `${scene.id}.mp4`);
  await runFfmpeg([
    ...["-loop", "1", "-framerate", `${SCENE.fps}`, "-t", `${SCENE.seconds}`, "-i", back],
    ...["-loop", "1", "-framerate", `${SCENE.fps}`, "-t", `${SCENE.seconds}`, "-i", moving],
    ...[
      "-filter_complex",
      `[0]noise=alls=3:allf=t[back];[back][1]overlay=x='${figure.x}':y='${figure.y}'`,
    ],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p"],
    ...["-g", `${SCENE.fps * 2}`, "-y", path],
  ], { limitMs: ENCODE_LIMIT_MS });
  return path;
}

/** Draws an SVG; `scale` says whether with as many pixels as the browser's page has, or as it says itself. */
export async function drawPng(
  page: Page,
  { svg, path, scale }: {
    readonly svg: string;
    readonly path: string;
    readonly scale: "css" | "device";
  },
): Promise<void> {
  await page.setContent(`<body style="margin:0;background:transparent">${svg}</body>`);
  await page.locator("svg").first().screenshot({ path, scale, omitBackground: true });
}

/** Small enough to be looked through in no time. */
const LOOK = { width: 240, height: 135 } as const;

/** A service that finds the figures by their colours. */
export interface ScenesDetector extends AsyncDisposable {
  readonly url: string;
  /** Where the middle of a camera's figure was last, from 0 on the left to 1; undefined while it is away. */
  placeOf(cameraId: string): number | undefined;
}

export function startScenesDetector(): ScenesDetector {
  const places = new Map<string, number | undefined>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const form = await request.formData();
      const frame = new Uint8Array(await (form.get("frame") as File).arrayBuffer());
      const scene = SCENES.find(({ id }) => id === form.get("cameraId"));
      const detections = scene === undefined ? [] : find(scene.figure, await pixelsOf(frame));
      const [found] = detections;
      if (scene !== undefined) {
        places.set(scene.id, found === undefined ? undefined : found.x + found.width / 2);
      }
      return Response.json({ detections });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/detect`,
    placeOf: (cameraId) => places.get(cameraId),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function pixelsOf(jpeg: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-f", "mjpeg", "-i", "-", "-vf", `scale=${LOOK.width}:${LOOK.height}`],
      ...["-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(jpeg);
  await writer.close();
  return (await child.output()).stdout;
}

/** The box around all that has the figure's colour, as large as the whole figure. */
function find({ colour, part, ...figure }: Figure, pixels: Uint8Array) {
  let [left, top]: [number, number] = [LOOK.width, LOOK.height];
  let [right, bottom, count] = [0, 0, 0];
  for (let y = 0; y < LOOK.height; y += 1) {
    for (let x = 0; x < LOOK.width; x += 1) {
      const at = (y * LOOK.width + x) * 3;
      const distance = colour.reduce(
        (sum, one, index) => sum + Math.abs(one - pixels[at + index]!),
        0,
      );
      if (distance > 60) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
      count += 1;
    }
  }
  if (count < 25) return [];
  const height = figure.height / SCENE.height;
  const width = (right - left) / LOOK.width / (part[2] - part[0]);
  const x = Math.max(0, left / LOOK.width - part[0] * width);
  const y = Math.max(0, bottom / LOOK.height - part[3] * height);
  // Best seen in the middle: that becomes the event's picture.
  const confidence = 0.95 - Math.abs(x + width / 2 - 0.5) * 0.4;
  const size = { width: Math.min(width, 1 - x), height: Math.min(height, 1 - y) };
  return [{ class: figure.class, confidence, x, y, ...size }];
}
