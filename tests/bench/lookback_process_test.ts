import { strictEqual } from "node:assert/strict";
import { parseConfig } from "../../config.ts";
import { settingsText } from "../../src/bench/lookback_process.ts";

Deno.test("settingsText() writes settings that Lookback reads, a camera for each source", () => {
  const text = settingsText({
    cameras: ['source: "clip.mp4", loop: true', "source: test://160x90@25"],
    stills: false,
    ffmpegPath: "ffmpeg",
    camerasPerWorker: 1,
    isCanaryOff: true,
  });
  const settings = parseConfig(text, { path: "lookback.yaml", cwd: "/bench" });
  strictEqual(settings.cameras.map(({ id }) => id).join(), "camera1,camera2");
  strictEqual(settings.stills.enabled, false);
  strictEqual(settings.upkeep.canaryEveryMs, null);
});
