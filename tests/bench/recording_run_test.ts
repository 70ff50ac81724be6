import { deepStrictEqual, rejects } from "node:assert/strict";
import type { Contestant } from "../../src/bench/recording_contestant.ts";
import { runSideBySide } from "../../src/bench/recording_run.ts";
import { startChild } from "../../src/host/process.ts";
import { tempFolder } from "../support/temp_folder.ts";

const WINDOWS = { warmUpMs: 0, count: 2, windowMs: 20 };

/** A program that does nothing, once for each camera. */
function idle(name: string, heard: string[]): Contestant {
  return {
    name,
    clipBytesPerSecond: 1_000,
    start({ cameras }) {
      heard.push(`${name} begins with ${cameras}`);
      const children = Array.from(
        { length: cameras },
        () => startChild({ command: "sleep", args: ["60"] }),
      );
      const outputs = children.map(({ stdout }) => stdout.cancel());
      return Promise.resolve({
        pids: children.map(({ pid }) => pid),
        async stop() {
          await Promise.all(children.map((child) => child.stop(1_000)));
          await Promise.all([...outputs, ...children.map(({ ended }) => ended)]);
          heard.push(`${name} ends`);
        },
      });
    },
  };
}

Deno.test("runSideBySide() gives each contestant its own number of cameras", async () => {
  await using folder = await tempFolder();
  const heard: string[] = [];
  const entrants = [
    { contestant: idle("few", heard), cameras: 1 },
    { contestant: idle("many", heard), cameras: 3 },
  ];
  const ended: number[] = [];
  const results = await runSideBySide({
    ...{ entrants, windows: WINDOWS, folder: folder.path },
    onEnded: (index) => Promise.resolve(void ended.push(index)),
  });
  deepStrictEqual(results.map(({ name, cpuSeconds }) => [name, cpuSeconds.length]), [
    ["few", 2],
    ["many", 2],
  ]);
  deepStrictEqual(heard.toSorted(), [
    ...["few begins with 1", "few ends", "many begins with 3", "many ends"],
  ]);
  deepStrictEqual(ended, [0, 1]);
});

Deno.test("runSideBySide() ends who has begun when another one can't begin", async () => {
  await using folder = await tempFolder();
  const heard: string[] = [];
  const broken = { ...idle("broken", heard), start: () => Promise.reject(new Error("it broke")) };
  const entrants = [broken, idle("other", heard)].map((contestant) => ({ contestant, cameras: 1 }));
  await rejects(runSideBySide({ entrants, windows: WINDOWS, folder: folder.path }), /it broke/);
  deepStrictEqual(heard, ["other begins with 1", "other ends"]);
});
