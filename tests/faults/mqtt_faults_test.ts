/**
 * The message broker is away while things happen, and Lookback is killed meanwhile: what
 * must arrive does, and recording takes no notice.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { unixMs } from "../../src/base/units.ts";
import { Outbox } from "../../src/store/outbox.ts";
import { Reader } from "../../src/store/reader.ts";
import { startLookback, writeConfig } from "../support/lookback.ts";
import { type Heard, listenTo, PASSWORD, startBroker, USER } from "../support/mosquitto.ts";
import { measureResults } from "../support/mqtt_load.ts";
import type { FeederPlan } from "../support/mqtt_feeder.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { isLong, noteMeasured } from "./measured.ts";

const AWAY_MS = isLong ? 60_000 : 3_000;
const HAPPENINGS = isLong ? 200 : 40;
const CAMERAS = 4;

const FEEDER = new URL("../support/mqtt_feeder.ts", import.meta.url).pathname;

interface Feeder extends AsyncDisposable {
  /** Has it tell what happens, up to this number. */
  tell(to: number): Promise<void>;
  kill(): Promise<void>;
}

function startFeeder(plan: FeederPlan): Feeder {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-read", "--allow-write", "--allow-run", "--allow-env"],
      ...["--allow-sys", "--allow-net", "--allow-ffi", FEEDER, JSON.stringify(plan)],
    ],
    stdin: "piped",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  let isKilled = false;
  return {
    tell: (to) => writer.write(new TextEncoder().encode(`${to}\n`)),
    async kill() {
      isKilled = true;
      child.kill("SIGKILL");
      await child.status;
      await writer.abort().catch(() => {});
    },
    async [Symbol.asyncDispose]() {
      if (!isKilled) await writer.close();
      await child.status;
    },
  };
}

/** How many messages wait on disk. */
function waiting(root: string): number {
  using file = Outbox.open(root);
  return file.count();
}

Deno.test("nothing that must arrive is lost while the broker is away and Lookback is killed", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await using camera = await recordBeside(folder.path);
  const first = await startBroker({ folder: root });
  const { port, url } = first;
  const topics = ["cameras/+/events", "cameras/+/critical-events", "alerts/#"];
  await using counter = await listenTo(first, { topics, clientId: "counter" });
  const all = { root: join(root, "feeder"), url, cameras: CAMERAS };
  const third = Math.floor(HAPPENINGS / 3);
  const everyMs = AWAY_MS / HAPPENINGS;

  await using feeder = startFeeder({ ...all, from: 0, everyMs });
  await feeder.tell(third);
  await until(() => numbersOf(counter.heard, "alerts").size === third, {
    limitMs: AWAY_MS + 20_000,
    what: "what is told while the broker is there",
  });
  await first.stop();
  const awayFrom = performance.now();
  await feeder.tell(2 * third);
  // An event, an alert, and the same as a critical event.
  await until(() => waiting(all.root) >= 3 * third, {
    limitMs: AWAY_MS + 20_000,
    what: "what is told while it is away",
  });
  await feeder.kill();
  await using again = startFeeder({ ...all, from: 2 * third, everyMs });
  await again.tell(HAPPENINGS);
  await until(() => waiting(all.root) >= 3 * (HAPPENINGS - third), {
    limitMs: AWAY_MS + 20_000,
    what: "what the second Lookback is told",
  });
  await until(() => performance.now() - awayFrom >= AWAY_MS, {
    limitMs: AWAY_MS + 5_000,
    what: "the time to be over",
  });
  await using _broker = await startBroker({ folder: root, port });
  await until(
    () =>
      ["events", "critical-events", "alerts"].every((kind) =>
        numbersOf(counter.heard, kind).size === HAPPENINGS
      ),
    { limitMs: AWAY_MS + 60_000, what: "everything" },
  );
  await until(() => waiting(all.root) === 0, { limitMs: 20_000, what: "an empty queue" });

  const alerts = counter.heard.filter(({ topic }) => topic.startsWith("alerts/"));
  strictEqual(alerts.length, HAPPENINGS, "each alert exactly once");
  strictEqual(alerts.every(({ qos }) => qos === 2), true);
  for (const kind of ["events", "critical-events", "alerts"]) comesInOrder(counter.heard, kind);
  const events = counter.heard.filter(({ topic }) => topic.endsWith("/events"));
  await camera.isUnbroken();
  await noteMeasured({
    fault: "the message broker is away for a minute, and Lookback is killed meanwhile",
    lostAtMost: "no event and no alert; alerts of quality 2 come once",
    measured: `${HAPPENINGS} of ${HAPPENINGS} events and alerts in order, ` +
      `${events.length - HAPPENINGS} events twice, 0 alerts twice; recording without a hole`,
    test: "nothing that must arrive is lost while the broker is away and Lookback is killed",
  });
});

function kindOf({ topic }: Heard): string {
  return topic.startsWith("alerts/") ? "alerts" : topic.split("/").at(-1)!;
}

function numberOf({ payload }: Heard): number {
  return Number(/"event_id":"cam-\d+-(\d+)"/.exec(payload)?.[1]);
}

/** Which happenings were heard of, in the order in which they were first. */
function numbersOf(heard: readonly Heard[], kind: string): Set<number> {
  return new Set(heard.filter((message) => kindOf(message) === kind).map(numberOf));
}

function comesInOrder(heard: readonly Heard[], kind: string): void {
  for (let camera = 0; camera < CAMERAS; camera += 1) {
    const numbers = [...numbersOf(heard, kind)].filter((number) => number % CAMERAS === camera);
    deepStrictEqual(numbers, numbers.toSorted((one, other) => one - other), `${kind} of ${camera}`);
  }
}

/** A Lookback that records, and whose broker is one that never answers. */
async function recordBeside(folder: string) {
  const root = join(folder, "recorder");
  await Deno.mkdir(root);
  // Takes connections and says nothing: the worst that a broker can do.
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken: Deno.Conn[] = [];
  const taking = (async () => {
    for await (const connection of silent) taken.push(connection);
  })();
  await writeConfig(
    root,
    JSON.stringify({
      batch: { duration_seconds: 1 },
      stills: { enabled: false },
      cameras: [{ id: "front", source: "test://320x240@10" }],
      mqtt: {
        ...{ enabled: true, user: USER, password: PASSWORD },
        url: `mqtt://127.0.0.1:${silent.addr.port}`,
      },
    }),
  );
  const run = startLookback(["run"], { cwd: root });
  await run.shown("Recording");
  return {
    /** Ends it, and looks that its footage is one piece. */
    async isUnbroken() {
      run.kill("SIGTERM");
      const { code, stderr } = await run.finished;
      strictEqual(code, 0, stderr);
      using reader = new Reader(root);
      const batches = reader.batchesIn("front", {
        fromMs: unixMs(0),
        toMs: systemClock.now(),
      });
      ok(batches.length >= AWAY_MS / 2_000, `${batches.length} batches`);
      for (const [index, batch] of batches.entries()) {
        const before = batches[index - 1];
        if (before === undefined) continue;
        strictEqual(batch.run, before.run);
        strictEqual(batch.startingFrameId, before.endingFrameId + 1);
        // Each is rounded to whole milliseconds by itself.
        ok(Math.abs(batch.startMs - before.endMs) <= 1, `${batch.startMs} ${before.endMs}`);
      }
    },
    async [Symbol.asyncDispose]() {
      await run[Symbol.asyncDispose]();
      silent.close();
      for (const connection of taken) connection.close();
      await taking;
    },
  };
}

Deno.test("results of many cameras go out, at a cost that is known", async () => {
  await using folder = await tempFolder();
  await using broker = await startBroker({ folder: folder.path });
  const seconds = isLong ? 60 : 2;
  const load = await measureResults(broker, {
    root: folder.path,
    cameras: 64,
    perSecond: 5,
    seconds,
  });
  ok(load.heard >= 0.98 * load.said, `${load.heard} of ${load.said} were heard`);
});
