import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Reader } from "../../src/store/reader.ts";
import { lookback, startLookback, writeConfig } from "../support/lookback.ts";
import { flipByte } from "../support/real_archive.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

const CONFIG = `
cameras:
  - id: front
    source: test://320x180@25
batch: { duration_seconds: 1 }
stills: { enabled: false }
upkeep: { canary_every_minutes: 0.02 }
`;

Deno.test("lookback verify names a flipped byte in a recording and one in a frame log", async (test) => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(cwd, CONFIG);
  const cli = (...args: string[]) => lookback(args, { cwd });
  {
    await using running = startLookback(["run"], { cwd });
    await running.shown("Recording avc1");
    await until(() => hasCanary(cwd), { limitMs: 30_000, what: "a canary" });
    running.kill("SIGTERM");
    strictEqual((await running.finished).code, 0);
  }

  await test.step("lookback status shows the canary", async () => {
    const { stdout } = await cli("status");
    ok(stdout.includes("tested  canary ok less than a minute ago"), stdout);
    const { cameras } = JSON.parse((await cli("status", "--json")).stdout);
    strictEqual(cameras[0].checks[0].kind, "canary");
  });

  await test.step("nothing is wrong with what was just recorded", async () => {
    const { code, stdout } = await cli("verify");
    strictEqual(code, 0, stdout);
    ok(stdout.endsWith("No fault found\n"), stdout);
    ok(/^Read \d+ batches, /m.test(stdout), stdout);
  });

  const [one, other] = batchesOf(cwd);
  await flipByte(join(cwd, one!.recordingPath), 4_000);
  await flipByte(join(cwd, other!.framesPath), other!.framesOffset + 700);

  await test.step("both faults are named with file, place and time", async () => {
    const { code, stdout, stderr } = await cli("verify");
    strictEqual(code, 1);
    const faults = stdout.split("\n").filter((line) => line.startsWith("FAULT "));
    strictEqual(faults.length, 2, stdout);
    ok(faults[0]!.includes(`recording-damaged  ${one!.recordingPath} bytes `), stdout);
    ok(faults[1]!.includes(`frames-damaged  ${other!.framesPath} bytes `), stdout);
    ok(stdout.includes("Found 2 faults"), stdout);
    strictEqual(stderr, "");
    const { code: jsonCode, stdout: json } = await cli("verify", "--json", "--camera", "front");
    strictEqual(jsonCode, 1);
    const report = JSON.parse(json);
    strictEqual(report.ok, false);
    const [inRecording, inLog] = report.faults;
    ok(inRecording.from_byte <= 4_000 && inRecording.to_byte > 4_000);
    const place = other!.framesOffset + 700;
    ok(inLog.from_byte <= place && inLog.to_byte > place);
    deepStrictEqual(report.faults.map((fault: { batch_id: number }) => fault.batch_id), [
      one!.batchId,
      other!.batchId,
    ]);
  });

  await test.step("a time without faults is whole, also with nothing written", async () => {
    const from = new Date(other!.endMs).toISOString();
    const { code, stdout } = await cli("verify", "--from", from, "--read-only");
    strictEqual(code, 0, stdout);
    ok(!stdout.startsWith("Read 0 "), stdout);
  });

  await test.step("options of the other mode are refused", async () => {
    strictEqual((await cli("verify", "--key", "signing.pub.pem")).code, 2);
    strictEqual((await cli("verify", "film.mp4", "--camera", "front")).code, 2);
  });
});

function batchesOf(root: string) {
  using reader = new Reader(root);
  return reader.batchesAfterId("front", 0, 100);
}

function hasCanary(root: string): boolean {
  using reader = new Reader(root);
  return reader.checks().some(({ kind, ok }) => kind === "canary" && ok) &&
    reader.batchesAfterId("front", 0, 10).length > 3;
}
