import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import type { CameraEvent, ListedEvent } from "../../src/app/event_list.ts";
import { OperatorError } from "../../src/base/errors.ts";
import { eventChoices, eventJson, eventLines } from "../../src/cli/events_text.ts";
import { whatIsAsked } from "../../src/cli/export_asked.ts";
import type { VisionEvent } from "../../src/model/vision.ts";
import { at, visionEntry } from "../support/ledger_entries.ts";

function seen(seconds: number, changes: Partial<VisionEvent> = {}): VisionEvent {
  const { type: _, ...event } = visionEntry(seconds);
  return { ...event, ...changes };
}

const GAP: CameraEvent = {
  kind: "recording_gap",
  cameraId: "yard-2",
  startMs: at(70),
  endMs: at(100),
  cause: "camera-unreachable",
  detail: "no answer",
};

Deno.test("eventLines() lists what, where, when, how long, and the id to export it by", () => {
  const events: readonly ListedEvent[] = [
    seen(9),
    seen(20, { kind: "motion_detected", class: null, zones: [], crossings: [], endMs: null }),
    { ...GAP, kind: "camera_offline", startMs: at(60), endMs: null },
    GAP,
  ];
  deepStrictEqual(eventLines(events, "Europe/Berlin"), [
    "2026-11-21 21:57:09  front   person          8 s      score 0.88  in porch  " +
    `across gate to left  front-${at(9)}-1`,
    `2026-11-21 21:57:20  front   movement        goes on  score 0.88  front-${at(20)}-1`,
    "2026-11-21 21:58:00  yard-2  camera offline           camera-unreachable: no answer",
    "2026-11-21 21:58:10  yard-2  recording gap   30 s     camera-unreachable: no answer",
  ]);
});

Deno.test("eventJson() is plain data with times in UTC", () => {
  const json = JSON.parse(JSON.stringify(eventJson(seen(9))));
  deepStrictEqual(Object.keys(json), [
    ...["event_id", "camera_id", "kind", "class", "start", "end", "score", "best", "zones"],
    ...["crossings", "trace"],
  ]);
  strictEqual(json.start, "2026-11-21T20:57:09.000Z");
  deepStrictEqual(json.crossings, [
    { line: "gate", direction: "to-left", at: "2026-11-21T20:57:11.000Z" },
  ]);
  deepStrictEqual(eventJson(GAP), {
    ...{ event_id: null, camera_id: "yard-2", kind: "recording_gap", class: null },
    ...{ start: "2026-11-21T20:58:10.000Z", end: "2026-11-21T20:58:40.000Z" },
    ...{ cause: "camera-unreachable", detail: "no answer" },
  });
});

Deno.test("eventChoices() names each by what was seen last", () => {
  const choices = eventChoices([
    seen(9),
    seen(3, { class: null, kind: "motion_detected" }),
  ], "UTC");
  deepStrictEqual(choices.map(({ name }) => name), ["last person", "last movement"]);
  match(choices[0]!.line, /^last person: 2026-11-21 20:57:09 .*, 8 s$/);
});

Deno.test("whatIsAsked() takes a window or an event, with 5 s around it where nothing is said", () => {
  const window = { camera: "front", at: "now", duration: "5s" };
  deepStrictEqual(whatIsAsked(window), window);
  deepStrictEqual(whatIsAsked({ event: "a" }), { eventId: "a", paddingMs: 5_000 });
  deepStrictEqual(whatIsAsked({ event: "a", padding: "1m" }), { eventId: "a", paddingMs: 60_000 });
  deepStrictEqual(whatIsAsked({ event: "a", padding: "0" }), { eventId: "a", paddingMs: 0 });
});

const REFUSED = [
  { flags: { camera: "front" }, says: /missing: --at, --duration/ },
  { flags: { event: "a", at: "now" }, says: /an event and a time at once/ },
  { flags: { camera: "a", at: "b", duration: "c", padding: "1s" }, says: /without --event/ },
];

for (const { flags, says } of REFUSED) {
  Deno.test(`whatIsAsked() refuses ${Object.keys(flags).join(", ")}`, () => {
    throws(() => whatIsAsked(flags), (error: OperatorError) => {
      strictEqual(error.exitCode, 2);
      match(error.toText(), says);
      return true;
    });
  });
}
