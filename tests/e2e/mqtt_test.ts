/**
 * Lookback and a real Mosquitto, with passwords and TLS, from the stream to what
 * mosquitto_sub prints: every row of the table of topics, what is asked and refused,
 * and what is left when Lookback is gone.
 *
 * @module
 */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { TOPICS, valuesIn } from "../../src/mqtt/topics.ts";
import { filesBelow } from "../support/archive.ts";
import { makeCertificates } from "../support/certificates.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import {
  type Broker,
  type Heard,
  type Listener,
  listenTo,
  PASSWORD,
  say,
  startBroker,
  USER,
} from "../support/mosquitto.ts";
import { makeMovingScene, startSeeingService } from "../support/moving_scene.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

/** A white thing goes through the picture from 2 s to 5 s of 7 s, again and again. */
const X = "if(between(t,2,5),(t-2)*180,-300)";

async function startTlsBroker(folder: string): Promise<Broker & { readonly caPath: string }> {
  const made = await makeCertificates(folder);
  const extra = [`certfile ${made.serverCertPath}`, `keyfile ${made.serverKeyPath}`];
  const broker = await startBroker({ folder, scheme: "mqtts", extra });
  return Object.assign(broker, { caPath: made.caPath });
}

interface Site {
  readonly root: string;
  readonly broker: Broker & { readonly caPath: string };
}

/** The settings of a site with one camera that sees things and one that is off. */
function siteYaml({ root, broker }: Site, detectorUrl: string): string {
  const settings = {
    batch: { duration_seconds: 2 },
    vision: { enabled: true, detector: detectorUrl },
    cameras: [
      { id: "front", name: "Front door", source: join(root, "scene.mp4"), loop: true },
      { id: "yard", source: "rtsp://user:geheim@127.0.0.1:1/", enabled: false },
    ],
    alerts: {
      log: false,
      rules: [
        { name: "grave", when: ["object_detected"], priority: "critical", cool_down_seconds: 0 },
        { name: "less", when: ["object_detected"], priority: "warning", cool_down_seconds: 0 },
        { name: "least", when: ["object_detected"], priority: "info", cool_down_seconds: 0 },
      ],
    },
    mqtt: {
      enabled: true,
      url: broker.url,
      user: USER,
      password_file: "password",
      ca_file: broker.caPath,
      allow_commands: true,
      home_assistant: true,
    },
  };
  return `# the site\n${JSON.stringify(settings, null, 1)}\n`;
}

/** Says something to Lookback, over TLS. */
async function ask({ broker }: Site, topic: string, asked: unknown, qos = 1): Promise<void> {
  const payload = JSON.stringify(asked);
  await say(broker, { topic, payload, qos, flags: ["--cafile", broker.caPath] });
}

function fieldsOf({ payload }: Heard): Record<string, unknown> {
  return JSON.parse(payload);
}

/** The answer to what was asked with this correlation id, when all is done. */
async function answer(listener: Listener, id: string): Promise<Record<string, unknown>> {
  const isIt = ({ topic, payload }: Heard) =>
    topic.endsWith("/result") && payload.includes(`"correlation_id":"${id}"`) &&
    !payload.includes('"state":"accepted"');
  return fieldsOf(await listener.first(isIt, `the answer to ${id}`, 40_000));
}

Deno.test("everything that Lookback says and takes goes over a broker with passwords and TLS", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await makeMovingScene(join(root, "scene.mp4"), { seconds: 7, x: X });
  await Deno.writeTextFile(join(root, "password"), `${PASSWORD}\n`);
  await using broker = await startTlsBroker(root);
  const site = { root, broker };
  const flags = ["--cafile", broker.caPath];
  await using listener = await listenTo(broker, { topics: ["#"], flags });
  await using detector = startSeeingService();
  await writeConfig(root, siteYaml(site, detector.url));

  const checking = lookback(["doctor", "--json"], { cwd: root });
  await using run = startLookback(["run"], { cwd: root });
  await listener.first(
    ({ topic, payload }) => topic === "cameras/front/status" && payload.includes('"online"'),
    "the camera",
  );
  await listener.first(({ topic }) => topic === "cameras/front/telemetry", "numbers");
  await askForEverything(site, listener);
  const ended = ({ topic, payload }: Heard) =>
    topic === "cameras/front/events" && payload.includes('"phase":"end"');
  await listener.first(ended, "an event from start to end", 40_000);
  await listener.first(({ topic }) => topic === "cameras/front/event-image", "a picture");
  await seesEveryRow(listener);
  const { findings } = JSON.parse((await checking).stdout);
  const own = findings.find(({ check }: { check: string }) => check === "mqtt");
  match(own.says, /connected \(MQTT 5\)/);

  run.kill("SIGKILL");
  for (const topic of ["system/health/mqtt", "cameras/front/status", "cameras/yard/status"]) {
    await listener.first(
      (heard) =>
        heard.topic === topic && fieldsOf(heard).state === "offline" &&
        /is gone|disabled/.test(heard.payload),
      `the last will at ${topic}`,
    );
  }
  await using late = await listenTo(broker, {
    topics: ["cameras/#", "system/#", "streams/#"],
    flags,
  });
  await keepsStates(late);
  const { stderr } = await run.finished;
  doesNotMatch(stderr + listener.heard.map(({ payload }) => payload).join(), /hunter2|geheim/);
});

async function askForEverything(site: Site, listener: Listener): Promise<void> {
  const { root } = site;
  // A snapshot is the newest still: there must be one.
  const hasStill = () =>
    filesBelow(join(root, "frames", "front")).then((paths) => paths.length > 0, () => false);
  await until(hasStill, {
    limitMs: 20_000,
    what: "the first still",
  });
  await ask(site, "system/command", { command: "status", correlation_id: "c1" });
  await ask(site, "system/command", {
    ...{ command: "export", correlation_id: "c2", camera_id: "front", seconds: 3 },
  });
  await ask(site, "system/command", {
    ...{ command: "snapshot", correlation_id: "c3", camera_id: "front" },
  });
  const from = new Date(Date.now() - 5_000).toISOString();
  await ask(site, "system/command", {
    ...{ command: "hold", correlation_id: "c4", name: "kept", from, seconds: 2 },
  });
  await ask(site, "system/command", { command: "reload", correlation_id: "c5" });
  await ask(site, "system/command", { command: "destroy", correlation_id: "c6" });

  const status = await answer(listener, "c1");
  deepStrictEqual([status.state, status.command], ["done", "status"]);
  const film = await answer(listener, "c2");
  strictEqual(film.state, "done", JSON.stringify(film));
  const { path, size_bytes: bytes } = film.result as { path: string; size_bytes: number };
  const made = await Deno.readFile(join(root, path));
  strictEqual(made.length, bytes);
  strictEqual(new TextDecoder().decode(made.subarray(4, 8)), "ftyp");
  const picture = await answer(listener, "c3");
  strictEqual(picture.state, "done", JSON.stringify(picture));
  strictEqual((await answer(listener, "c4")).state, "done");
  ok((await Deno.stat(join(root, "data/holds/kept.json"))).isFile);
  strictEqual((await answer(listener, "c5")).state, "done");
  const refused = await answer(listener, "c6");
  deepStrictEqual([refused.state, refused.command], ["refused", "destroy"]);

  await changeSettings(site, listener);
}

async function changeSettings(site: Site, listener: Listener): Promise<void> {
  const path = join(site.root, "lookback.yaml");
  const before = await Deno.readTextFile(path);
  const topic = "cameras/front/configuration/set";
  await ask(site, topic, { correlation_id: "s1", motion_sensitivity: 7 }, 2);
  const refused = await answer(listener, "s1");
  deepStrictEqual([refused.ok, refused.applied], [false, null]);
  match(String((refused.error as { text: string }).text), /from 0 to 1/);
  await ask(site, topic, { correlation_id: "s2", source: "rtsp://127.0.0.1/" }, 2);
  strictEqual((await answer(listener, "s2")).ok, false);
  strictEqual(await Deno.readTextFile(path), before);

  await ask(site, topic, { correlation_id: "s3", motion_sensitivity: 0.8, name: "Door" }, 2);
  const done = await answer(listener, "s3");
  deepStrictEqual(done.applied, { motion_sensitivity: 0.8, name: "Door" });
  match(await Deno.readTextFile(path), /^# the site\n[^]*0\.8/);
  await listener.first(
    (heard) =>
      heard.topic === "cameras/front/configuration" && fieldsOf(heard).motion_sensitivity === 0.8,
    "the settings in effect",
  );
}

/** Every topic of the table was heard, with its quality; what may not be there now is not heard of. */
async function seesEveryRow(listener: Listener): Promise<void> {
  for (const row of Object.values(TOPICS)) {
    const isOfRow = ({ topic }: Heard) => valuesIn(row, topic) !== undefined;
    for (const qos of row.qos) {
      // What moves is seen before it is known what it is: the alerts may be still to come.
      const isIt = (heard: Heard) => heard.qos === qos && isOfRow(heard);
      await listener.first(isIt, `something at ${row.pattern}, quality ${qos}`, 40_000);
    }
    const messages = listener.heard.filter(isOfRow);
    const qualities = [...new Set(messages.map(({ qos }) => qos))].toSorted();
    deepStrictEqual(qualities, [...row.qos], row.pattern);
    if (row.schema === null || row.direction === "in") continue;
    for (const { payload } of messages) {
      const { error } = row.schema.safeParse(JSON.parse(payload));
      strictEqual(error, undefined, `${row.pattern}: ${payload}`);
    }
  }
}

/** What the broker keeps is what the table says, and each state is there. */
async function keepsStates(late: Listener): Promise<void> {
  const kept = Object.values(TOPICS).filter(({ retain }) => retain);
  for (const row of kept) {
    await late.first(
      ({ topic, retain }) => retain && valuesIn(row, topic) !== undefined,
      row.pattern,
    );
  }
  const odd = late.heard.filter(({ topic, retain }) =>
    retain && !kept.some((row) => valuesIn(row, topic) !== undefined)
  );
  deepStrictEqual(odd, []);
}
