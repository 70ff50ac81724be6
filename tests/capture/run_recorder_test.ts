import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseSightLine } from "../../src/model/sight_line.ts";
import { filesBelow } from "../support/archive.ts";
import { recordRun } from "../support/recorded_run.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Two seconds, ten fragments of five frames. */
const CLIP = { seconds: 2, size: "128x72", gop: 25 } as const;

Deno.test("RunRecorder writes down what is seen in a frame that still waits for the disk", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  await recordRun(root, { clip: CLIP, isSeen: true, seenLate: 0 });
  const logs = (await filesBelow(root)).filter((path) => path.endsWith(".jsonl"));
  strictEqual(logs.length, 1);
  const lines = (await Deno.readTextFile(logs[0]!)).trimEnd().split("\n");
  const seen = lines.flatMap((line) => parseSightLine(line)?.frameId ?? []);
  // Each fragment's first frame; those of the end come with the next lines, which there are not.
  deepStrictEqual(seen.slice(0, 8), [1, 6, 11, 16, 21, 26, 31, 36]);
});
