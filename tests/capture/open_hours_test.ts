import { deepStrictEqual, rejects } from "node:assert/strict";
import { OpenHours } from "../../src/capture/open_hours.ts";
import { nothingOpen, openHoursPath, parseOpenHours } from "../../src/model/open_hours.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Open hours of a camera whose numbers a test moves, and what stands in their file. */
async function makeWorld() {
  const folder = await tempFolder();
  const newest = { newestFrameId: 0, newestRun: 0 };
  const world = { newest, isAllCommitted: true };
  const path = `${folder.path}/${openHoursPath("front")}`;
  const hours = new OpenHours({
    root: folder.path,
    state: nothingOpen("front", newest),
    newest: () => newest,
    isAllCommitted: () => world.isAllCommitted,
  });
  return {
    world,
    hours,
    path,
    written: async () => parseOpenHours(await Deno.readTextFile(path)),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("note() has written a new path with the newest numbers when it resolves", async () => {
  await using made = await makeWorld();
  const { world, hours, written } = made;
  await hours.note("folders", "a");
  world.newest.newestFrameId = 250;
  world.newest.newestRun = 7;
  await hours.note("logs", "b");
  deepStrictEqual(await written(), {
    cameraId: "front",
    newestFrameId: 250,
    newestRun: 7,
    folders: ["a"],
    logs: ["b"],
  });
});

Deno.test("note() writes nothing for a path that is known", async () => {
  await using made = await makeWorld();
  const { hours, path } = made;
  await hours.note("folders", "a");
  await hours.note("folders", "b");
  await Deno.remove(path);
  await hours.note("folders", "b");
  await hours.note("folders", "a");
  await rejects(Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("note() keeps every path whose batches may not be committed", async () => {
  await using made = await makeWorld();
  const { world, hours, written } = made;
  world.isAllCommitted = false;
  for (const path of ["a", "b", "c"]) await hours.note("folders", path);
  deepStrictEqual((await written())!.folders, ["a", "b", "c"]);
  world.isAllCommitted = true;
  await hours.note("folders", "d");
  deepStrictEqual((await written())!.folders, ["c", "d"]);
});

Deno.test("note() knows no more than before when it can't write", async () => {
  await using made = await makeWorld();
  const { hours, path, written } = made;
  await hours.note("folders", "a");
  // A folder stands where the file is written first.
  await Deno.mkdir(`${path}.part`);
  await rejects(hours.note("folders", "b"));
  await Deno.remove(`${path}.part`);
  await hours.note("folders", "b");
  deepStrictEqual((await written())!.folders, ["a", "b"]);
});

Deno.test("clear() leaves the newest numbers and nothing open", async () => {
  await using made = await makeWorld();
  const { world, hours, written } = made;
  await hours.note("folders", "a");
  await hours.note("logs", "b");
  world.newest.newestFrameId = 99;
  await hours.clear();
  const nothing = nothingOpen("front", { newestFrameId: 99, newestRun: 0 });
  deepStrictEqual(await written(), nothing);
  await hours.note("folders", "c");
  deepStrictEqual(await written(), { ...nothing, folders: ["c"] });
});
