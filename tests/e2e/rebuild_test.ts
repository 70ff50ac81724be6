/**
 * The database is an index: after a crash, a restart and a camera that was away,
 * it is deleted and made again, and all answers are the same.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Archive } from "../../src/app/archive.ts";
import { type UnixMs, unixMs } from "../../src/base/units.ts";
import type { Receipt } from "../../src/footage/receipt.ts";
import { exportWindow, filesBelow, loggedFrames, seededRandom } from "../support/archive.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { startRtspCamera } from "../support/rtsp_camera.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";
import { rowsOfTables, treeOf } from "../support/whole_root.ts";

const CAMERAS = ["lab", "net"] as const;

Deno.test("a deleted database is made again with the same batches, ids, times, gaps and exports", async (test) => {
  await using folder = await tempFolder();
  const root = join(folder.path, "root");
  await Deno.mkdir(root);
  await record(root);
  const questions = await chooseExports(root);
  const before = await ask(root);
  const films = await exportAll(root, questions, join(folder.path, "before"));
  ok(before.coverage.days.some(({ missing_seconds: missing }) => missing > 0));

  await test.step("from the ledger everything is the same", async () => {
    await removeDatabase(root);
    const { code, stdout, stderr } = await lookback(["rebuild"], { cwd: root });
    strictEqual(code, 0, stderr);
    match(stdout, /made again from the ledger files/);
    deepStrictEqual(await ask(root), before);
    const again = await exportAll(root, questions, join(folder.path, "ledger"));
    deepStrictEqual(again, films);
  });

  await test.step("a root that is only read gets its database elsewhere", async () => {
    await removeDatabase(root);
    const tree = await treeOf(root);
    const into = join(folder.path, "elsewhere.db");
    const elsewhere = { cwd: folder.path };
    const made = await lookback(["rebuild", "--root", root, "--into", into, "--json"], elsewhere);
    strictEqual(made.code, 0, made.stderr);
    strictEqual(JSON.parse(made.stdout).batches, before.status.batches);
    const [{ cameraId, window }] = questions as [Question];
    const seconds = (window.toMs - window.fromMs) / 1_000;
    const place = ["--root", root, "--database", into, "--read-only"];
    const out = join(folder.path, "elsewhere.mp4");
    const exported = await lookback(
      ["export", ...place, "--camera", cameraId, "--at", new Date(window.fromMs).toISOString()]
        .concat(["--duration", `${seconds}s`, "--out", out]),
      elsewhere,
    );
    strictEqual(exported.code, 0, exported.stderr);
    strictEqual(await treeOf(root), tree);
    deepStrictEqual(
      await Deno.readFile(out),
      await Deno.readFile(join(folder.path, "before/0.mp4")),
    );
  });

  await test.step("from the recordings alone batches, times and films are the same", async () => {
    await removeDatabase(root);
    await Deno.remove(join(root, "data/ledger"), { recursive: true });
    const { code, stdout, stderr } = await lookback(["rebuild"], { cwd: root });
    strictEqual(code, 0, stderr);
    match(stdout, /made again from the recordings alone/);
    const after = await ask(root);
    deepStrictEqual(claimsOf(after.batches), claimsOf(before.batches));
    deepStrictEqual(
      after.status.cameras.map(withoutChecks),
      before.status.cameras.map(withoutChecks),
    );
    const again = await exportAll(root, questions, join(folder.path, "recordings"));
    deepStrictEqual(again.map(shownOf), films.map(shownOf));
  });
});

/** Two cameras: killed, started again, one is away for a while, stopped. */
async function record(root: string): Promise<void> {
  await using camera = await startRtspCamera({
    input: ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"],
  });
  await writeConfig(
    root,
    `batch: { duration_seconds: 2 }\ncameras:\n  - { id: lab, source: test://320x180@25 }\n` +
      `  - { id: net, source: "${camera.url}" }\n`,
  );
  {
    await using running = startLookback(["run"], { cwd: root });
    await untilBatches(root, 3);
    running.kill("SIGKILL");
    await running.finished;
  }
  await using running = startLookback(["run"], { cwd: root });
  await running.shown("capture net: Recording");
  const refused = await lookback(["rebuild"], { cwd: root });
  strictEqual(refused.code, 1);
  match(refused.stderr, /another Lookback does already/);
  await untilBatches(root, 6);
  camera.refuse(true);
  camera.dropClients();
  await running.shown("Not recording (camera-unreachable)");
  camera.refuse(false);
  await untilBatches(root, 9);
  running.kill("SIGTERM");
  const { code, stderr } = await running.finished;
  strictEqual(code, 0, stderr);
}

/** Waits until each camera has begun so many recordings. */
async function untilBatches(root: string, count: number): Promise<void> {
  const recordings = async (id: string) =>
    (await filesBelow(join(root, "data/recordings", id)).catch(() => [])).length;
  for (const id of CAMERAS) {
    const what = `${count} recordings of ${id}`;
    await until(async () => await recordings(id) >= count, { limitMs: 40_000, what });
  }
}

interface Question {
  readonly cameraId: string;
  readonly window: { readonly fromMs: UnixMs; readonly toMs: UnixMs };
}

/** Ten windows at random places, each with footage. */
async function chooseExports(root: string): Promise<Question[]> {
  const random = seededRandom(20_261_122);
  const questions: Question[] = [];
  for (let number = 0; number < 10; number += 1) {
    const cameraId = CAMERAS[number % CAMERAS.length]!;
    const frames = await loggedFrames(root, cameraId);
    const fromMs = frames[Math.floor(random() * (frames.length - 1))]!.atMs;
    const lengthMs = 1_000 + Math.round(random() * 6_000);
    // Time that has not come yet comes in the meantime.
    const toMs = unixMs(Math.min(fromMs + lengthMs, frames.at(-1)!.atMs + 1));
    questions.push({ cameraId, window: { fromMs, toMs } });
  }
  return questions;
}

interface Film {
  readonly sha256: string;
  /** Without its time and signature. */
  readonly receipt: Omit<Receipt, "created" | "signature">;
}

/** Makes the films "0.mp4", "1.mp4" and so on. */
async function exportAll(
  root: string,
  questions: readonly Question[],
  folder: string,
): Promise<Film[]> {
  await Deno.mkdir(folder);
  using archive = new Archive({ root, ffmpegPath: "ffmpeg", quality: 85, version: "test" });
  const films: Film[] = [];
  for (const [number, question] of questions.entries()) {
    const path = join(folder, `${number}.mp4`);
    const { created: _, signature, ...receipt } = await exportWindow(archive, {
      ...question,
      mode: "exact",
      path,
    });
    ok(signature !== null);
    films.push({ sha256: receipt.file.sha256, receipt });
  }
  return films;
}

function shownOf({ sha256, receipt }: Film): unknown {
  return [sha256, receipt.asked, receipt.delivered, receipt.hidden];
}

interface Day {
  readonly "missing_seconds": number;
}

/** Everything that is asked of a root, without what changes by itself. */
async function ask(root: string) {
  const status = JSON.parse((await lookback(["status", "--json"], { cwd: root })).stdout);
  const { stdout, stderr } = await lookback(["coverage", "--json"], { cwd: root });
  const coverage = JSON.parse(stdout) as { readonly days: readonly Day[] };
  ok(coverage.days.length >= CAMERAS.length, stderr);
  const tables = ["batches", "runs", "events", "chain_breaks"];
  const { batches, ...others } = rowsOfTables(join(root, "data/lookback.db"), tables);
  // Room on the disk, and forecasts from it.
  const { cameras } = status as { readonly cameras: readonly Record<string, unknown>[] };
  const recorded = cameras.map((
    { used_bytes: _, held_bytes: _held, promised_days: _days, ...camera },
  ) => camera);
  return {
    status: { cameras: recorded, batches: batches!.length },
    coverage,
    batches: batches!,
    others,
  };
}

/** What tests of the footage found is in the ledger alone. */
function withoutChecks({ checks: _, ...camera }: Record<string, unknown>): unknown {
  return camera;
}

/** What batches say of footage. Their numbers and their places in the chain count anew. */
function claimsOf(batches: readonly Record<string, unknown>[]): unknown[] {
  const claims = batches.map((
    { batch_id: _, previous_chain: _before, chain: _chain, stills_bytes: _stills, ...own },
  ) => own);
  const place = ({ camera_id: id, starting_frame_id: frameId }: Record<string, unknown>) =>
    `${id} ${String(frameId).padStart(9)}`;
  return claims.sort((one, other) => place(one) < place(other) ? -1 : 1);
}

async function removeDatabase(root: string): Promise<void> {
  for (const { name } of await Array.fromAsync(Deno.readDir(join(root, "data")))) {
    if (name.startsWith("lookback.db")) await Deno.remove(join(root, "data", name));
  }
}
