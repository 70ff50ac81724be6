/**
 * What the doctor says of an ffmpeg that answers only some of its questions, as on a
 * machine that has too much to do: a script plays it, in front of the real one.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { examinePrograms } from "../../../src/app/doctor/measure_programs.ts";
import { tempFolder } from "../../support/temp_folder.ts";

/** A program that fails where its arguments have a word in them, and is ffmpeg otherwise. */
async function failingAt(word: string, folder: string): Promise<string> {
  const path = join(folder, "ffmpeg");
  const script = `#!/bin/sh\ncase "$*" in *${word}*) exit 1;; esac\nexec ffmpeg "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

async function examineFailing(word: string) {
  await using folder = await tempFolder();
  const ffmpegPath = await failingAt(word, folder.path);
  const [ffmpeg] = await examinePrograms({
    ...{ ffmpegPath, ffprobePath: "ffprobe" },
    ...{ origin: "configured", reason: "as the test says" },
  });
  return ffmpeg!;
}

Deno.test("examinePrograms() calls nothing missing that is on a list which was not printed", async () => {
  const { verdict, says, facts } = await examineFailing("-demuxers");
  strictEqual(verdict, "warning", says);
  match(says, /did not print -demuxers, so what it has of these is unknown$/);
  deepStrictEqual([facts.missing, facts.unread], [[], ["demuxers"]]);
});

Deno.test("examinePrograms() takes an ffmpeg that says nothing for one that may be well", async () => {
  const { says, fix } = await examineFailing("-version");
  match(says, /ffmpeg did not answer -version/);
  match(fix!, /by hand: if it answers, ask again when the machine has less to do/);
});
