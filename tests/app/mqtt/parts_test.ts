import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { cameraFacts, healthFacts } from "../../../src/app/mqtt/facts.ts";
import { changedYaml } from "../../../src/app/mqtt/config_set.ts";
import { cpuTime, highestCelsius } from "../../../src/app/mqtt/machine.ts";
import type { MqttHappening } from "../../../src/app/mqtt/messages.ts";
import { PendingHappenings } from "../../../src/app/mqtt/pending.ts";
import { AnswerPace } from "../../../src/app/mqtt/answer_pace.ts";
import type { CameraStatus } from "../../../src/capture/messages.ts";
import { madeAlert, seenEvent } from "../../mqtt/made_up.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { wellReport } from "../../support/mqtt_feeder.ts";

const [WELL] = wellReport(["front"]).cameras;

function factsOf(changes: Partial<CameraStatus>, silentMs = 0) {
  const heard = { status: { ...WELL!.status, ...changes }, silentMs };
  const { state, cause } = cameraFacts({ id: "front", enabled: true }, heard);
  return [state, cause];
}

Deno.test("cameraFacts() has one of four states for all that a camera goes through", () => {
  deepStrictEqual(factsOf({}), ["online", null]);
  deepStrictEqual(factsOf({ state: "starting" }), ["offline", "starting"]);
  deepStrictEqual(factsOf({ state: "waiting", cause: "camera-offline" as never }), [
    ...["offline", "camera-offline"],
  ]);
  deepStrictEqual(factsOf({ state: "paused", cause: null }), ["paused", "paused"]);
  deepStrictEqual(factsOf({ state: "ended" }, 60_000), ["offline", "ended"]);
  deepStrictEqual(factsOf({}, 10_001), ["stalled", "recorder-silent"]);
  const off = cameraFacts({ id: "front", enabled: false }, WELL);
  deepStrictEqual([off.state, off.cause], ["offline", "disabled"]);
});

Deno.test("healthFacts() has each part once, and the recorder is as well as its cameras", () => {
  const report = wellReport(["front", "yard"]);
  const facts = healthFacts({
    report: { ...report, cameras: report.cameras.map((each) => ({ ...each, silentMs: 20_000 })) },
    isFresh: true,
    clockState: "not-synchronised",
    disk: { freeBytes: 1e12, totalBytes: 2e12 },
    keepFree: { kind: "bytes", bytes: 1e9 },
    ownTrouble: null,
  });
  deepStrictEqual(facts.map(({ component, state }) => `${component} ${state}`), [
    ...["recorder fault", "writer ok", "vision ok", "disk ok", "clock warning", "mqtt ok"],
  ]);
  strictEqual(facts[0]!.detail, "camera front: silent for 20 s; camera yard: silent for 20 s");
});

const YAML = `# the site
cameras:
  - id: front # by the door
    source: rtsp://user:secret@192.0.2.10/
    vision: { zones: [] }
  - id: yard
    source: test://320x240@10
`;

Deno.test("changedYaml() changes a camera's entry and nothing else", () => {
  const changed = changedYaml(YAML, "front", [["motion_sensitivity", 0.8], ["name", "Front door"]]);
  strictEqual(
    changed,
    YAML.replace("zones: [] }", "zones: [], sensitivity: 0.8 }\n    name: Front door"),
  );
  const other = changedYaml(YAML, "yard", [["stills_enabled", false]]);
  strictEqual(other, `${YAML}    stills:\n      enabled: false\n`);
  strictEqual(changedYaml(YAML, "gate", [["recording_enabled", false]]), undefined);
  strictEqual(changedYaml("", "front", []), undefined);
});

Deno.test("cpuTime() and highestCelsius() read what the kernel writes", () => {
  const text = "cpu  10 1 4 80 5 0 0 0 7 0\ncpu0 5 0 2 40 2 0 0 0 0 0\nintr 7 8\n45000\n61250\n";
  deepStrictEqual(cpuTime(text), { busy: 15, all: 100 });
  strictEqual(highestCelsius(text), 61.3);
  deepStrictEqual([cpuTime(""), highestCelsius("cpu  1 2")], [undefined, null]);
});

Deno.test("PendingHappenings keeps what is not on disk, and lets go of updates first", () => {
  const pending = new PendingHappenings();
  const event = (change: "begun" | "updated"): MqttHappening => ({
    type: "event",
    change: { change, event: seenEvent() },
  });
  pending.add({ type: "alert", alert: madeAlert() });
  pending.add(event("updated"));
  for (let count = 2; count < 2_001; count += 1) pending.add(event("begun"));
  strictEqual(pending.lost, 1);
  deepStrictEqual(pending.all.slice(0, 2).map(({ number }) => number), [1, 3]);
  pending.kept(2_000);
  deepStrictEqual(pending.all.map(({ number }) => number), [2_001]);
});

Deno.test("AnswerPace answers ten at once, then two a second", async () => {
  const clock = new FakeClock("2026-11-21T20:57:09Z");
  const pace = new AnswerPace(clock);
  const answered = Array.from({ length: 20 }, () => pace.mayAnswer()).filter((each) => each).length;
  strictEqual(answered, 10);
  await clock.advance(1_000);
  deepStrictEqual([pace.mayAnswer(), pace.mayAnswer(), pace.mayAnswer()], [true, true, false]);
  ok(!pace.mayAnswer());
});
