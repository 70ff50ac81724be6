/**
 * Every command as its users type it, right and wrong, on one small archive.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isoUtc, unixMs } from "../../src/base/units.ts";
import { filesBelow, loggedFrames } from "../support/archive.ts";
import { frameMd5s } from "../support/clips.ts";
import { type Finished, lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CONFIG =
  "batch: { duration_seconds: 3 }\ncameras:\n  - { id: lab, name: Lab, source: test://320x180@25 }\n";

/** Wrong use: arguments, exit code, and what the message must say. */
const WRONG: readonly {
  readonly args: readonly string[];
  readonly code: 1 | 2;
  readonly says: readonly RegExp[];
}[] = [
  { args: ["explode"], code: 2, says: [/unknown command 'explode'/] },
  { args: ["export"], code: 2, says: [/missing: --camera, --at, --duration/] },
  {
    args: ["export", "--camera", "labb", "--at", "now", "--duration", "5s"],
    code: 2,
    says: [/Cannot find camera "labb"/, /did you mean --camera lab\?/],
  },
  {
    args: ["export", "--camera", "lab", "--at", "teatime", "--duration", "5s"],
    code: 2,
    says: [/teatime/, /fix: /],
  },
  {
    args: ["export", "--camera", "lab", "--at", "2026-03-29 02:30", "--duration", "5s"],
    code: 2,
    says: [/2026-03-29T01:30:00\+01:00/, /2026-03-29T03:30:00\+02:00/],
  },
  {
    args: ["export", "--camera", "lab", "--at", "now", "--duration", "soon"],
    code: 2,
    says: [/soon/, /fix: /],
  },
  {
    args: ["export", "--camera", "lab", "--at", "now", "--duration", "5s", "--mode", "fast"],
    code: 2,
    says: [/--mode/, /exact, strict, keyframe/],
  },
  {
    args: ["export", "--camera", "lab", "--at", "2020-01-01 12:00", "--duration", "5s"],
    code: 1,
    says: [/Cannot find footage of "lab"/, /before ends: none/, /after begins: 20\d\d-/],
  },
  {
    args: ["run", "--config", "nowhere.yaml"],
    code: 2,
    says: [/Cannot find a configuration file/],
  },
  { args: ["run", "--for", "-3s"], code: 2, says: [/-3s/] },
  { args: ["status", "--root", "empty"], code: 1, says: [/Cannot find recordings under/] },
  { args: ["frame", "--camera", "lab", "--at", "2020-01-01 12:00"], code: 1, says: [/no-footage/] },
  { args: ["demo", "--for", "3s"], code: 2, says: [/at least 12 s/] },
];

Deno.test("commands answer as documented on a small archive", async (test) => {
  await using folder = await tempFolder();
  const root = folder.path;
  await writeConfig(root, CONFIG);
  const cli = (...args: string[]) => lookback(args, { cwd: root });
  strictEqual((await cli("run", "--for", "9s")).code, 0);
  const frames = await loggedFrames(root, "lab");
  const at = isoUtc(unixMs(frames[60]!.atMs));
  const framesFrom = (index: number, durationMs: number) => {
    const fromMs = frames[index]!.atMs;
    return frames.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + durationMs).length;
  };

  for (const { args, code, says } of WRONG) {
    await test.step(`lookback ${args.join(" ")} ends with ${code}`, async () => {
      const result = await cli(...args);
      strictEqual(result.code, code, result.stderr);
      for (const pattern of says) match(result.stderr, pattern);
      ok(!/^\s+at /m.test(result.stderr), `a stack trace: ${result.stderr}`);
    });
  }

  await test.step("export --json prints the receipt of the film it wrote", async () => {
    const { stdout, stderr, code } = await cli(
      ...["export", "--camera", "lab", "--at", at, "--duration", "4s", "--json"],
    );
    strictEqual(code, 0, stderr);
    match(stderr, /from {5}20\d\d-.*Europe\/Berlin/);
    const { path, receipt } = JSON.parse(stdout);
    strictEqual((await frameMd5s(path)).length, framesFrom(60, 4_000));
    strictEqual(receipt.delivered.starting_frame_id, 61);
    strictEqual(receipt.asked.duration_ms, 4_000);
    deepStrictEqual(JSON.parse(await Deno.readTextFile(`${path}.json`)), receipt);
    strictEqual(receipt.file.sha256, await sha256(path));
    ok(receipt.batches.length >= 2);
    for (const key of ["batch_id", "starting_frame_id", "ending_frame_id", "timestamp"]) {
      ok(key in receipt.batches[0], key);
    }
  });

  await test.step("export --mode keyframe begins at the key frame before and says how much", async () => {
    const { stdout } = await cli(
      ...[
        "export",
        "--camera",
        "lab",
        "--at",
        at,
        "--duration",
        "1s",
        "--mode",
        "keyframe",
        "--json",
      ],
    );
    const { receipt, path } = JSON.parse(stdout);
    const first = frames[receipt.delivered.starting_frame_id - 1]!;
    ok(first.isKey);
    strictEqual(receipt.delivered.starts_before_asked_ms, frames[60]!.atMs - first.atMs);
    strictEqual((await frameMd5s(path)).length, receipt.delivered.frames);
  });

  await test.step("export --source frames makes a film of the stills, also without the video", async () => {
    await Deno.rename(join(root, "data/recordings/lab"), join(root, "moved"));
    const without = await cli("export", "--camera", "lab", "--at", at, "--duration", "2s");
    strictEqual(without.code, 1);
    match(without.stderr, /recording-missing/);
    match(without.stderr, /--source frames/);
    const { stdout, stderr } = await cli(
      ...[
        "export",
        "--camera",
        "lab",
        "--at",
        at,
        "--duration",
        "2s",
        "--source",
        "frames",
        "--json",
      ],
    );
    await Deno.rename(join(root, "moved"), join(root, "data/recordings/lab"));
    const { receipt, path } = JSON.parse(stdout || stderr);
    strictEqual(receipt.source, "frames");
    strictEqual((await frameMd5s(path)).length, receipt.delivered.frames);
    strictEqual(receipt.frames_without_still, 0);
  });

  await test.step("export keeps an existing file", async () => {
    await Deno.writeTextFile(join(root, "mine.mp4"), "mine");
    const result = await cli(
      ...["export", "--camera", "lab", "--at", at, "--duration", "1s", "--out", "mine.mp4"],
    );
    strictEqual(result.code, 2);
    match(result.stderr, /it is there already/);
    strictEqual(await Deno.readTextFile(join(root, "mine.mp4")), "mine");
  });

  await test.step("frame writes the picture of that instant", async () => {
    const { code, stdout, stderr } = await cli("frame", "--camera", "lab", "--at", at, "--json");
    strictEqual(code, 0, stderr);
    const { path, frame_id: frameId } = JSON.parse(stdout);
    strictEqual(frameId, 61);
    const jpeg = await Deno.readFile(path);
    deepStrictEqual([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)], [0xff, 0xd8, 0xff, 0xd9]);
  });

  await test.step("status --json sums up what is recorded", async () => {
    const { stdout } = await cli("status", "--json");
    const { recording, cameras: [camera] } = JSON.parse(stdout);
    strictEqual(recording, false);
    strictEqual(camera.frames, frames.length);
    strictEqual(camera.newest_frame_id, frames.length);
    strictEqual(camera.recorded_from, isoUtc(frames[0]!.atMs));
  });

  await test.step("prompt asks again after a wrong answer and writes the film", async () => {
    const answers = ["lab", "teatime", at, "never", "3s", "yes", "no"];
    const { code, stdout, stderr } = await promptWith(root, answers);
    strictEqual(code, 0, stderr);
    const path = /film {5}(\S+)/.exec(stdout)?.[1];
    strictEqual((await frameMd5s(path!)).length, framesFrom(60, 3_000));
    match(stdout, /TIMESTAMP\? teatime\n.*teatime/);
    match(stdout, /DURATION\? never\n.*never/);
  });

  await test.step("prompt says what it needs when the answers end", async () => {
    const { code, stderr } = await promptWith(root, ["lab"]);
    strictEqual(code, 2);
    match(stderr, /no answer to "TIMESTAMP\?"/);
  });

  await test.step("no command leaves a half file", async () => {
    const left = (await filesBelow(root)).filter((path) => /\.part$|\.work/.test(path));
    deepStrictEqual(left, []);
  });
});

function promptWith(root: string, answers: readonly string[]): Promise<Finished> {
  return lookback(["prompt"], { cwd: root, input: `${answers.join("\n")}\n` });
}

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}
