import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parseTarGzip } from "nanotar";
import { type BundleParts, packBundle } from "../../../src/app/doctor/bundle.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const NOTHING: BundleParts = {
  report: {},
  versions: {},
  settingsYaml: null,
  root: null,
  log: null,
  sources: [],
  nowMs: Date.UTC(2026, 10, 21),
};

async function unpack(parts: BundleParts): Promise<Map<string, string>> {
  const entries = await parseTarGzip(await packBundle(parts));
  return new Map(entries.map(({ name, text }) => [name, text]));
}

Deno.test("packBundle() packs what is there, each part in a file of its own", async () => {
  await using folder = await tempFolder();
  const files = await unpack({
    ...NOTHING,
    report: { verdict: "ok" },
    versions: { deno: "2.7.11" },
    settingsYaml: "cameras: []\n",
    root: folder.path,
    log: ["one", "two"],
  });
  deepStrictEqual([...files.keys()], [
    "lookback-doctor/doctor.json",
    "lookback-doctor/versions.json",
    "lookback-doctor/settings.yaml",
    "lookback-doctor/database.json",
    "lookback-doctor/log.txt",
  ]);
  deepStrictEqual(JSON.parse(files.get("lookback-doctor/doctor.json")!), { verdict: "ok" });
  strictEqual(files.get("lookback-doctor/settings.yaml"), "cameras: []\n");
  strictEqual(JSON.parse(files.get("lookback-doctor/database.json")!).code, "database-missing");
  strictEqual(files.get("lookback-doctor/log.txt"), "one\ntwo\n");
});

Deno.test("packBundle() leaves out what is not there", async () => {
  const files = await unpack(NOTHING);
  deepStrictEqual([...files.keys()], [
    "lookback-doctor/doctor.json",
    "lookback-doctor/versions.json",
  ]);
});

Deno.test("packBundle() lets no password of the sources into any file, however it stands there", async () => {
  const secrets = ['p%40ss"w/rd', 'p@ss"w/rd', "plain-secret"];
  const files = await unpack({
    ...NOTHING,
    sources: [
      { kind: "rtsp", url: 'rtsp://user:p%40ss"w/rd@192.0.2.7/a' },
      { kind: "http", url: "http://user:plain-secret@192.0.2.7/a" },
    ],
    report: { says: secrets, nested: [{ deep: `(${secrets.join()})` }] },
    settingsYaml: `source: 'rtsp://user:p%40ss"w/rd@192.0.2.7/a'\n`,
    log: [...secrets, "http://other:unknown-secret@192.0.2.9/", "GET /snap?password=query-secret"],
  });
  for (const [name, text] of files) {
    for (const secret of [...secrets, "unknown-secret", "query-secret"]) {
      ok(!text.includes(secret), `${name} holds ${secret}`);
      ok(!text.includes(JSON.stringify(secret).slice(1, -1)), `${name} holds ${secret}`);
    }
  }
  match(
    files.get("lookback-doctor/settings.yaml")!,
    /^source: 'rtsp:\/\/user:\*\*\*@192\.0\.2\.7\/a'$/m,
  );
});

Deno.test("packBundle() keeps JSON whole when a password is a word of it", async () => {
  const files = await unpack({
    ...NOTHING,
    sources: [{ kind: "rtsp", url: "rtsp://user:true@192.0.2.7/a" }],
    report: { fine: true, says: "true" },
  });
  deepStrictEqual(JSON.parse(files.get("lookback-doctor/doctor.json")!), {
    fine: true,
    says: "***",
  });
});
