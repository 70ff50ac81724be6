import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { CaptureSettings, FromCamera } from "../../src/capture/messages.ts";
import { type Place, WorkerPool } from "../../src/capture/worker_pool.ts";
import { nothingOpen } from "../../src/model/open_hours.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A camera with a place, and what it is told. */
interface Placed extends Place {
  readonly id: string;
  readonly messages: FromCamera[];
  readonly gone: Promise<string>;
}

function place(pool: WorkerPool, id: string, camerasPerWorker: number): Placed {
  const messages: FromCamera[] = [];
  const gone = Promise.withResolvers<string>();
  const place = pool.place({
    cameraId: id,
    camerasPerWorker,
    onMessage: (message) => messages.push(message),
    onGone: gone.resolve,
  });
  return { id, messages, gone: gone.promise, ...place };
}

function newPool(): WorkerPool {
  return new WorkerPool(() => {});
}

Deno.test("place() fills a Worker before it starts another", () => {
  const pool = newPool();
  const sizes = ["a", "b", "c", "d", "e"].map((id) => {
    const { leave } = place(pool, id, 2);
    return { leave, size: pool.size };
  });
  deepStrictEqual(sizes.map(({ size }) => size), [1, 1, 2, 2, 3]);
  for (const { leave } of sizes) leave();
  strictEqual(pool.size, 0);
});

Deno.test("place() gives each camera a Worker of its own where none is shared", () => {
  const pool = newPool();
  const placed = ["a", "b"].map((id) => place(pool, id, 1));
  strictEqual(pool.size, 2);
  // One that would share finds nobody who does.
  placed.push(place(pool, "c", 8));
  strictEqual(pool.size, 3);
  for (const { leave } of placed) leave();
  strictEqual(pool.size, 0);
});

Deno.test("leave() keeps the Worker for those who stay, and its place is taken again", () => {
  const pool = newPool();
  const [first, second] = [place(pool, "a", 2), place(pool, "b", 2)];
  first.leave();
  first.leave();
  strictEqual(pool.size, 1);
  const third = place(pool, "c", 2);
  strictEqual(pool.size, 1);
  second.leave();
  third.leave();
  strictEqual(pool.size, 0);
});

/** Settings with which a camera can't begin: a log that it must look through is no file. */
function unusable(root: string, id: string): CaptureSettings {
  return {
    root,
    rootIdentity: "test",
    camera: {
      id,
      name: id,
      source: { kind: "test", width: 64, height: 36, fps: 5 },
      geoLocation: null,
    },
    batchDurationMs: 1_000,
    fragmentMs: 200,
    stills: null,
    ffmpegPath: "ffmpeg",
    newestFrameId: 0,
    newestRun: 0,
    newestFootageMs: unixMs(0),
    openHours: { ...nothingOpen(id, { newestFrameId: 0, newestRun: 0 }), logs: ["."] },
  };
}

Deno.test("a camera that can't go on takes its Worker along, and each of the others hears why", async () => {
  await using folder = await tempFolder();
  const pool = newPool();
  const [bad, neighbour, apart] = [place(pool, "a", 2), place(pool, "b", 2), place(pool, "c", 2)];
  const { port1, port2 } = new MessageChannel();
  bad.post({ type: "start", settings: unusable(folder.path, "a") }, [port2]);
  match(await neighbour.gone, /^"a" failed in the same Worker: Is a directory/);
  await bad.gone;
  deepStrictEqual(bad.messages.map(({ type }) => type), ["failed"]);
  deepStrictEqual(neighbour.messages, []);
  strictEqual(pool.size, 1);
  apart.leave();
  port1.close();
});
