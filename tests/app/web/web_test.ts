import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Web, type WebHold } from "../../../src/app/web/web.ts";
import type { WebPlan, WebReport } from "../../../src/app/web/messages.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { unixMs } from "../../../src/base/units.ts";
import { identifyRoot } from "../../../src/host/root_identity.ts";
import type { VisionEvent } from "../../../src/model/vision.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { at } from "../../support/ledger_entries.ts";
import { realArchive } from "../../support/real_archive.ts";
import { until } from "../../support/until.ts";

/** The types of all that the Worker has are checked first, where they were not before. */
const START_LIMIT_MS = 90_000;

const PLAN: WebPlan = {
  web: {
    listen: { hostname: "127.0.0.1", port: 0 },
    tls: null,
    isBehindProxy: false,
    webrtc: { isEnabled: false, iceServers: [], portRange: null, hosts: [] },
    live: { maxViewers: 4, maxRenditions: 0 },
    sessionMs: 3_600_000,
  },
  ffmpegPath: "ffmpeg",
  quality: 85,
  exportConcurrent: 1,
  retention: { ageMs: null, eventsMs: null, maxBytes: null, keepFree: { kind: "bytes", bytes: 0 } },
  cameras: [{
    id: "front",
    name: "Front door",
    enabled: true,
    geoLocation: null,
    retention: { ageMs: null, eventsMs: null, maxBytes: null },
  }],
  configPath: null,
};

const REPORT: WebReport = {
  atMs: unixMs(0),
  cameras: [],
  writer: { rows: 1, commits: 1, lastCommitMs: 1, waiting: 0, restarts: 0, silentMs: 0 },
  vision: [],
  missingPictures: { lost: 0, leftOut: 0 },
  detectorRestarts: 0,
  failures: { vision: 0, upkeep: 0, web: 0 },
  alertFaults: [],
};

const SEEN: VisionEvent = {
  eventId: "front-1795293429000-1",
  cameraId: "front",
  kind: "object_detected",
  class: "person",
  startMs: at(1),
  endMs: null,
  score: 0.8,
  best: {
    atMs: at(1),
    box: { x: 0, y: 0, width: 0.5, height: 0.5 },
    score: 0.8,
    wholePath: null,
    cropPath: null,
  },
  trace: [],
  zones: [],
  crossings: [],
};

function hold(root: string, identity: string): WebHold {
  return {
    root,
    identity,
    version: "0.0.1",
    startedMs: at(0),
    clock: systemClock,
    cameraIds: () => ["front"],
    connectTap: (_, tap) => tap.close(),
    report: () => REPORT,
    onLog: () => {},
  };
}

interface Served extends AsyncDisposable {
  readonly web: Web;
  /** Where it listens, each time that it begins to. */
  readonly urls: string[];
  /** Lines of its log. */
  readonly lines: string[];
}

async function serve(root: string): Promise<Served> {
  const urls: string[] = [];
  const lines: string[] = [];
  const web = new Web({
    ...hold(root, await identifyRoot(root)),
    onLog: ({ text }) => lines.push(text),
    onListening: (url) => urls.push(url),
  });
  web.reload(PLAN);
  try {
    await until(() => urls.length === 1, { limitMs: START_LIMIT_MS, what: "the server" });
  } catch (error) {
    await web.stop();
    throw new Error(`Nothing is served: ${lines.join("; ")}`, { cause: error });
  }
  return { web, urls, lines, [Symbol.asyncDispose]: () => web.stop() };
}

/** A cookie of the first administrator, who has set a password. */
async function logIn({ urls, lines }: Served): Promise<Record<string, string>> {
  const url = urls.at(-1)!;
  const said = /one-time password (\S+)/;
  await until(() => lines.some((line) => said.test(line)), {
    limitMs: 5_000,
    what: "the password",
  });
  const password = lines.flatMap((line) => said.exec(line)?.[1] ?? [])[0]!;
  const headers = { "origin": new URL(url).origin, "content-type": "application/json" };
  const body = JSON.stringify({ user: "admin", password });
  const entered = await fetch(`${url}api/v1/session`, { method: "POST", headers, body });
  await entered.body?.cancel();
  const cookie = entered.headers.getSetCookie()[0]!.split(";")[0]!;
  const changed = await fetch(`${url}api/v1/session/password`, {
    method: "POST",
    headers: { ...headers, cookie },
    body: JSON.stringify({ old: password, new: "quite another long one 7" }),
  });
  await changed.body?.cancel();
  strictEqual(changed.status, 204);
  return { ...headers, cookie };
}

/** Events of a stream, until one is of a type. */
async function nextOf(
  events: ReadableStreamDefaultReader<string>,
  type: string,
): Promise<Record<string, unknown>> {
  for (let text = "";;) {
    const [, data] = new RegExp(`event: ${type}\\ndata: (.*)\\n\\n`).exec(text) ?? [];
    if (data !== undefined) return JSON.parse(data);
    const { value, done } = await events.read();
    if (done) throw new Error(`ended before "${type}"`);
    text += value;
  }
}

Deno.test("Web serves news, events and a finished export over HTTP, and stops at once", async () => {
  await using archive = await realArchive();
  await using served = await serve(archive.root);
  const { web, urls: [url] } = served;
  const headers = await logIn(served);
  const stranger = await fetch(`${url}api/v1/stream/sse`);
  await stranger.body?.cancel();
  strictEqual(stranger.status, 401);
  const stream = await fetch(`${url}api/v1/stream/sse`, { headers });
  const events = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  deepStrictEqual(await nextOf(events, "status"), { type: "status", cameras: [] });
  const said = performance.now();
  web.event({ change: "begun", event: SEEN });
  const { event, change } = await nextOf(events, "event");
  ok(performance.now() - said < 1_000, "an event is known within a second");
  deepStrictEqual([change, (event as { id: string }).id], ["begun", SEEN.eventId]);

  const body = JSON.stringify({
    camera: "front",
    at: new Date(at(1)).toISOString(),
    duration: "1s",
  });
  const asked = await fetch(`${url}api/v1/exports`, { method: "POST", headers, body });
  strictEqual(asked.status, 202);
  const { id } = await asked.json();
  for (;;) {
    const news = await nextOf(events, "export") as { export: { id: string; state: string } };
    strictEqual(news.export.id, id);
    ok(news.export.state !== "failed");
    if (news.export.state === "done") break;
  }
  const film = await fetch(`${url}api/v1/exports/${id}/film.mp4`, { headers });
  strictEqual(film.headers.get("content-type"), "video/mp4");
  strictEqual(`${(await film.bytes()).length}`, film.headers.get("content-length"));
  await events.cancel();

  const stopping = performance.now();
  await web.stop();
  ok(performance.now() - stopping < 1_500, "it stops within a second or so");
});

Deno.test("Web starts its Worker anew for other settings of the web server, not for others", async () => {
  await using archive = await realArchive();
  await using served = await serve(archive.root);
  const { web, urls } = served;
  web.reload({ ...PLAN, exportConcurrent: 3 });
  web.reload({ ...PLAN, web: { ...PLAN.web, sessionMs: 7_200_000 } });
  await until(() => urls.length === 2, { limitMs: START_LIMIT_MS, what: "another start" });
  const answer = await fetch(`${urls[1]}healthz`);
  strictEqual(answer.status, 200);
  await answer.body?.cancel();
  web.reload(null);
  await web.stop();
  strictEqual(urls.length, 2);
  strictEqual(web.failures, 0);
});

Deno.test("Web gives up a Worker that does not answer any more, and starts another", async () => {
  const clock = new FakeClock();
  const web = new Web({ ...hold("/nowhere", ""), clock });
  web.reload(PLAN);
  await until(() => clock.sleeping === 1, { limitMs: 5_000, what: "the first look" });
  // Before any module of the Worker can have been read.
  await clock.advance(121_000);
  await until(() => web.failures === 1, { limitMs: 5_000, what: "the end of the Worker" });
  await web.stop();
});
