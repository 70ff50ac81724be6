/**
 * The page in a real browser, as a person uses it, on a Lookback that records four
 * cameras: one browser and one Lookback for all steps, because starting them is what
 * takes time.
 *
 * One camera writes the time into its picture, so that what is shown can be asked
 * when it was made; in the picture of another something moves. How late live pictures
 * are is measured by bench/live.ts: here nothing depends on how busy the machine is,
 * but that an event shows within a second.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { readBody } from "../../src/alert/body.ts";
import type { Receipt } from "../../src/footage/receipt.ts";
import { type Receiver, startReceiver } from "../alert/receiver.ts";
import { loggedFrames } from "../support/archive.ts";
import { graveViolations } from "../support/axe.ts";
import { findChromium, startBrowser, type TestBrowser } from "../support/browser.ts";
import { frameMd5s, runFfmpeg } from "../support/clips.ts";
import { startClockCamera } from "../support/clock_camera.ts";
import { READ_CLOCK } from "../support/clock_picture.ts";
import { makeMovingScene } from "../support/moving_scene.ts";
import {
  drag,
  framesNear,
  hasFrame,
  isOnShow,
  isSo,
  placeOf,
  SHOW_LIMIT_MS,
  SHOWN,
  type Shown,
} from "../support/page_footage.ts";
import { enterFirst, type ServedPage, servePage } from "../support/served_page.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

/** A white thing goes through the picture, and again when the event of before has ended. */
const SCENE = { seconds: 13, x: "if(between(t,8,11),(t-8)*170,-300)" } as const;

/** How long an event may take from when it is decided to when the page shows it. */
const EVENT_LIMIT_MS = 1_000;

/** A recorder learns from what arrives when a frame was made: the first seconds are a little off. */
const CLOCK_SETTLES_MS = 8_000;

/** Films are made at the lowest priority. */
const EXPORT_LIMIT_MS = 60_000;

const CAMERAS = ["clock", "yard", "hall", "lab"] as const;

const PAGES = [
  ...["cameras", "camera/clock", "together", "events", "exports", "system", "configuration"],
  ...["access/users", "access/tokens", "access/audit", "account"],
] as const;

/** What a step works with. */
interface World extends TestBrowser {
  readonly root: string;
  readonly served: ServedPage;
  /** Alerts about events, at another door than the page's. */
  readonly alerts: Receiver;
}

const hasChromium = await findChromium() !== undefined;

Deno.test({
  name:
    "The page shows four cameras live and recorded, exports, tells events, and serves everybody",
  ignore: !hasChromium,
  async fn(test) {
    await using folder = await tempFolder();
    const root = folder.path;
    await makeMovingScene(join(root, "scene.mp4"), SCENE);
    await using camera = startClockCamera();
    await using alerts = startReceiver(() => 200);
    await using served = await servePage(
      root,
      settings({ camera: camera.url, alerts: alerts.url }),
    );
    await using browser = await startBrowser({ scripts: [READ_CLOCK, NOTE_EVENTS] });
    const world: World = { ...browser, root, served, alerts };
    const hosts = new Set<string>();
    world.context.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== "blob:") hosts.add(host);
    });

    await test.step("log-in takes the one-time password, and another one must be set", async () => {
      const { page } = world;
      await page.goto(served.url);
      await page.waitForSelector("[name=user]");
      deepStrictEqual(await graveViolations(page), []);
      await enterFirst(page, served);
      const stranger = await fetch(`${served.url}api/v1/cameras`);
      await stranger.body?.cancel();
      strictEqual(stranger.status, 401);
    });
    const watching = await world.context.newPage();
    await watching.goto(`${served.url}#/events`);
    // A page behind another one is drawn once a second, and this one need not be drawn.
    await world.page.bringToFront();

    const steps: readonly (readonly [name: string, step: (world: World) => Promise<void>])[] = [
      ["the grid shows four cameras, and frames of each are decoded", showsGrid],
      ["each protocol shows the camera's picture of now", showsByEachProtocol],
      ["scrubbing to a second shows that second's picture", scrubs],
      ["an export from the page is the recorded frames, and can be resumed", exports],
      ["live HLS plays in ffmpeg, which is strict about it", playsElsewhere],
      ["the log that the page shows has no password in it", keepsPassword],
      ["no page has a grave fault for who hears it or sees little", servesEverybody],
    ];
    for (const [name, step] of steps) ok(await test.step(name, () => step(world)), name);
    await test.step("an event shows within a second", () => showsEvents(watching, alerts));
    await test.step("the page asked no other host, and its policy was never broken", () => {
      deepStrictEqual([...hosts], [new URL(served.url).host]);
      deepStrictEqual(world.complaints.filter((text) => !/Failed to load resource/.test(text)), []);
    });
  },
});

function settings(urls: Record<"camera" | "alerts", string>): string {
  return `batch: { duration_seconds: 2 }
vision: { detector: motion }
alerts:
  rules: [{ name: seen, when: [motion_detected], cool_down_seconds: 0 }]
  webhook: [{ name: test, url: "${urls.alerts}" }]
cameras:
  - { id: clock, name: Clock, source: "${urls.camera}" }
  - { id: yard, name: Yard, source: scene.mp4, loop: true, vision: { enabled: true } }
  - { id: hall, source: "test://320x180@10" }
  - { id: lab, source: "test://320x180@10" }
`;
}

async function showsGrid({ page }: World): Promise<void> {
  for (const id of CAMERAS) {
    await page.waitForSelector(`.live[data-camera=${id}][data-phase=playing]`);
    await isSo(
      page,
      `document.querySelector('.live[data-camera=${id}] video')
        .getVideoPlaybackQuality().totalVideoFrames > 20`,
    );
    const shown = `.live[data-camera=${id}]`;
    match(await page.getAttribute(shown, "data-protocol") ?? "", /^(?:whep|mse)$/);
  }
}

async function showsByEachProtocol({ page }: World): Promise<void> {
  await page.goto(new URL("#/camera/clock", page.url()).href);
  for (const protocol of ["mse", "hls", "whep", "still"]) {
    const askedMs = Date.now();
    await page.selectOption(".live-line select", protocol);
    await page.waitForSelector(`.live[data-protocol=${protocol}][data-phase=playing]`);
    const element = protocol === "still" ? "img" : "video";
    // Made after it was asked for: neither a picture that stands nor one of the past.
    await isSo(
      page,
      `readClock(document.querySelector('.live[data-camera=clock] ${element}')) > ${askedMs}`,
    );
    deepStrictEqual(await page.getAttribute(".live-line .badge", "title"), PLAIN_TITLE);
  }
}

/** Of a picture that came by the first way that was tried. */
const PLAIN_TITLE = "How the picture comes, and how late it is";

async function scrubs({ page, root }: World): Promise<void> {
  await page.click("text=10 min");
  const wantedMs = await recordedInstant(page);
  // Far from where it is put next: on a busy machine that is done late, and the picture of
  // before must not pass for it.
  await drag(page, wantedMs - 3_000, wantedMs + 2_000);
  await page.waitForSelector(".recorded:not(.hidden)");
  await isSo(page, `${SHOWN}.clockMs !== null`);
  await page.keyboard.press("Space");
  // Now that it stands, it stays where it is put.
  const pixelMs = await drag(page, wantedMs - 1_000, wantedMs);
  const frames = (await loggedFrames(root, "clock")).map(({ atMs }) => atMs);
  const first = await isOnShow(
    page,
    ({ wallMs }) => hasFrame(frames, wallMs, [wantedMs - pixelMs, wantedMs + pixelMs]),
  );
  await page.keyboard.press("ArrowLeft");
  const secondBack = first.wallMs - 1_000;
  const back = await isOnShow(
    page,
    ({ wallMs }) => hasFrame(frames, wallMs, secondBack),
    framesNear(frames, secondBack),
  );
  await page.keyboard.press(".");
  // Whether it is the very next one is asked of FrameStepper: here a picture may come so late
  // that the page takes the old one for a frame that lasts.
  const stepped = await isOnShow(
    page,
    ({ wallMs }) => placeOf(frames, wallMs) > placeOf(frames, back.wallMs),
  );
  // A frame on from a second that does not show yet.
  for (const key of ["ArrowRight", ",", "."]) await page.keyboard.press(key);
  await isOnShow(page, ({ wallMs }) => Math.abs(wallMs - stepped.wallMs - 1_000) < 250);
}

/** An instant with some seconds of footage on both sides, and not of the first or the newest ones. */
async function recordedInstant(page: Page): Promise<number> {
  let wantedMs = NaN;
  await until(async () => {
    const camera = await page.evaluate<Record<"firstRecorded" | "lastRecorded", string>>(
      `fetch("/api/v1/cameras/clock").then((answer) => answer.json())`,
    );
    wantedMs = Date.parse(camera.lastRecorded) - 7_000;
    return wantedMs > Date.parse(camera.firstRecorded) + CLOCK_SETTLES_MS;
  }, { limitMs: SHOW_LIMIT_MS, what: "recorded footage" });
  return wantedMs;
}

async function exports(world: World): Promise<void> {
  const { page, root } = world;
  await page.keyboard.press("i");
  for (const key of ["ArrowRight", "ArrowRight"]) {
    const { wallMs } = await page.evaluate<Shown>(SHOWN);
    await page.keyboard.press(key);
    await isOnShow(page, (shown) => shown.wallMs > wallMs);
  }
  await page.keyboard.press("o");
  await page.click("text=Make the film");
  const row = page.locator(".export[data-state=done]");
  await row.waitFor({ timeout: EXPORT_LIMIT_MS });
  await row.getByText("Receipt").click();
  const receipt: Receipt = JSON.parse(await row.locator(".receipt pre").innerText());
  const link = row.locator("a.button");
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const path = join(root, "downloaded.mp4");
  await download.saveAs(path);
  strictEqual(download.suggestedFilename(), receipt.file.name);
  strictEqual((await Deno.stat(path)).size, receipt.file.size_bytes);
  // Two seconds, give or take the frames that a camera on a busy machine leaves out.
  ok(receipt.asked.duration_ms > 1_000, `${receipt.asked.duration_ms} ms were marked`);
  deepStrictEqual(await frameMd5s(path), await recordedMd5s(root, receipt));
  const url = new URL(await link.getAttribute("href") ?? "", page.url());
  await resumes(world, url.href, await Deno.readFile(path));
}

/** MD5s of the frames that a film must have: of all that were recorded within what was asked for. */
async function recordedMd5s(root: string, { asked, batches }: Receipt): Promise<string[]> {
  const md5s: string[] = [];
  for (const { recording_path: path } of batches) md5s.push(...await frameMd5s(join(root, path)));
  const [fromMs, toMs] = [Date.parse(asked.start), Date.parse(asked.end)];
  const first = batches[0]!.starting_frame_id;
  const frames = await loggedFrames(root, "clock");
  return frames.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .map(({ frameId }) => md5s[frameId - first]!);
}

/** A download that breaks off goes on with the byte behind the last one. */
async function resumes(world: World, url: string, film: Uint8Array): Promise<void> {
  const headers = { cookie: await cookieOf(world) };
  const going = new AbortController();
  const torn = await fetch(url, { headers, signal: going.signal });
  const reader = torn.body!.getReader();
  const first = (await reader.read()).value!;
  going.abort();
  await reader.closed.catch(() => {});
  const cut = Math.min(first.length, film.length - 1);
  const range = { "range": `bytes=${cut}-`, "if-range": torn.headers.get("etag")! };
  const rest = await fetch(url, { headers: { ...headers, ...range } });
  strictEqual(rest.status, 206);
  const all = new Uint8Array(film.length);
  all.set(first.subarray(0, cut));
  all.set(await rest.bytes(), cut);
  deepStrictEqual(all, film);
}

async function cookieOf({ context }: World): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
}

async function playsElsewhere(world: World): Promise<void> {
  const { stdout, stderr } = await runFfmpeg([
    ...["-headers", `Cookie: ${await cookieOf(world)}\r\n`, "-strict", "strict"],
    ...["-i", `${world.served.url}api/v1/cameras/clock/live/index.m3u8`, "-t", "1"],
    ...["-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"],
  ]);
  strictEqual(stderr, "");
  // A camera on a busy machine leaves frames out.
  ok(stdout.split("\n").filter((line) => /^0,/.test(line)).length > 8, stdout);
}

async function keepsPassword({ page, served }: World): Promise<void> {
  await page.goto(new URL("#/system", page.url()).href);
  const line = page.locator(".log li", { hasText: "one-time password" });
  await line.waitFor();
  match(await line.innerText(), /one-time password \*\*\* /);
  strictEqual((await page.content()).includes(served.oneTimePassword), false);
}

async function servesEverybody({ page }: World): Promise<void> {
  for (const place of PAGES) {
    await page.goto(new URL(`#/${place}`, page.url()).href);
    await page.waitForSelector("main h1");
    // What is said while a picture comes is gone at once.
    await page.waitForSelector(".live[data-phase=connecting]", { state: "detached" });
    await page.emulateMedia({ colorScheme: "light" });
    deepStrictEqual(await graveViolations(page), [], place);
    await page.emulateMedia({ colorScheme: "dark" });
    // The rest is the same in the dark.
    deepStrictEqual(await graveViolations(page, ["color-contrast"]), [], `${place} in the dark`);
  }
}

/** Notes when each event came up on the page of events, by its id. */
const NOTE_EVENTS = `
globalThis.eventsAt = {};
new MutationObserver(() => {
  for (const { dataset } of document.querySelectorAll("[data-event]")) {
    eventsAt[dataset.event] ??= Date.now();
  }
}).observe(document, { childList: true, subtree: true });
`;

/** The quickest counts: what is asked is the page's way, not how busy this machine is. */
async function showsEvents(page: Page, alerts: Receiver): Promise<void> {
  let delays: number[] = [];
  await until(async () => {
    const shown = await page.evaluate<Record<string, number>>("eventsAt");
    delays = alerts.got.map(({ body }) => readBody(body)!)
      .map(({ event_id: id, time }) => (shown[id] ?? Infinity) - Date.parse(time));
    return delays.some((delayMs) => delayMs <= EVENT_LIMIT_MS);
  }, { limitMs: SHOW_LIMIT_MS, what: `an event on the page, of ${alerts.got.length}` })
    .catch((error) => {
      throw new Error(`They showed after ${delays.join(", ")} ms`, { cause: error });
    });
  strictEqual(await page.locator(".event h2").count() > 0, true);
}
