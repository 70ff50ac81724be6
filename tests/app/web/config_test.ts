import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { WebConfig } from "../../../src/app/web/config.ts";
import type { ReloadAnswer } from "../../../src/app/web/messages.ts";
import { tempFolder } from "../../support/temp_folder.ts";

const FILE = `# by hand
cameras:
  - id: front
    source: rtsp://user:hidden@192.0.2.10/stream1
`;

interface World extends AsyncDisposable {
  readonly path: string;
  readonly config: WebConfig;
  /** How often settings were read again. */
  readonly reloads: () => number;
}

async function world(answer: ReloadAnswer): Promise<World> {
  const folder = await tempFolder();
  const path = join(folder.path, "lookback.yaml");
  await Deno.writeTextFile(path, FILE, { mode: 0o600 });
  let reloads = 0;
  const reload = () => {
    reloads += 1;
    return Promise.resolve(answer);
  };
  const config = new WebConfig({ root: folder.path, path, reload });
  return {
    path,
    config,
    reloads: () => reloads,
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}

const WELL: ReloadAnswer = { ok: true, text: "1 started" };

Deno.test("WebConfig shows the file and what is in effect without secrets", async () => {
  await using here = await world(WELL);
  const { yaml, values, schema } = await here.config.facts();
  ok(yaml.startsWith("# by hand\n") && yaml.includes("user:***@192.0.2.10"));
  const text = JSON.stringify(values);
  ok(text.includes("user:***@192.0.2.10") && !text.includes("hidden"));
  strictEqual((schema as { title: string }).title, "Lookback configuration");
});

Deno.test("WebConfig puts a text in place with its secrets, and keeps the one before", async () => {
  await using here = await world(WELL);
  const { yaml } = await here.config.facts();
  const edited = `${yaml}    name: Front door\n`;
  deepStrictEqual(await here.config.check(edited), []);
  deepStrictEqual(await here.config.apply(edited), { text: "1 started" });
  strictEqual(await Deno.readTextFile(here.path), `${FILE}    name: Front door\n`);
  strictEqual(await Deno.readTextFile(`${here.path}.before`), FILE);
  strictEqual((await Deno.stat(here.path)).mode! & 0o777, 0o600);
  strictEqual((await Deno.stat(`${here.path}.before`)).mode! & 0o777, 0o600);
  strictEqual(here.reloads(), 1);
});

Deno.test("WebConfig tells mistakes with their places, and writes nothing then", async () => {
  await using here = await world(WELL);
  const wrong = "cameras:\n  - id: Front\n    source: rtsp://u:***@192.0.2.77/\n";
  const mistakes = await here.config.check(wrong);
  deepStrictEqual(mistakes.map(({ line, key }) => [line, key]), [
    [3, "cameras[Front].source"],
    [2, "cameras[0].id"],
  ]);
  await rejects(here.config.apply(wrong), { code: "config-invalid" });
  strictEqual(await Deno.readTextFile(here.path), FILE);
  strictEqual(here.reloads(), 0);
});

Deno.test("WebConfig puts the old file back where the running Lookback refuses the new one", async () => {
  await using here = await world({ ok: false, text: "another storage root" });
  await rejects(here.config.apply("storage: { root: /elsewhere }\n"), {
    code: "config-invalid",
    message: "Cannot use these settings: another storage root",
  });
  strictEqual(await Deno.readTextFile(here.path), FILE);
  strictEqual(here.reloads(), 1);
});
