import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { joined } from "../../../src/base/bytes.ts";
import { isoUtc } from "../../../src/base/units.ts";
import { tryHoldFolder } from "../../../src/host/folder_lock.ts";
import { openForWriting } from "../../../src/store/database.ts";
import { exportWindow, openArchive } from "../../support/archive.ts";
import { frameMd5s } from "../../support/clips.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { at } from "../../support/ledger_entries.ts";
import { tempFolder } from "../../support/temp_folder.ts";
import { twoRuns } from "../../support/two_runs.ts";
import { servedArchive } from "../../support/web_archive.ts";

/** Query of a window, in seconds since the archive's first frame. */
function span(from: number, to: number): string {
  return `from=${isoUtc(at(from))}&to=${at(to)}`;
}

/** Both runs, the break between them and a moment before and behind. */
const ALL = span(-1, 20);

Deno.test("WebArchive gives a film by ranges that is the export's, the same bytes each time", async () => {
  await using recorded = await twoRuns();
  const { root } = recorded;
  await using server = servedArchive(root);
  // Across the break, between key frames on both sides.
  const path = `/cameras/front/film.mp4?${span(2.3, 13.4)}&gaps=join`;
  const whole = await fetch(`${server.url}${path}`);
  strictEqual(whole.status, 200);
  const etag = whole.headers.get("etag")!;
  const bytes = await whole.bytes();
  strictEqual(bytes.length, Number(whole.headers.get("content-length")));
  ok(whole.headers.get("content-disposition")!.includes("front_20261121T205702Z_11s.mp4"));

  await using folder = await tempFolder();
  using archive = openArchive(root);
  const window = { fromMs: at(2.3), toMs: at(13.4) };
  const exported = join(folder.path, "export.mp4");
  await exportWindow(archive, { cameraId: "front", window, mode: "exact", path: exported });
  deepStrictEqual(bytes, await Deno.readFile(exported), "the export has the same bytes");

  // Interrupted, and resumed with another server that knows nothing of the first one.
  const going = new AbortController();
  const torn = await fetch(`${server.url}${path}`, { signal: going.signal });
  const reader = torn.body!.getReader();
  const first = (await reader.read()).value!;
  going.abort();
  await reader.closed.catch(() => {});
  await using other = servedArchive(root);
  const cut = Math.min(first.length, bytes.length - 1);
  const headers = { "range": `bytes=${cut}-`, "if-range": etag };
  const rest = await fetch(`${other.url}${path}`, { headers });
  deepStrictEqual([rest.status, rest.headers.get("content-range")], [
    ...[206, `bytes ${cut}-${bytes.length - 1}/${bytes.length}`],
  ]);
  deepStrictEqual(joined([first.subarray(0, cut), await rest.bytes()]), bytes);
});

Deno.test("WebArchive leaves time without footage in, in a film that shall keep it", async () => {
  await using recorded = await twoRuns();
  await using server = servedArchive(recorded.root);
  const film = async (gaps: string) => {
    const answer = await fetch(`${server.url}/cameras/front/film.mp4?${ALL}&gaps=${gaps}`);
    const path = join(recorded.root, `${gaps}.mp4`);
    await Deno.writeFile(path, await answer.bytes());
    return path;
  };
  const [kept, closed] = [await film("keep"), await film("join")];
  deepStrictEqual(await frameMd5s(kept), await frameMd5s(closed), "frames");
  const none = await server.json(`/cameras/front/film.mp4?${span(100, 110)}`);
  deepStrictEqual([none.status, (none.body as { code: string }).code], [404, "no-footage"]);
  const empty = await server.json(`/cameras/front/film.mp4?${span(5, 5)}`);
  deepStrictEqual([empty.status, (empty.body as { code: string }).code], [400, "window-invalid"]);
});

Deno.test("WebArchive keeps recordings from deletion while a film of them is read", async () => {
  await using recorded = await twoRuns();
  await using server = servedArchive(recorded.root);
  const window = { fromMs: at(0), toMs: at(6) };
  const film = (await server.archive.film("front", window, "keep"))!;
  const folder = join(recorded.root, "data/recordings/front/2026-11-21/20");
  const isFree = () => {
    using hold = tryHoldFolder(folder);
    return hold !== undefined;
  };
  strictEqual(isFree(), true, "a plan holds nothing");
  const reader = film.read(0, film.totalBytes, new AbortController().signal).getReader();
  await reader.read();
  strictEqual(isFree(), false);
  await reader.cancel();
  strictEqual(isFree(), true);
});

Deno.test("WebArchive gives a playlist of recordings that a strict player plays whole", async () => {
  await using recorded = await twoRuns();
  const { root } = recorded;
  await using server = servedArchive(root);
  const address = `${server.url}/cameras/front/recorded.m3u8?${ALL}`;
  const text = await (await fetch(address)).text();
  const tags = (name: string) => text.split("\n").filter((line) => line.startsWith(name)).length;
  // Two runs of three batches of 2 s: one init segment for each run, a break between them.
  deepStrictEqual(
    [tags("#EXT-X-MAP"), tags("#EXT-X-DISCONTINUITY"), tags("#EXT-X-BYTERANGE")],
    [2, 1, 6],
  );
  ok(text.endsWith("#EXT-X-ENDLIST\n"));
  await using folder = await tempFolder();
  using archive = openArchive(root);
  const window = { fromMs: at(-1), toMs: at(20) };
  const path = join(folder.path, "export.mp4");
  await exportWindow(archive, { cameraId: "front", window, mode: "exact", path });
  const wanted = await frameMd5s(path);
  // The break is where times begin anew: ffmpeg reads on over it, but shows all only up to there.
  const { stdout } = await new Deno.Command("ffprobe", {
    args: [
      "-v",
      "error",
      "-strict",
      "strict",
      "-show_entries",
      "packet=pts",
      "-of",
      "csv",
      address,
    ],
  }).output();
  strictEqual(new TextDecoder().decode(stdout).trim().split("\n").length, wanted.length);
  const runs = await Promise.all(
    [span(-1, 9), span(9, 20)].map((query) =>
      frameMd5s(`${server.url}/cameras/front/recorded.m3u8?${query}`, {
        inputArgs: ["-strict", "strict"],
      })
    ),
  );
  deepStrictEqual(runs.flat(), wanted);
});

Deno.test("WebArchive cuts a playlist at groups of pictures, and lets it grow while time goes on", async () => {
  await using recorded = await twoRuns();
  const clock = new FakeClock(isoUtc(at(12.5)));
  const database = openForWriting(recorded.root);
  // As while it is recorded: the second run has not ended, its last two batches are not closed.
  database.exec("update runs set ended_ms = null where run > (select min(run) from runs)");
  const late = database.prepare("select * from batches order by batch_id desc limit 2").all();
  database.exec("delete from batches where batch_id in (5, 6)");
  await using server = servedArchive(recorded.root, { clock });
  const { archive } = server;
  const window = { fromMs: at(3.5), toMs: at(20) };
  const growing = await archive.recorded("front", window);
  strictEqual(growing.isEnded, false);
  // Groups of a second, in pieces of two: the first one holds the instant asked for.
  deepStrictEqual(growing.parts.map(({ groups, isBroken }) => [groups.length, isBroken]), [
    ...[[1, false], [1, false], [1, true]],
  ]);
  const { startMs, durationMs } = growing.parts[0]!.groups[0]!;
  ok(Math.abs(startMs - at(3)) < 20 && Math.abs(durationMs - 1_000) < 20);
  for (const row of late.reverse()) {
    const names = Object.keys(row);
    database.prepare(
      `insert into batches (${names.join(",")}) values (${names.map(() => "?").join(",")})`,
    ).run(...Object.values(row));
  }
  await clock.advance(10_000);
  const ended = await archive.recorded("front", window);
  strictEqual(ended.isEnded, false, "the run goes on");
  deepStrictEqual(ended.parts.slice(0, 3), growing.parts);
  strictEqual(ended.parts.length, 5);
  database.exec("update runs set ended_ms = 1");
  strictEqual((await archive.recorded("front", window)).isEnded, true);
  database.close();
});

Deno.test("WebArchive shows no recording to whom the camera is not", async () => {
  await using recorded = await twoRuns();
  await using server = servedArchive(recorded.root, { cameras: ["yard"] });
  const hidden = await server.json("/recordings/1.mp4");
  const missing = await server.json("/recordings/99.mp4");
  deepStrictEqual(hidden, missing);
  strictEqual(hidden.status, 404);
  strictEqual((await server.json(`/cameras/front/timeline?${ALL}`)).status, 404);
  for (const name of ["..%2f1.mp4", "1.mp4%00", "-1.mp4", "1e1.mp4", "1"]) {
    const { status } = await server.json(`/recordings/${name}`);
    ok(status === 400 || status === 404, `${name}: ${status}`);
  }
});

Deno.test("WebArchive opens another database that takes the place of the one before", async () => {
  await using recorded = await twoRuns();
  const clock = new FakeClock();
  await using server = servedArchive(recorded.root, { clock });
  const first = await fetch(`${server.url}/recordings/1.mp4`, { method: "HEAD" });
  // A browser asks again: the number may be another recording's by then.
  deepStrictEqual(
    [first.status, first.headers.get("cache-control")],
    [200, "private, no-cache, no-transform"],
  );
  const path = join(recorded.root, "data", "lookback.db");
  await Deno.copyFile(path, `${path}.new`);
  const copy = new DatabaseSync(`${path}.new`);
  copy.exec("update batches set batch_id = batch_id + 100");
  copy.close();
  // As the writer does it: what SQLite keeps beside a database goes with it.
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.rename(`${path}${suffix}`, `${path}.old${suffix}`).catch(() => {});
  }
  await Deno.rename(`${path}.new`, path);
  await clock.advance(2_000);
  strictEqual((await fetch(`${server.url}/recordings/101.mp4`, { method: "HEAD" })).status, 200);
});
