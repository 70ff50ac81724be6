/**
 * `lookback service` as far as it changes nothing; `./dev service-test` does the
 * rest in a machine of its own.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { exists } from "../../src/app/archive.ts";
import { lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** On such a machine the answers are about the service that is there. */
const HAS_SERVICE = await exists("/etc/lookback");

Deno.test("service print writes a whole unit to standard output, for any program", async () => {
  await using folder = await tempFolder();
  const args = ["service", "print", "--program", "./my program"];
  const { code, stdout } = await lookback(args, { cwd: folder.path });
  strictEqual(code, 0);
  match(stdout, /^\[Unit\]$/m);
  ok(stdout.includes(`\nExecStart="${folder.path}/my program" run --config `), stdout);
  ok(stdout.endsWith("\n\n[Install]\nWantedBy=multi-user.target\n"), stdout);
});

Deno.test({
  name: "service install --dry-run shows steps and files, no password, and changes nothing",
  ignore: HAS_SERVICE,
  async fn() {
    await using folder = await tempFolder();
    const source = "rtsp://ann:secret@192.0.2.10/stream1";
    await writeConfig(folder.path, `cameras:\n  - { id: front, source: "${source}" }\n`);
    const args = ["service", "install", "--dry-run"];
    const { code, stdout, stderr } = await lookback(args, { cwd: folder.path });
    strictEqual(code, 0, stderr);
    match(stdout, /^write \/etc\/lookback\/lookback\.yaml \(root:lookback, mode 0640\)$/m);
    match(stdout, /^ {4}ExecStart=\/usr\/local\/bin\/lookback run --config /m);
    match(
      stdout,
      /^start it anew and wait until it records: systemctl restart lookback\.service$/m,
    );
    ok(stdout.includes("rtsp://ann:***@192.0.2.10/stream1") && !stdout.includes("secret"), stdout);
    strictEqual(await exists("/etc/lookback"), false);
    const { stdout: again } = await lookback(args, { cwd: folder.path });
    strictEqual(again, stdout);
  },
});

Deno.test({
  name: "service install refuses settings whose relative paths would mean other files",
  ignore: HAS_SERVICE,
  async fn() {
    await using folder = await tempFolder();
    const config = await writeConfig(folder.path, "cameras: [{ id: yard, source: yard.mp4 }]\n");
    const args = ["service", "install", "--dry-run", "--config", config];
    const { code, stdout, stderr } = await lookback(args, { cwd: "/" });
    deepStrictEqual([code, stdout], [2, ""]);
    match(stderr, /which would be: \/etc\/lookback\/yard\.mp4/);
  },
});
