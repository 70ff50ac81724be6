import { deepStrictEqual, rejects } from "node:assert/strict";
import { join } from "node:path";
import { withSettingsFile } from "../../../src/app/config/settings_lock.ts";
import { tryHoldFolder } from "../../../src/host/folder_lock.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tempFolder } from "../../support/temp_folder.ts";
import { until } from "../../support/until.ts";

Deno.test("withSettingsFile() waits for whoever changes the file, and no longer than 15 s", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "lookback.yaml");
  const clock = new FakeClock();
  const done: string[] = [];
  const change = (name: string) =>
    withSettingsFile(path, () => Promise.resolve(void done.push(name)), clock);
  const isWaiting = () => clock.sleeping === 1;
  const other = tryHoldFolder(folder.path)!;
  const refused = rejects(change("refused"), { code: "usage", message: /it is being changed/ });
  for (let waits = 0; waits < 300; waits += 1) {
    await until(isWaiting, { limitMs: 5_000, what: "a wait" });
    await clock.advance(50);
  }
  await refused;
  const later = change("later");
  await until(isWaiting, { limitMs: 5_000, what: "a wait" });
  other[Symbol.dispose]();
  await clock.advance(50);
  await later;
  await change("free");
  deepStrictEqual(done, ["later", "free"]);
});
