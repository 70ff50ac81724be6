/**
 * Exports that prove what they are: signed, checked on a machine that has
 * nothing else, and found out when a byte changes. And exports of footage that
 * must not change, or that is deleted meanwhile.
 *
 * @module
 */

import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import type { OperatorError } from "../../src/base/errors.ts";
import { isoUtc, unixMs } from "../../src/base/units.ts";
import type { FootageRequest } from "../../src/footage/request.ts";
import { tryHoldFolder } from "../../src/host/folder_lock.ts";
import { exportWindow, filesBelow, loggedFrames, openArchive } from "../support/archive.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

const CONFIG =
  "batch: { duration_seconds: 3 }\ncameras:\n  - { id: lab, name: Lab, source: test://320x180@25 }\n";

Deno.test("verify tells whether an export is what was exported", async (test) => {
  await using folder = await tempFolder();
  await using elsewhere = await tempFolder();
  const root = folder.path;
  await writeConfig(root, CONFIG);
  strictEqual((await lookback(["run", "--for", "8s"], { cwd: root })).code, 0);
  const [first] = await loggedFrames(root, "lab");
  const request: FootageRequest = {
    cameraId: "lab",
    window: { fromMs: unixMs(first!.atMs + 500), toMs: unixMs(first!.atMs + 4_500) },
  };
  const ask = ["--camera", "lab", "--at", isoUtc(request.window.fromMs), "--duration", "4s"];
  const exported = async (...flags: string[]) => {
    const result = await lookback(["export", ...ask, "--json", ...flags], { cwd: root });
    strictEqual(result.code, 0, result.stderr);
    return { ...JSON.parse(result.stdout), stderr: result.stderr };
  };

  // The box that it is checked on has the film, the receipt and the key, and nothing else.
  const film = join(elsewhere.path, "film.mp4");
  const key = join(elsewhere.path, "lab.pub.pem");
  const { path, receipt } = await exported();
  const take = async () => {
    await Deno.copyFile(path, film);
    await Deno.copyFile(`${path}.json`, `${film}.json`);
  };
  await take();
  await Deno.copyFile(join(root, "data/keys/signing.pub.pem"), key);
  const verify = async (...flags: string[]) => {
    const { code, stdout, stderr } = await lookback(["verify", film, "--json", ...flags], {
      cwd: elsewhere.path,
    });
    ok(stdout !== "", stderr);
    const checks: { check: string; result: string; detail: string }[] = JSON.parse(stdout).checks;
    return {
      code,
      faults: checks.filter(({ result }) => result === "fault").map(({ check }) => check),
      checks: Object.fromEntries(checks.map(({ check, detail }) => [check, detail])),
    };
  };

  await test.step("a receipt binds the film to the batches it was cut from", () => {
    for (const batch of receipt.batches) match(batch.chain, /^[0-9a-f]{64}$/);
    strictEqual(receipt.batches[0].previous_chain, "0".repeat(64));
    strictEqual(receipt.batches[1].previous_chain, receipt.batches[0].chain);
    match(receipt.signature.key_id, /^[0-9a-f]{16}$/);
  });

  await test.step("all is well on another machine, and the key says whose it is", async () => {
    const withoutKey = await verify();
    deepStrictEqual([withoutKey.code, withoutKey.faults], [0, []]);
    match(withoutKey.checks.key!, /give --key FILE to be sure whose it is/);
    const withKey = await verify("--key", key);
    deepStrictEqual([withKey.code, withKey.faults], [0, []]);
    match(withKey.checks.key!, /signed by the key that was given/);
    const { code, stdout } = await lookback(["verify", path], { cwd: root });
    strictEqual(code, 0);
    match(stdout, new RegExp(`ok {5}key +signed by the key of ${await Deno.realPath(root)}`));
  });

  const { size } = await Deno.stat(film);
  for (const at of [0, 50, Math.floor(size / 2), size - 1]) {
    await test.step(`one flipped bit at byte ${at} of the film is found`, async () => {
      await flip(film, at);
      const { code, faults } = await verify();
      strictEqual(code, 1);
      ok(faults.includes("sha256"));
      await take();
    });
  }

  await test.step("a film that was cut off is found, and where its boxes break", async () => {
    await Deno.truncate(film, size - 1_000);
    const { code, faults, checks } = await verify();
    deepStrictEqual([code, faults], [1, ["size", "film"]]);
    match(checks.size!, /1000 are missing/);
    match(checks.film!, /breaks at byte \d+: box "mdat" needs \d+ bytes/);
    await take();
  });

  await test.step("a changed receipt is found, wherever it was changed", async () => {
    const text = await Deno.readTextFile(`${film}.json`);
    const changes = [
      { text: text.replace('"frames": 100', '"frames": 101'), fault: "signature" },
      { text: text.replace('"mode": ', '"mode":'), fault: "receipt" },
      { text: text.replace(/"chain": "./, '"chain": "x'), fault: "signature" },
    ];
    for (const change of changes) {
      ok(change.text !== text);
      await Deno.writeTextFile(`${film}.json`, change.text);
      const { code, faults } = await verify();
      deepStrictEqual([code, faults], [1, [change.fault]]);
    }
    await take();
  });

  await test.step("a film or a receipt that is missing is found; without both it is wrong use", async () => {
    await Deno.remove(film);
    deepStrictEqual((await verify()).faults, ["film"]);
    await take();
    await Deno.remove(`${film}.json`);
    deepStrictEqual((await verify()).faults, ["receipt"]);
    await take();
    const { code, stderr } = await lookback(["verify", "other.mp4"], { cwd: elsewhere.path });
    strictEqual(code, 2);
    match(stderr, /film-unreadable/);
  });

  await test.step("the key of another box is not taken for this one's", async () => {
    const other = join(elsewhere.path, "other");
    await Deno.mkdir(join(other, "data"), { recursive: true });
    await Deno.copyFile(join(root, "data/lookback.db"), join(other, "data/lookback.db"));
    await Deno.mkdir(join(other, "data/keys"));
    await Deno.writeTextFile(join(other, "data/keys/signing.pub.pem"), OTHER_KEY);
    const own = await verify("--root", other);
    deepStrictEqual([own.code, own.faults], [0, []]);
    match(own.checks.key!, /not by that of/);
    const given = await verify("--key", join(other, "data/keys/signing.pub.pem"));
    deepStrictEqual([given.code, given.faults], [1, ["key"]]);
    const { code, stderr } = await lookback(["verify", film, "--key", film], {
      cwd: elsewhere.path,
    });
    strictEqual(code, 2);
    match(stderr, /key-unreadable/);
  });

  await test.step("a key that can't be used makes a receipt without signature, and says so", async () => {
    const secret = join(root, "data/keys/signing.pem");
    const pem = await Deno.readTextFile(secret);
    await Deno.writeTextFile(secret, pem.slice(0, 60));
    const { path, receipt, stderr } = await exported();
    await Deno.writeTextFile(secret, pem);
    strictEqual(receipt.signature, null);
    match(stderr, /unsigned the receipt has no signature: .*it may be damaged/);
    const plain = await lookback(["verify", path], { cwd: elsewhere.path });
    strictEqual(plain.code, 0);
    match(plain.stdout, /note {3}signature +there is none/);
    const wanted = await lookback(["verify", path, "--key", key], { cwd: elsewhere.path });
    strictEqual(wanted.code, 1);
  });

  await test.step("an export that was killed does not keep its name", async () => {
    const before = await exported("--out", "cut.mp4");
    await Deno.remove(before.path);
    await Deno.remove(`${before.path}.json`);
    await Deno.writeTextFile(`${before.path}.part`, "half a film");
    strictEqual(
      (await exported("--out", "cut.mp4")).receipt.file.sha256,
      before.receipt.file.sha256,
    );
  });

  await test.step("--read-only writes nothing below the root", async () => {
    const before = await snapshot(root);
    const flags = ["--root", root, "--read-only"];
    const cli = (...args: string[]) => lookback([...args, ...flags], { cwd: elsewhere.path });
    const result = await cli("export", ...ask, "--json");
    strictEqual(result.code, 0, result.stderr);
    const { path, receipt } = JSON.parse(result.stdout);
    strictEqual(dirname(path), await Deno.realPath(elsewhere.path));
    ok(receipt.signature !== null);
    strictEqual((await cli("status")).code, 0);
    const frame = await cli("frame", ...ask.slice(0, 4), "--json");
    strictEqual(dirname(JSON.parse(frame.stdout).path), await Deno.realPath(elsewhere.path));
    const inside = await cli("export", ...ask, "--out", join(root, "inside.mp4"));
    strictEqual(inside.code, 2);
    match(inside.stderr, /Cannot write ".*" with --read-only/);
    deepStrictEqual(await snapshot(root), before);
  });

  await test.step("--database reads the index from another file", async () => {
    const index = join(elsewhere.path, "index.db");
    await Deno.rename(join(root, "data/lookback.db"), index);
    const { path } = await exported("--database", index);
    ok(await Deno.stat(path));
    await Deno.rename(index, join(root, "data/lookback.db"));
  });

  await test.step("recordings that an export reads can't be deleted meanwhile", async () => {
    using archive = openArchive(root);
    const survey = await archive.survey(request, "video");
    const recordings = survey.gathered.sources.map((source) => dirname(source));
    let triedToDelete = 0;
    await archive.export(survey, {
      path: join(root, "held.mp4"),
      mode: "exact",
      gapPolicy: "collapse",
      signal: new AbortController().signal,
      onProgress: () => {
        triedToDelete += 1;
        strictEqual(tryHoldFolder(recordings[0]!), undefined);
      },
    });
    ok(triedToDelete > 0);
    using alone = tryHoldFolder(recordings[0]!);
    ok(alone !== undefined);
  });

  await test.step("recordings that were deleted since the survey are named", async () => {
    using archive = openArchive(root);
    const survey = await archive.survey(request, "video");
    const [recording] = survey.gathered.sources;
    await Deno.rename(recording!, `${recording}.away`);
    const wish = { ...request, mode: "exact", path: join(root, "late.mp4") } as const;
    const late = archive.export(survey, {
      ...wish,
      gapPolicy: "collapse",
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    await rejects(late, (error: OperatorError) => {
      return error.code === "no-footage" && error.advice.found?.["no file at"] === recording;
    });
    await Deno.rename(`${recording}.away`, recording!);
    ok((await exportWindow(archive, wish)).signature !== null);
  });

  await test.step("nothing unfinished is left", async () => {
    const left = (await filesBelow(root)).filter((path) => /\.part$|\.work/.test(path));
    deepStrictEqual(left, []);
  });
});

const OTHER_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAxc+a/f7IlA2y7J6hXZxZu55X7uJNEpDsCBuu2QyNzkE=
-----END PUBLIC KEY-----
`;

/** Changes one bit of a file. */
async function flip(path: string, at: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[at]! ^= 1;
  await Deno.writeFile(path, bytes);
}

/** Every file below a folder with its size and when it was changed. */
async function snapshot(folder: string): Promise<string[]> {
  return await Promise.all((await filesBelow(folder)).map(async (path) => {
    const { size, mtime } = await Deno.stat(path);
    return `${path} ${size} ${mtime?.toISOString()}`;
  }));
}
