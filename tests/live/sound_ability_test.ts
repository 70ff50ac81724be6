import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { SoundAbility } from "../../src/live/sound_ability.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("SoundAbility asks again after a list that it could not read, and keeps one that it could", async () => {
  await using folder = await tempFolder();
  const ffmpegPath = `${folder.path}/ffmpeg`;
  const install = (text: string) =>
    Deno.writeTextFile(ffmpegPath, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const ability = new SoundAbility({ ffmpegPath, stop: new AbortController().signal });
  strictEqual(await ability.get(), false);
  await install("echo ' A....D libopus  libopus Opus'; exit 1");
  strictEqual(await ability.get(), false);
  await install("echo ' A....D libopus  libopus Opus'");
  strictEqual(await ability.get(), true);
  await install("exit 1");
  strictEqual(await ability.get(), true);
});

Deno.test("SoundAbility says no where ffmpeg has no Opus, and waits for none that hangs when it stops", async () => {
  await using folder = await tempFolder();
  const [without, hangs] = [`${folder.path}/without`, `${folder.path}/hangs`];
  await Deno.writeTextFile(without, "#!/bin/sh\necho ' A....D opus  Opus'\n", { mode: 0o755 });
  await Deno.writeTextFile(hangs, "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
  const stop = new AbortController();
  const answers = [without, hangs, undefined].map((ffmpegPath) =>
    new SoundAbility({ ffmpegPath, stop: stop.signal }).get()
  );
  strictEqual(await answers[0], false);
  stop.abort();
  deepStrictEqual(await Promise.all(answers), [false, false, false]);
});
