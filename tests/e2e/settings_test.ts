/**
 * `lookback init`, `lookback config` and `lookback completion` as people use them,
 * with real sources and answers on standard input.
 *
 * @module
 */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { makeClip } from "../support/clips.ts";
import { type Finished, lookback, writeConfig } from "../support/lookback.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A port that nothing listens on: 9 is "discard", which no system runs any more. */
const DEAD_SOURCE = "rtsp://ann:hunter2@127.0.0.1:9/stream";

/** Answers that set up two cameras, with every wrong turn on the way. */
const ANSWERS = [
  ...["Front door", "front", "Front door"],
  // A source of an unknown kind, one that is not there, and then the right one.
  // Enter alone takes what is likelier: another source for one that was not seen.
  ...["rtps://x", "gone.mp4", "", "yard.mp4", ""],
  "yes",
  // An id that is taken, and a camera that is off today.
  ...["front", "gate", "", DEAD_SOURCE, "keep anyway"],
  "no",
  ...["~/footage", "footage", "0.5", "5"],
];

function init(cwd: string, args: readonly string[], answers: readonly string[]): Promise<Finished> {
  return lookback(["init", ...args], { cwd, input: `${answers.join("\n")}\n` });
}

Deno.test("lookback init asks, looks at each source, and writes a file that config check accepts", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await makeClip(join(cwd, "yard.mp4"), { audio: true });
  const { code, stdout, stderr } = await init(cwd, [], ANSWERS);
  strictEqual(code, 0, stderr + stdout);
  match(stdout, /found "Front door", need lower-case letters/);
  match(stdout, /there is h264 320x180, 25 fps, key frame every 1 s, .*audio aac/);
  match(stdout, /found "front", need an id that cameras\[0\] does not have/);
  strictEqual(stdout.match(/not seen: /g)?.length, 2);
  match(stdout, /found "~\/footage", need a path/);
  match(stdout, /found 0.5, need a number of seconds from 1 to 3600/);

  const text = await Deno.readTextFile(join(cwd, "lookback.yaml"));
  match(text, /^# yaml-language-server: \$schema=lookback\.schema\.json\n/);
  strictEqual((await Deno.stat(join(cwd, "lookback.yaml"))).mode! & 0o777, 0o600);
  const { stdout: schema } = await lookback(["config", "schema"], { cwd });
  strictEqual(await Deno.readTextFile(join(cwd, "lookback.schema.json")), schema);

  const check = await lookback(["config", "check", "--json"], { cwd });
  strictEqual(check.code, 0, check.stderr);
  deepStrictEqual(JSON.parse(check.stdout), {
    ok: true,
    config: join(cwd, "lookback.yaml"),
    root: join(cwd, "footage"),
    cameras: 2,
    cameras_enabled: 2,
    batch_seconds: 5,
    variables: [],
  });
});

Deno.test("lookback init leaves everything as it was when the answers end", async () => {
  await using folder = await tempFolder();
  const { code, stderr } = await init(folder.path, [], ["front", "", "test://320x180@25"]);
  strictEqual(code, 2);
  match(stderr, /no answer to "USE IT\?"/);
  match(stderr, /lookback init --yes/);
  deepStrictEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

Deno.test("lookback init --yes replaces a file with --force only, and keeps its mode", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  const path = await writeConfig(cwd, "mine: true\n");
  await Deno.chmod(path, 0o640);
  const refused = await init(cwd, ["--yes"], []);
  strictEqual(refused.code, 2);
  match(refused.stderr, /Cannot write ".*lookback\.yaml": it is there already\n {2}fix: .*--force/);
  strictEqual(await Deno.readTextFile(path), "mine: true\n");

  strictEqual((await init(cwd, ["--yes", "--force"], [])).code, 0);
  strictEqual((await Deno.stat(path)).mode! & 0o777, 0o640);
  strictEqual((await lookback(["config", "check"], { cwd })).code, 0);
});

Deno.test("lookback init --out writes paths that hold from the file's folder", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await makeClip(join(cwd, "yard.mp4"));
  const answers = ["yard", "", "yard.mp4", "go on", "no", "footage", ""];
  const { code, stderr, stdout } = await init(cwd, ["--out", "etc/site.yaml"], answers);
  strictEqual(code, 0, stderr);
  match(stdout, /run --config etc\/site\.yaml/);
  const shown = await lookback(["config", "show", "--config", "etc/site.yaml", "--json"], { cwd });
  const { config, origins } = JSON.parse(shown.stdout);
  strictEqual(config.cameras[0].source, join(cwd, "yard.mp4"));
  strictEqual(config.storage.root, join(cwd, "footage"));
  match(origins["cameras[0].source"], /^etc\/site\.yaml:\d+$/);
  strictEqual(origins["batch.duration_seconds"], "default");
});

Deno.test("lookback config show names the origin of each value and masks passwords", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(
    cwd,
    `stills: { quality: 60 }\ncameras: [{ id: a, source: "${DEAD_SOURCE}" }]\n`,
  );
  const env = { LOOKBACK_STILLS_QUALITY: "70" };
  const { stdout, code } = await lookback(["config", "show", "--root", "all"], { cwd, env });
  strictEqual(code, 0);
  match(stdout, new RegExp(`root: ${cwd}/all # flag --root`));
  match(stdout, /quality: 70 # environment LOOKBACK_STILLS_QUALITY/);
  match(stdout, /id: a # lookback\.yaml:2/);
  match(stdout, /level: info # default/);
  match(stdout, /rtsp:\/\/ann:\*\*\*@127/);
  doesNotMatch(stdout, /hunter2/);
});

Deno.test("lookback config check answers a wrong file and a wrong variable with 2, for programs too", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await writeConfig(cwd, "cameras: []\nbatch: { duration_secs: 5 }\n");
  const env = { LOOKBACK_STORAGE_ROT: "/mnt" };
  const { code, stdout, stderr } = await lookback(["config", "check", "--json"], { cwd, env });
  strictEqual(code, 2);
  match(
    stderr,
    /^Cannot use configuration "lookback\.yaml" and settings of the environment: found 2/,
  );
  deepStrictEqual(JSON.parse(stdout), {
    ok: false,
    code: "config-invalid",
    problem:
      'Cannot use configuration "lookback.yaml" and settings of the environment: found 2 mistakes',
    mistakes: [
      'lookback.yaml:2:10 batch.duration_secs: unknown key, did you mean "duration_seconds"?',
      'LOOKBACK_STORAGE_ROT: unknown variable, did you mean "LOOKBACK_STORAGE_ROOT"?',
    ],
  });
});

Deno.test("lookback config check needs no file where the environment names the cameras", async () => {
  await using folder = await tempFolder();
  const env = { LOOKBACK_CAMERAS: "[{ id: lab, source: test://320x180@25 }]" };
  const { code, stdout } = await lookback(["config", "check"], { cwd: folder.path, env });
  strictEqual(code, 0);
  match(stdout, /^environment: no mistakes\n {2}cameras {2}1\n/);
  match(stdout, /from the environment: LOOKBACK_CAMERAS/);
});

Deno.test("lookback completion prints a script, and the camera ids that the line is about", async () => {
  await using folder = await tempFolder();
  const cwd = folder.path;
  await Deno.mkdir(join(cwd, "site"));
  await writeConfig(
    join(cwd, "site"),
    "cameras: [{ id: yard, source: a.mp4 }, { id: b, source: b.mp4 }]",
  );
  const line = ["lookback", "export", "--config", "site/lookback.yaml", "--camera", ""];
  const ids = await lookback(["completion", "cameras", "--", ...line], { cwd });
  strictEqual(ids.stdout, "b\nyard\n", ids.stderr);
  const script = await lookback(["completion", "bash"], { cwd });
  ok(script.stdout.includes("complete -F _lookback lookback"));
});
