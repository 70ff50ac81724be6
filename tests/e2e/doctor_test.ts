/**
 * The doctor on machines that are well, and on machines that are not: tools of
 * the system are played by small scripts on PATH.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { parseTarGzip } from "nanotar";
import { makeClip } from "../support/clips.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SECRET = "s3cr3t-p4ss";

interface Finding {
  readonly check: string;
  readonly verdict: string;
  readonly says: string;
  readonly fix: string | null;
}

/** Puts scripts in front of PATH; returns the PATH. */
async function pathWith(folder: string, scripts: Record<string, string>): Promise<string> {
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  for (const [name, script] of Object.entries(scripts)) {
    await Deno.writeTextFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return `${bin}:${Deno.env.get("PATH")}`;
}

function findingsOf(stdout: string): Map<string, Finding> {
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return new Map(findings.map((finding) => [finding.check, finding]));
}

Deno.test("doctor finds nothing wrong where all is well, and ends with exit code 0", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await makeClip(join(cwd, "yard.mp4"), { seconds: 2 });
  await writeConfig(
    cwd,
    "cameras:\n  - { id: yard, source: yard.mp4 }\n  - { id: lab, source: test://64x36@25 }\n",
  );
  const PATH = await pathWith(cwd, { timedatectl: "echo NTPSynchronized=yes" });
  const { code, stdout } = await lookback(["doctor"], { cwd, env: { PATH } });
  strictEqual(code, 0, stdout);
  const checks = stdout.split("\n").map((line) => /^(\S+) +(\S+(?: \S+)?) {2,}/.exec(line)?.[2]);
  deepStrictEqual(checks.filter((check) => check !== undefined), [
    ...["configuration", "ffmpeg", "ffprobe", "clock", "disk", "open files", "memory"],
    ...["camera yard", "camera lab", "database", "service", "recording"],
  ]);
  match(stdout, /^\d+ ok, \d warnings?, 0 problems$/m);
});

Deno.test("doctor ends with exit code 1 and says what to do about each problem", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(
    cwd,
    "cameras:\n  - { id: gone, source: gone.mp4 }\n  - { id: off, enabled: false, source: off.mp4 }\n",
  );
  const PATH = await pathWith(cwd, {
    ffmpeg: "echo ffmpeg version 4.4.2 Copyright",
    timedatectl: "echo NTPSynchronized=no",
    cat: "echo 'Max open files  64  64  files'",
  });
  const { code, stdout } = await lookback(["doctor", "--json"], { cwd, env: { PATH } });
  strictEqual(code, 1);
  const findings = findingsOf(stdout);
  strictEqual(JSON.parse(stdout).verdict, "problem");
  strictEqual(findings.get("ffmpeg")?.verdict, "problem");
  match(findings.get("ffmpeg")!.says, /4\.4\.2 at .*\/bin\/ffmpeg/);
  strictEqual(findings.get("clock")?.verdict, "warning");
  strictEqual(findings.get("open files")?.verdict, "problem");
  strictEqual(findings.get("camera gone")?.verdict, "problem");
  match(findings.get("camera gone")!.says, /there is no such file/);
  strictEqual(findings.has("camera off"), false);
  for (const { verdict, fix } of findings.values()) strictEqual(fix === null, verdict === "ok");
});

Deno.test("doctor looks at the machine even when the configuration is wrong or ffmpeg is missing", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(cwd, "camera: []\n");
  const wrong = await lookback(["doctor", "--json"], { cwd });
  strictEqual(wrong.code, 1);
  match(findingsOf(wrong.stdout).get("configuration")!.says, /did you mean "cameras"\?/);
  strictEqual(findingsOf(wrong.stdout).get("ffprobe")?.verdict, "ok");
  await writeConfig(cwd, "ffmpeg: { path: ./none }\ncameras: [{ id: a, source: a.mp4 }]\n");
  const missing = findingsOf((await lookback(["doctor", "--json"], { cwd })).stdout);
  for (const check of ["ffmpeg", "ffprobe", "camera a"]) {
    strictEqual(missing.get(check)?.verdict, "problem", check);
  }
});

Deno.test("doctor sees a Lookback that records, and its database", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(cwd, "cameras: [{ id: lab, source: test://64x36@25 }]\n");
  await using running = startLookback(["run"], { cwd });
  await running.shown("Recording");
  const findings = findingsOf((await lookback(["doctor", "--json"], { cwd })).stdout);
  match(findings.get("recording")!.says, /^a Lookback records under /);
  match(findings.get("database")!.says, /^whole, version \d+/);
});

Deno.test("doctor --bundle packs a report without passwords, once", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `rtsp://viewer:${SECRET}@127.0.0.1:${listener.addr.port}/a`;
  listener.close();
  await writeConfig(cwd, `cameras: [{ id: net, source: "${url}" }]\n`);
  await Deno.writeTextFile(join(cwd, "run.log"), `first\nopening ${url}\n`);
  const args = ["doctor", "--bundle", "report.tar.gz", "--log-file", "run.log"];
  const { code, stdout, stderr } = await lookback(args, { cwd });
  strictEqual(code, 1);
  match(stderr, /^Packed .*report\.tar\.gz/m);
  const bytes = await Deno.readFile(join(cwd, "report.tar.gz"));
  const files = new Map((await parseTarGzip(bytes)).map(({ name, text }) => [name, text]));
  for (const text of [stdout, stderr, ...files.values()]) ok(!text.includes(SECRET));
  match(files.get("lookback-doctor/settings.yaml")!, /source: rtsp:\/\/viewer:\*\*\*@127\.0\.0\.1/);
  match(files.get("lookback-doctor/log.txt")!, /^first\nopening rtsp:\/\/viewer:\*\*\*@/);
  strictEqual(JSON.parse(files.get("lookback-doctor/doctor.json")!).verdict, "problem");
  const again = await lookback(args, { cwd });
  strictEqual(again.code, 2);
  match(again.stderr, /it is there already[^]*--bundle/);
  deepStrictEqual(await Deno.readFile(join(cwd, "report.tar.gz")), bytes);
});
