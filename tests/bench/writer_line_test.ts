import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { burst } from "../../src/bench/writer_burst.ts";
import { WriterLine } from "../../src/bench/writer_line.ts";
import { archiveCamera } from "../../src/bench/archive_rows.ts";
import { LedgerOutbox } from "../../src/capture/ledger_outbox.ts";
import { Reader } from "../../src/store/reader.ts";
import { cameraEntry } from "../support/ledger_entries.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("burst() has all rows of all cameras committed, and none refused", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const line = await WriterLine.open(folder.path, 0);
  ok(await burst(line, { cameras: 4, batches: 50, round: 0 }) > 0);
  await line.close();
  strictEqual(line.commits.reduce((sum, { rows }) => sum + rows, 0), 200);
  deepStrictEqual(line.complaints, []);
});

Deno.test("WriterLine makes each of a commit's two syncs take as much longer as it is told", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "data"));
  const line = await WriterLine.open(folder.path, 100);
  const outbox = new LedgerOutbox(line.connect(archiveCamera(1)));
  outbox.send(cameraEntry(archiveCamera(1)));
  await outbox.drained();
  outbox.close();
  await line.close();
  const [commit] = line.commits;
  ok(commit!.tookMs >= 200, `${commit!.tookMs} ms`);
  using reader = new Reader(folder.path);
  strictEqual(reader.cameras().length, 1);
});
