import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { removeDeadExports } from "../../src/footage/dead_exports.ts";
import { partPath, takeName } from "../../src/footage/film_name.ts";
import { filesBelow } from "../support/archive.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("removeDeadExports() removes what a killed export left and nothing of a living one", async () => {
  await using folder = await tempFolder();
  const output = join(folder.path, "output");
  const write = (name: string) => Deno.writeTextFile(join(output, name), "");
  using living = await takeName(join(output, "living.mp4"));
  ok(living !== undefined);
  for (const name of [".living.mp4.work", ".dead.mp4.work", ".torn.mp4.work"]) {
    await Deno.mkdir(join(output, name));
    await write(`${name}/edge.mp4`);
  }
  await write("dead.mp4.part");
  await write("late.mp4");
  await write("late.mp4.json.part");
  await write("whole.mp4");
  await write("whole.mp4.json");
  await write("notes.txt.part");
  const removed = await removeDeadExports(folder.path);
  deepStrictEqual(removed, [
    "output/.dead.mp4.work",
    "output/.torn.mp4.work",
    "output/dead.mp4.part",
    "output/late.mp4.json.part",
  ]);
  deepStrictEqual((await filesBelow(output)).map((path) => path.slice(output.length + 1)), [
    ".living.mp4.work/edge.mp4",
    "late.mp4",
    "living.mp4.part",
    "notes.txt.part",
    "whole.mp4",
    "whole.mp4.json",
  ]);
});

Deno.test("removeDeadExports() leaves the receipt of a film alone that its exporter has just finished", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "output", "film.mp4");
  using name = await takeName(path);
  ok(name !== undefined);
  await Deno.rename(partPath(path), path);
  await Deno.writeTextFile(`${path}.json.part`, "{");
  deepStrictEqual(await removeDeadExports(folder.path), []);
});

Deno.test("removeDeadExports() removes a picture that nobody has written to for a minute", async () => {
  await using folder = await tempFolder();
  await Deno.mkdir(join(folder.path, "output"));
  const path = join(folder.path, "output", "front.jpg.part");
  await Deno.writeTextFile(path, "");
  const clock = new FakeClock("2026-11-21T20:57:09Z");
  const writtenAt = (agoMs: number) => Deno.utime(path, new Date(), new Date(clock.now() - agoMs));
  await writtenAt(59_000);
  deepStrictEqual(await removeDeadExports(folder.path, clock), []);
  await writtenAt(61_000);
  deepStrictEqual(await removeDeadExports(folder.path, clock), ["output/front.jpg.part"]);
});

Deno.test("removeDeadExports() finds nothing where nothing was exported", async () => {
  await using folder = await tempFolder();
  deepStrictEqual(await removeDeadExports(folder.path), []);
});
