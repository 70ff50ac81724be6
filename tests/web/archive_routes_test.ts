import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { bareApp } from "../../src/web/bare_app.ts";
import type { ArchiveCamera, LiveStreamFacts, WebParts } from "../../src/web/doors.ts";
import { addCameraRoutes } from "../../src/web/routes/cameras.ts";
import { addFilmRoutes } from "../../src/web/routes/film.ts";
import { addRecordedRoutes } from "../../src/web/routes/recorded.ts";
import { addStillRoutes } from "../../src/web/routes/stills.ts";
import { addTimelineRoutes } from "../../src/web/routes/timeline.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { at } from "../support/ledger_entries.ts";

const FRONT: ArchiveCamera = {
  cameraId: "front",
  name: "Front door",
  enabled: true,
  geoLocation: { lat: 12.5, lon: 77.5 },
  firstMs: at(0),
  lastMs: at(60),
};

const YARD: ArchiveCamera = {
  ...{ cameraId: "yard", name: "Yard", enabled: false, geoLocation: null },
  ...{ firstMs: null, lastMs: null },
};

const LIVE: LiveStreamFacts = {
  codec: "avc1",
  mime: 'video/mp4; codecs="avc1.64001f"',
  width: 1_280,
  height: 720,
  hasAudio: false,
  hasBFrames: undefined,
  protocols: ["mse", "still"],
  renditions: [],
};

const NEWS = {
  ...{ cameraId: "front", state: "recording", cause: null, detail: "" },
  ...{ fps: 25, bitsPerSecond: 4_000_000 },
};

/** The far ends of the doors: what they say is what is looked at here. */
function parts(): WebParts {
  const archive = {
    cameras: () => [FRONT, YARD],
    coverage24h: (cameraId: string) => Promise.resolve(cameraId === "front" ? 0.9993 : null),
    hasCamera: (cameraId: string) => cameraId === "front",
    still: () => Promise.resolve({ jpeg: Uint8Array.of(0xff, 0xd8), atMs: at(1) }),
  };
  const live = { streamOf: (cameraId: string) => cameraId === "front" ? LIVE : undefined };
  const system = { facts: () => Promise.resolve({ cameras: [NEWS] }) };
  const clock = new FakeClock(new Date(at(100)).toISOString());
  return { archive, live, system, clock } as unknown as WebParts;
}

function app(cameras: "all" | readonly string[] | undefined) {
  const made = bareApp();
  made.use(async (context, next) => {
    const known = { kind: "user", name: "test", role: "viewer", grantId: "1" } as const;
    if (cameras !== undefined) {
      context.set("actor", { ...known, cameras, mustChangePassword: false });
    }
    await next();
  });
  const all = [addCameraRoutes, addFilmRoutes, addRecordedRoutes, addStillRoutes];
  for (const add of [...all, addTimelineRoutes]) add(made, parts());
  return made;
}

Deno.test("GET cameras joins what is set up, what is recorded and how it does", async () => {
  const answer = await app("all").request("/api/v1/cameras");
  const { cameras: [front, yard] } = await answer.json();
  deepStrictEqual(front, {
    ...{ id: "front", name: "Front door", enabled: true, geoLocation: { lat: 12.5, lon: 77.5 } },
    ...{ state: "recording", cause: null, detail: "", fps: 25, bitsPerSecond: 4_000_000 },
    stream: {
      ...{ codec: "avc1", mime: 'video/mp4; codecs="avc1.64001f"', width: 1_280, height: 720 },
      ...{ hasAudio: false, hasBFrames: null },
    },
    firstRecorded: "2026-11-21T20:57:00.000Z",
    lastRecorded: "2026-11-21T20:58:00.000Z",
    coverage24h: 0.9993,
    protocols: ["mse", "still"],
    renditions: [],
    iceServers: [],
  });
  deepStrictEqual([yard.state, yard.stream, yard.firstRecorded], ["off", null, null]);
});

Deno.test("GET cameras shows each only theirs; another one is as unknown as none", async () => {
  const { cameras } = await (await app(["yard"]).request("/api/v1/cameras")).json();
  deepStrictEqual(cameras.map(({ id }: { id: string }) => id), ["yard"]);
  const others = ["", "/still", "/picture?at=5", "/timeline?from=1&to=2", "/film.mp4?from=1&to=2"];
  const playlists = ["/recorded.m3u8", "/recorded-master.m3u8", "/renditions/720p.m3u8"];
  for (const path of [...others, ...playlists.map((file) => `${file}?from=1&to=2`)]) {
    const hidden = await app(["yard"]).request(`/api/v1/cameras/front${path}`);
    const missing = await app("all").request(`/api/v1/cameras/attic${path}`);
    const stranger = await app(undefined).request(`/api/v1/cameras/front${path}`);
    deepStrictEqual([hidden.status, missing.status, stranger.status], [404, 404, 401], path);
    strictEqual((await missing.json()).code, "camera-unknown");
  }
});

Deno.test("GET still says its time, and how long the picture stays what it is", async () => {
  const past = await app("all").request(`/api/v1/cameras/front/still?at=${at(1.5)}`);
  strictEqual(past.headers.get("x-lookback-time"), "2026-11-21T20:57:01.000Z");
  strictEqual(past.headers.get("cache-control"), "private, max-age=3600");
  deepStrictEqual(await past.bytes(), Uint8Array.of(0xff, 0xd8));
  for (const query of ["", `?at=${at(99)}`]) {
    const newest = await app("all").request(`/api/v1/cameras/front/still${query}`);
    strictEqual(newest.headers.get("cache-control"), "no-store");
  }
});

Deno.test("The routes of the archive are described with their parameters", () => {
  const document = app("all").getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Lookback", version: "1" },
  });
  const { parameters } = document.paths!["/api/v1/cameras/{cameraId}/timeline"]!.get!;
  const described = (parameters as { name: string; in: string; required?: boolean }[])
    .map((each) => [each.name, each.in, each.required ?? false]);
  deepStrictEqual(described, [
    ...[["cameraId", "path", true], ["from", "query", true], ["to", "query", true]],
    ["buckets", "query", false],
  ]);
});
