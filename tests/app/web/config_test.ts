import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { WebConfig } from "../../../src/app/web/config.ts";
import type { ReloadAnswer } from "../../../src/app/reload_calls.ts";
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
  const { yaml, etag } = await here.config.facts();
  const edited = `${yaml}    name: Front door\n`;
  deepStrictEqual(await here.config.check(edited), []);
  deepStrictEqual(await here.config.apply(edited, etag), { kind: "applied", text: "1 started" });
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
  const { etag } = await here.config.facts();
  deepStrictEqual(await here.config.apply(wrong, etag), { kind: "wrong", mistakes });
  strictEqual(await Deno.readTextFile(here.path), FILE);
  strictEqual(here.reloads(), 0);
});

Deno.test("WebConfig puts the old file back where the running Lookback refuses the new one", async () => {
  await using here = await world({ ok: false, text: "another storage root" });
  await rejects(here.config.apply("storage: { root: /elsewhere }\n", "*"), {
    code: "config-invalid",
    message: "Cannot use these settings: another storage root",
  });
  strictEqual(await Deno.readTextFile(here.path), FILE);
  strictEqual(here.reloads(), 1);
});

Deno.test("WebConfig changes nothing where the file is not the one any more that was edited", async () => {
  await using here = await world(WELL);
  const { yaml, etag } = await here.config.facts();
  // Somebody's editor; a secret alone is another matter: the file's own counts.
  await Deno.writeTextFile(here.path, FILE.replace("hidden", "changed"));
  strictEqual((await here.config.facts()).etag, etag);
  const named = `${yaml}    name: Front door\n`;
  strictEqual((await here.config.apply(named, etag)).kind, "applied");
  const after = await Deno.readTextFile(here.path);
  strictEqual(after, `${FILE.replace("hidden", "changed")}    name: Front door\n`);
  deepStrictEqual(await here.config.apply(`${yaml}    name: Gate\n`, etag), {
    kind: "changed-meanwhile",
  });
  strictEqual(await Deno.readTextFile(here.path), after);
  strictEqual((await here.config.apply(`${yaml}    name: Gate\n`, '"other", *')).kind, "applied");
});

Deno.test("WebConfig loses no change of another one that changes the same file", async () => {
  await using here = await world(WELL);
  // As the page and MQTT have each their own, in Workers of their own.
  const other = new WebConfig({
    root: here.path.replace(/\/[^/]*$/, ""),
    path: here.path,
    reload: () => Promise.resolve(WELL),
  });
  const changes = Array.from(
    { length: 6 },
    (_, index) =>
      [here.config, other][index % 2]!.change(async (before) => {
        // The other reads the same text meanwhile, if it can.
        await Deno.stat(here.path);
        return `${before}# ${index}\n`;
      }),
  );
  deepStrictEqual((await Promise.all(changes)).map(({ kind }) => kind), Array(6).fill("applied"));
  const lines = (await Deno.readTextFile(here.path)).slice(FILE.length).trim().split("\n");
  deepStrictEqual(lines.toSorted(), Array.from({ length: 6 }, (_, index) => `# ${index}`));
});
