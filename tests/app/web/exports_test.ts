import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ExportRecords } from "../../../src/app/exports/export_records.ts";
import { WebExports } from "../../../src/app/web/exports.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { OperatorError } from "../../../src/base/errors.ts";
import { sha256OfText } from "../../../src/host/hash.ts";
import type { TimeWindow } from "../../../src/model/window.ts";
import type { ByteBody, ExportFacts } from "../../../src/web/doors.ts";
import { Problem } from "../../../src/web/problem.ts";
import { at } from "../../support/ledger_entries.ts";
import { realArchive } from "../../support/real_archive.ts";
import { until } from "../../support/until.ts";

/** Of the three seconds that are recorded. */
const MIDDLE: TimeWindow = { fromMs: at(1), toMs: at(2) };

const HOW = { mode: "exact", gaps: "join", overlay: [] as string[] } as const;

interface World extends AsyncDisposable {
  readonly root: string;
  readonly exports: WebExports;
  readonly news: ExportFacts[];
  /** The facts of an export that has ended. */
  ended(exportId: string): Promise<ExportFacts>;
}

async function world(root: string): Promise<World> {
  const news: ExportFacts[] = [];
  const exports = new WebExports({
    root,
    records: await ExportRecords.open(root),
    place: () => ({ root, configPath: null, concurrent: 2 }),
    clock: systemClock,
    onChange: (facts) => news.push(facts),
  });
  return {
    root,
    exports,
    news,
    async ended(exportId) {
      const hasEnded = async () => {
        const state = (await exports.get(exportId))?.state;
        return state === "done" || state === "failed";
      };
      await until(hasEnded, { limitMs: 20_000, what: "an export" });
      return (await exports.get(exportId))!;
    },
    [Symbol.asyncDispose]: () => exports.stop(),
  };
}

async function bytesOf(body: ByteBody, from = 0, to = body.totalBytes): Promise<Uint8Array> {
  return await new Response(body.read(from, to, new AbortController().signal)).bytes();
}

Deno.test("WebExports makes a film in a child process, tells how far it is, and hands it out", async () => {
  await using archive = await realArchive();
  await using here = await world(archive.root);
  const { exports, news } = here;
  const range = { window: MIDDLE };
  const preview = await exports.preview("front", range, new AbortController().signal);
  deepStrictEqual([preview.frames, preview.coverage, preview.gaps], [25, 1, []]);
  deepStrictEqual(preview.understood.map((line) => line.split(" ")[0]), [
    ...["camera", "from", "to", "length", "covered"],
  ]);
  const asked = await exports.start({ cameraId: "front", range, ...HOW }, "anna");
  strictEqual(asked.state, "running");
  const done = await here.ended(asked.exportId);
  deepStrictEqual([done.state, done.progress, done.by, done.window], ["done", 1, "anna", MIDDLE]);
  deepStrictEqual(news.at(-1), done);
  const film = (await exports.film(asked.exportId))!;
  const file = await Deno.readFile(join(archive.root, "output", film.name));
  deepStrictEqual(await bytesOf(film.body), file);
  deepStrictEqual(await bytesOf(film.body, 100, 200), file.slice(100, 200));
  const receipt = JSON.parse(new TextDecoder().decode((await exports.receipt(asked.exportId))!));
  strictEqual(receipt.file.size_bytes, done.bytes);
  // A film that somebody made at a prompt lies there too: the same one, under another name.
  const other = join(archive.root, "output", "mine.mp4");
  await Deno.writeFile(other, file);
  await Deno.writeTextFile(`${other}.json`, JSON.stringify(receipt));
  const [mine] = (await exports.list()).filter(({ by }) => by === null);
  deepStrictEqual([mine?.file, mine?.state], ["mine.mp4", "done"]);
  strictEqual(await exports.remove(mine!.exportId), false);
  strictEqual(await exports.remove(asked.exportId), true);
  deepStrictEqual((await exports.list()).map((each) => each.file), ["mine.mp4"]);
});

Deno.test("WebExports says why an export failed, and refuses times that nobody understands", async () => {
  await using archive = await realArchive();
  await using here = await world(archive.root);
  const { exports } = here;
  const range = { at: "2020-01-01 12:00", duration: "10s" };
  const { exportId } = await exports.start({ cameraId: "front", range, ...HOW }, "anna");
  const failed = await here.ended(exportId);
  deepStrictEqual([failed.state, failed.error?.code, failed.file], ["failed", "no-footage", null]);
  strictEqual(await exports.film(exportId), undefined);
  const words = { at: "when the cow came home", duration: "10s" };
  await rejects(exports.start({ cameraId: "front", range: words, ...HOW }, "anna"), {
    code: "time-invalid",
  });
  const { signal } = new AbortController();
  await rejects(
    exports.preview("yard", { window: MIDDLE }, signal),
    (error) => error instanceof Problem && error.code === "camera-unknown",
  );
});

Deno.test("WebExports tells of an export that can't begin, and goes on", async () => {
  await using archive = await realArchive();
  const { execPath } = Deno;
  // As where another version has taken the place of the program that runs.
  Deno.execPath = () => join(archive.root, "lookback (deleted)");
  try {
    await using here = await world(archive.root);
    const wish = { cameraId: "front", range: { window: MIDDLE }, ...HOW };
    const { exportId } = await here.exports.start(wish, "anna");
    const { state, error } = await here.ended(exportId);
    deepStrictEqual([state, error?.code], ["failed", "export-failed"]);
    await rejects(
      here.exports.preview("front", wish.range, new AbortController().signal),
      (error) => error instanceof OperatorError && /start it again/.test(error.toText()),
    );
  } finally {
    Deno.execPath = execPath;
  }
});

Deno.test("WebExports goes on after a restart with what was under way", async () => {
  await using archive = await realArchive();
  const { root } = archive;
  const first = await world(root);
  const range = { window: MIDDLE };
  const { exportId } = await first.exports.start({ cameraId: "front", range, ...HOW }, "anna");
  await first.exports.stop();
  await using again = await world(root);
  strictEqual((await again.ended(exportId)).state, "done");
});

Deno.test("WebExports puts the films of a case into one archive with a manifest", async () => {
  await using archive = await realArchive({ cameraIds: ["front", "yard"] });
  await using here = await world(archive.root);
  const { exports } = here;
  const wish = { title: "Parcel, 21 Nov", cameraIds: ["front", "yard"], window: MIDDLE };
  const { caseId, exports: asked } = await exports.startCase(wish, "anna");
  strictEqual(await exports.caseArchive(caseId), undefined);
  for (const each of asked) await here.ended(each.exportId);
  const { name, body } = (await exports.caseArchive(caseId))!;
  strictEqual(name, "Parcel-21-Nov.zip");
  const bytes = await bytesOf(body);
  strictEqual(bytes.length, body.totalBytes);
  deepStrictEqual(await bytesOf(body, 500, 5_000), bytes.slice(500, 5_000));
  // The first file: its name is 13 bytes long.
  const size = new DataView(bytes.buffer).getUint32(18, true);
  const manifest = JSON.parse(new TextDecoder().decode(bytes.subarray(43, 43 + size)));
  deepStrictEqual([manifest.title, manifest.created_by], [wish.title, "anna"]);
  for (const { camera_id: camera, film, receipt, receipt_sha256: sha256 } of manifest.cameras) {
    const text = await Deno.readTextFile(join(archive.root, "output", receipt));
    strictEqual(JSON.parse(text).camera_id, camera);
    strictEqual(sha256OfText(text), sha256);
    ok(film.endsWith(".mp4"));
  }
});
