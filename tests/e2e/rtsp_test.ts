/**
 * A network camera with a password: recorded, lost, found again, exported.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { exportWindow, filesBelow, loggedFrames, openArchive } from "../support/archive.ts";
import { frameMd5s, makeClip } from "../support/clips.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { startRtspCamera } from "../support/rtsp_camera.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SECRET = "s3cr3t-p4ss";
const CREDENTIALS = { user: "viewer", password: SECRET };

Deno.test("run records a camera over RTSP and export gives back the frames it sent", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const clip = await makeClip(join(root, "clip.mp4"), { seconds: 12, gop: 25, audio: true });
  await using camera = await startRtspCamera({
    input: ["-re", "-i", clip],
    video: "copy",
    audio: "copy",
    credentials: CREDENTIALS,
    startOnPlay: true,
  });
  await writeConfig(
    root,
    `batch: { duration_seconds: 3 }\ncameras:\n  - { id: net, source: "${camera.url}" }\n`,
  );
  await using running = startLookback(["run"], { cwd: root });
  await running.shown("Not recording (stream-ended)");
  running.kill("SIGTERM");
  const { code, stdout, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  const frames = await loggedFrames(root, "net");
  strictEqual(frames.length, 300);
  using archive = openArchive(root);
  const window = { fromMs: frames[40]!.atMs, toMs: frames[200]!.atMs };
  const path = join(root, "cut.mp4");
  const receipt = await exportWindow(archive, { cameraId: "net", window, mode: "exact", path });
  ok(receipt.batches.length > 1);
  deepStrictEqual(await frameMd5s(path), (await frameMd5s(clip)).slice(40, 200));
  await assertNoSecret(root, [stdout, stderr]);
});

Deno.test("run goes on by itself when a camera drops the connection, and names the gap's cause", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await using camera = await startRtspCamera({
    input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"],
    credentials: CREDENTIALS,
  });
  await writeConfig(
    root,
    `batch: { duration_seconds: 2 }\ncameras:\n  - { id: net, source: "${camera.url}" }\n` +
      "  - { id: other, source: test://320x180@25 }\n",
  );
  await using running = startLookback(["run", "--for", "11s"], { cwd: root });
  await running.shown("capture net: Recording");
  await untilBatch(root, "net");
  camera.refuse(true);
  camera.dropClients();
  await running.shown("Not recording (stream-ended)");
  await running.shown("Not recording (camera-unreachable)");
  camera.refuse(false);
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
  strictEqual(stderr.match(/capture net: Recording/g)?.length, 2, stderr);
  const frames = await loggedFrames(root, "net");
  deepStrictEqual(frames.map(({ frameId }) => frameId), frames.map((_, index) => index + 1));
  using archive = openArchive(root);
  const window = { fromMs: frames[0]!.atMs, toMs: frames.at(-1)!.atMs };
  const survey = await archive.survey({ cameraId: "net", window }, "video");
  const causes = survey.gaps.map(({ cause }) => cause);
  deepStrictEqual(causes, ["stream-ended", "camera-unreachable"]);
  const other = await loggedFrames(root, "other");
  const otherWindow = { fromMs: other[0]!.atMs, toMs: other.at(-1)!.atMs };
  const undisturbed = await archive.survey({ cameraId: "other", window: otherWindow }, "video");
  deepStrictEqual(undisturbed.gaps, []);
  await assertNoSecret(root, [stderr]);
});

Deno.test("run says that a camera refuses the password, without showing it", async () => {
  await using folder = await tempFolder();
  await using camera = await startRtspCamera({
    input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"],
    credentials: CREDENTIALS,
  });
  const url = camera.url.replace(SECRET, "wr0ng-p4ss");
  await writeConfig(folder.path, `cameras:\n  - { id: net, source: "${url}" }\n`);
  await using running = startLookback(["run"], { cwd: folder.path });
  await running.shown(
    "Not recording (camera-refused): the camera refuses the user name or password",
  );
  running.kill("SIGINT");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0);
  ok(!stderr.includes("wr0ng-p4ss"), stderr);
  const status = await lookback(["status"], { cwd: folder.path });
  ok(!status.stdout.includes("wr0ng-p4ss"), status.stdout);
});

/** Resolves when a camera's second recording file has begun: its first is closed then. */
async function untilBatch(root: string, cameraId: string): Promise<void> {
  const data = join(root, "data");
  using watcher = Deno.watchFs(data, { recursive: true });
  const recordings = async () =>
    (await filesBelow(data)).filter((path) => path.includes(`/recordings/${cameraId}/`)).length;
  const limit = setTimeout(() => watcher.close(), 10_000);
  for await (const _ of watcher) {
    if (await recordings() > 1) break;
  }
  clearTimeout(limit);
  ok(await recordings() > 1, "a second batch began");
}

/** No file that Lookback wrote, and nothing that it printed, holds the password. */
async function assertNoSecret(root: string, printed: readonly string[]): Promise<void> {
  const written = (await filesBelow(root)).filter((path) => !path.endsWith("lookback.yaml"));
  for (const path of written) {
    const text = new TextDecoder("latin1").decode(await Deno.readFile(path));
    ok(!text.includes(SECRET), `${path} holds the password`);
  }
  for (const text of printed) ok(!text.includes(SECRET), text);
}
