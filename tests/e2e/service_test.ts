/**
 * Recording as a service: what systemd is told, and settings that change while
 * it records.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { filesBelow, loggedFrames } from "../support/archive.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { listenForNotices, type NotifyListener } from "../support/notify_listener.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** The next datagram that holds a text; those before it are passed over. */
async function until(notices: NotifyListener, text: string): Promise<string> {
  while (true) {
    const notice = await notices.next();
    if (notice.includes(text)) return notice;
  }
}

Deno.test("run tells systemd that it is ready, well, and stopping, and nothing while the writer is blocked", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(
    root,
    "batch: { duration_seconds: 1 }\ncameras:\n  - { id: lab, source: test://320x180@25 }\n" +
      '  - { id: gone, source: "rtsp://127.0.0.1:1/none" }\n',
  );
  const name = `@lookback-test-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  using notices = listenForNotices(name);
  await using running = startLookback(["run"], {
    cwd: root,
    env: { NOTIFY_SOCKET: name, WATCHDOG_USEC: "4000000" },
  });
  const ready = await until(notices, "READY=1");
  match(ready, /STATUS=1 of 2 cameras recording/);
  ok((await filesBelow(join(root, "data/recordings/lab"))).length > 0, "a fragment is on disk");
  await until(notices, "WATCHDOG=1");
  const fedAt = performance.now();
  await until(notices, "WATCHDOG=1");
  const intervalMs = performance.now() - fedAt;
  ok(intervalMs > 1_000 && intervalMs < 3_000, `fed after ${intervalMs} ms, half of 4 s is asked`);

  const blocker = new DatabaseSync(join(root, "data", "lookback.db"));
  blocker.exec("begin immediate");
  await until(notices, "the writer is silent");
  // While it is, systemd hears how long it has been, and is not told that all is well.
  match(await notices.next(), /^STATUS=.*the writer is silent/);
  blocker.exec("rollback");
  blocker.close();
  await until(notices, "WATCHDOG=1");
  running.kill("SIGTERM");
  await until(notices, "STOPPING=1");
  strictEqual((await running.finished).code, 0);
});

const FOUR = (rates: readonly number[]) =>
  "batch: { duration_seconds: 1 }\ncameras:\n" +
  rates.map((fps, index) => `  - { id: cam-${index}, source: "test://320x180@${fps}" }\n`).join("");

async function runsOf(root: string, cameraId: string): Promise<number> {
  return new Set((await loggedFrames(root, cameraId)).map(({ run }) => run)).size;
}

Deno.test("reload restarts the one of four cameras that changed, and nothing for a wrong file", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, FOUR([10, 10, 10, 10]));
  await using running = startLookback(["run"], { cwd: root });
  for (const index of [0, 1, 2, 3]) await running.shown(`capture cam-${index}: Recording`);

  await writeConfig(root, FOUR([10, 10, 999, 10]));
  const refused = await lookback(["reload"], { cwd: root });
  strictEqual(refused.code, 2);
  match(refused.stderr, /lookback\.yaml:5:/);
  running.kill("SIGHUP");
  await running.shown("Settings not reloaded, nothing was changed");

  await writeConfig(root, FOUR([10, 10, 15, 10]));
  const asked = await lookback(["reload"], { cwd: root });
  strictEqual(asked.code, 0, asked.stderr);
  await running.shown("Settings reloaded: 0 started, 1 restarted, 0 stopped, 3 untouched");
  await running.shown("from test://320x180@15");
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  const runs = await Promise.all([0, 1, 2, 3].map((index) => runsOf(root, `cam-${index}`)));
  deepStrictEqual(runs, [1, 1, 2, 1]);
  for (const index of [0, 1, 2, 3]) {
    const ids = (await loggedFrames(root, `cam-${index}`)).map(({ frameId }) => frameId);
    deepStrictEqual(ids, ids.map((_, place) => place + 1));
  }
});

Deno.test("reload says that nothing records when nothing does", async () => {
  await using folder = await tempFolder();
  await writeConfig(folder.path, FOUR([10]));
  const { code, stderr } = await lookback(["reload"], { cwd: folder.path });
  strictEqual(code, 1);
  match(stderr, /Cannot reload: nothing records under/);
});
