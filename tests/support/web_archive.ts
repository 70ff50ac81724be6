/**
 * The routes of the archive on a real server, for whoever asks: without log-in,
 * in the name of one actor.
 *
 * @module
 */

import { WebArchive } from "../../src/app/web/archive.ts";
import type { Clock } from "../../src/base/clock.ts";
import { systemClock } from "../../src/base/clock.ts";
import { EncoderPlaces } from "../../src/live/encoder_places.ts";
import { bareApp } from "../../src/web/bare_app.ts";
import type { Actor } from "../../src/web/needs.ts";
import { addFilmRoutes } from "../../src/web/routes/film.ts";
import { addRecordedRoutes } from "../../src/web/routes/recorded.ts";
import { addStillRoutes } from "../../src/web/routes/stills.ts";
import { addTimelineRoutes } from "../../src/web/routes/timeline.ts";
import { until } from "./until.ts";

/** Far more than answers take to end once their time is over. */
const END_LIMIT_MS = 10_000;

export interface ServedArchive extends AsyncDisposable {
  readonly archive: WebArchive;
  /** Address of the API: "http://127.0.0.1:1234/api/v1". */
  readonly url: string;
  /** Asks for JSON. */
  json(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
}

export function servedArchive(
  root: string,
  options: {
    readonly cameras?: Actor["cameras"];
    readonly clock?: Clock;
    readonly encoders?: EncoderPlaces;
  } = {},
): ServedArchive {
  const { cameras = "all", encoders = new EncoderPlaces(2, 8) } = options;
  const waits = countWaits(options.clock ?? systemClock);
  const { clock } = waits;
  const archive = new WebArchive({
    root,
    settings: () => ({
      cameras: [{ id: "front", name: "Front door", enabled: true, geoLocation: null }],
      ffmpegPath: "ffmpeg",
      quality: 85,
    }),
    clock,
    encoders,
  });
  const app = bareApp();
  app.use(async (context, next) => {
    const known = { kind: "user", name: "test", role: "viewer", grantId: "1" } as const;
    context.set("actor", { ...known, cameras, mustChangePassword: false });
    await next();
  });
  const parts = { archive, clock };
  for (const add of [addFilmRoutes, addRecordedRoutes, addStillRoutes, addTimelineRoutes]) {
    add(app, parts);
  }
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => app.fetch(request),
  );
  const url = `http://127.0.0.1:${server.addr.port}/api/v1`;
  return {
    archive,
    url,
    async json(path) {
      const answer = await fetch(`${url}${path}`);
      return { status: answer.status, body: await answer.json() };
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await archive.close();
      // An answer may not hear that its client went away: it is over when its time is.
      waits.over();
      await until(() => waits.count === 0, {
        limitMs: END_LIMIT_MS,
        what: "the end of all answers",
      });
    },
  };
}

/** A clock, how many wait by it now, and a way to have their time be over. */
function countWaits(clock: Clock) {
  let count = 0;
  const over = new AbortController();
  return {
    get count() {
      return count;
    },
    over: () => over.abort(),
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      async sleep(durationMs, signal) {
        count += 1;
        const either = AbortSignal.any([signal, over.signal]);
        await clock.sleep(durationMs, either).finally(() => count -= 1);
      },
    } satisfies Clock,
  };
}
