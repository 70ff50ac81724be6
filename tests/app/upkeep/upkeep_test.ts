import { ok, strictEqual } from "node:assert/strict";
import { Upkeep } from "../../../src/app/upkeep/upkeep.ts";
import type { UpkeepPlan } from "../../../src/app/upkeep/messages.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { identifyRoot } from "../../../src/host/root_identity.ts";
import { Writer } from "../../../src/store/writer.ts";
import { type RealArchive, realArchive } from "../../support/real_archive.ts";
import { until } from "../../support/until.ts";

const PLAN: UpkeepPlan = {
  rules: {
    all: { ageMs: null, maxBytes: null, keepFree: { kind: "bytes", bytes: 0 } },
    cameras: new Map(),
  },
  canaryEveryMs: null,
  scrubBytesPerSecond: null,
  cameraIds: ["front"],
  batchDurationMs: 10_000,
  ffmpegPath: "ffmpeg",
};

interface World extends AsyncDisposable {
  readonly archive: RealArchive;
  readonly upkeep: Upkeep;
}

async function makeWorld(plan: UpkeepPlan): Promise<World> {
  const archive = await realArchive({ startMs: systemClock.now() });
  const { root } = archive;
  const identity = await identifyRoot(root);
  const onLog = () => {};
  const writer = await Writer.start({ root, identity }, { onLog, onRestart: () => {} });
  const connectWriter = () => writer.connect("upkeep");
  const parts = {
    root,
    identity,
    plan,
    newestFootageMs: 0,
    connectWriter,
    onDatabaseDamaged: () => {},
  };
  const upkeep = new Upkeep({ ...parts, clock: systemClock, onLog });
  return {
    archive,
    upkeep,
    async [Symbol.asyncDispose]() {
      await upkeep.stop();
      await writer.close();
      await archive[Symbol.asyncDispose]();
    },
  };
}

/** The newest results in the database. */
function checksOf({ archive }: World): string[] {
  return archive.rows("select kind, ok from checks order by kind")
    .map(({ kind, ok }) => `${kind} ${ok}`);
}

Deno.test("Upkeep reads footage again and tests that it can be exported", async () => {
  await using world = await makeWorld({ ...PLAN, canaryEveryMs: 500, scrubBytesPerSecond: 1e9 });
  const isDone = () => checksOf(world).join() === "canary 1,scrub 1";
  await until(isDone, { limitMs: 20_000, what: "a canary and a scrub" });
});

Deno.test("Upkeep makes room at once by deleting the oldest footage", async () => {
  await using world = await makeWorld(PLAN);
  const freedBytes = await world.upkeep.makeRoom(1);
  ok(freedBytes > 0);
  strictEqual(world.archive.batches().length, 2);
});

Deno.test("Upkeep stops within a second in the middle of a slow scrub", async () => {
  await using world = await makeWorld({ ...PLAN, scrubBytesPerSecond: 1_000 });
  // Answered when the Worker is up.
  await world.upkeep.makeRoom(0);
  const startedAt = performance.now();
  await world.upkeep.stop();
  ok(performance.now() - startedAt < 1_000);
});

Deno.test("Upkeep starts another Worker when one failed, and has no room to give until then", async () => {
  await using world = await makeWorld(null as never);
  const { upkeep } = world;
  strictEqual(await upkeep.makeRoom(1), 0);
  await until(() => upkeep.failures === 1, { limitMs: 20_000, what: "a failure" });
  upkeep.reload(PLAN);
  const hasRoom = async () => await upkeep.makeRoom(1) > 0;
  await until(hasRoom, { limitMs: 20_000, what: "another Worker" });
});
