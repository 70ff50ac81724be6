import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { AlertRules, concerns } from "../../src/alert/rules.ts";
import { localMinute, localText } from "../../src/alert/schedule.ts";
import { monotonicMs, unixMs } from "../../src/base/units.ts";
import type { AlertRule } from "../../src/model/alert.ts";
import { anOccurrence, aRule, START_MS } from "./made_up.ts";

const WORLD = { localMinute, localText, cameraName: () => "Front door" };

function moment(afterMs: number, wallStepMs = 0) {
  return {
    nowMs: unixMs(START_MS + afterMs + wallStepMs),
    monotonicMs: monotonicMs(5_000 + afterMs),
  };
}

function rulesOf(...rules: readonly Partial<AlertRule>[]): AlertRules {
  return new AlertRules(rules.map(aRule), WORLD);
}

const CASES = [
  { name: "a rule of nothing but a kind", rule: {}, event: {}, is: true },
  { name: "no other kind", rule: {}, event: { kind: "motion_detected", class: null }, is: false },
  { name: "the camera named", rule: { cameras: ["front"] }, event: {}, is: true },
  { name: "no other camera", rule: { cameras: ["yard"] }, event: {}, is: false },
  { name: "a class named", rule: { classes: ["dog", "person"] }, event: {}, is: true },
  { name: "no other class", rule: { classes: ["dog"] }, event: {}, is: false },
  {
    name: "movement whatever the classes",
    rule: { kinds: ["motion_detected"], classes: ["dog"] },
    event: { kind: "motion_detected", class: null },
    is: true,
  },
  { name: "the lowest score", rule: { minScore: 0.8 }, event: {}, is: true },
  { name: "no lower score", rule: { minScore: 0.81 }, event: {}, is: false },
  {
    name: "a zone entered",
    rule: { zones: ["drive"] },
    event: { zones: ["a", "drive"] },
    is: true,
  },
  { name: "no other zone", rule: { zones: ["drive"] }, event: { zones: ["a"] }, is: false },
  { name: "a line crossed", rule: { lines: ["gate"] }, event: { lines: ["gate"] }, is: true },
  { name: "no line that is not", rule: { lines: ["gate"] }, event: {}, is: false },
  {
    name: "an outage whatever is said of what is seen",
    rule: { kinds: ["camera_offline"], classes: ["dog"], zones: ["a"], minScore: 1 },
    event: { kind: "camera_offline", class: null, score: null },
    is: true,
  },
] as const;

for (const { name, rule, event, is } of CASES) {
  Deno.test(`concerns() takes ${name}`, () => {
    strictEqual(concerns(aRule(rule), anOccurrence(event)), is);
  });
}

Deno.test("decide() tells of an event once for each rule, however often it changes", () => {
  const rules = rulesOf({ name: "one" }, { name: "two", priority: "critical" });
  const first = rules.decide(anOccurrence(), moment(0));
  deepStrictEqual(first.map(({ alertId, priority }) => [alertId, priority]), [
    ["front-1-1-one", "warning"],
    ["front-1-1-two", "critical"],
  ]);
  deepStrictEqual(rules.decide(anOccurrence({ score: 0.9 }), moment(1_000)), []);
});

Deno.test("decide() makes an alert with the rule's text, the camera's name and the time there", () => {
  const text = "{class} at {camera} in {zone} since {time} {oddity}";
  const rules = rulesOf({ text, timeZone: "Europe/Berlin" });
  const [alert] = rules.decide(anOccurrence({ zones: ["drive", "porch"] }), moment(200));
  strictEqual(
    alert?.text,
    "Person at Front door in drive, porch since 2026-11-21 21:57:09 {oddity}",
  );
  strictEqual(alert.atMs, START_MS + 200);
  strictEqual("lastedMs" in alert, false);
});

Deno.test("decide() waits until it has lasted for long enough", () => {
  const rules = rulesOf({ minMs: 3_000 });
  strictEqual(rules.decide(anOccurrence({ lastedMs: 2_999 }), moment(2_999)).length, 0);
  strictEqual(rules.isWaiting(anOccurrence()), true);
  strictEqual(rules.decide(anOccurrence({ lastedMs: 3_000 }), moment(3_000)).length, 1);
  strictEqual(rules.isWaiting(anOccurrence()), false);
});

Deno.test("decide() keeps quiet for the cool-down, by rule, camera and class", () => {
  const rules = rulesOf({ name: "calm", coolDownMs: 60_000 }, { name: "loud" });
  const told = (afterMs: number, event: Parameters<typeof anOccurrence>[0]) =>
    rules.decide(anOccurrence(event), moment(afterMs)).map(({ rule }) => rule);
  deepStrictEqual(told(0, { eventId: "1" }), ["calm", "loud"]);
  deepStrictEqual(told(59_999, { eventId: "2" }), ["loud"]);
  deepStrictEqual(told(59_999, { eventId: "3", class: "dog" }), ["calm", "loud"]);
  deepStrictEqual(told(59_999, { eventId: "4", cameraId: "yard" }), ["calm", "loud"]);
  // It outlasts the cool-down.
  deepStrictEqual(told(60_000, { eventId: "2" }), ["calm"]);
  deepStrictEqual(told(60_001, { eventId: "5" }), ["loud"]);
});

Deno.test("decide() measures the cool-down by no clock that can be set", () => {
  const rules = rulesOf({ coolDownMs: 60_000 });
  const DAY_MS = 86_400_000;
  strictEqual(rules.decide(anOccurrence({ eventId: "1" }), moment(0)).length, 1);
  strictEqual(rules.decide(anOccurrence({ eventId: "2" }), moment(1_000, DAY_MS)).length, 0);
  strictEqual(rules.decide(anOccurrence({ eventId: "3" }), moment(60_000, -DAY_MS)).length, 1);
});

Deno.test("decide() tells of an event that lasts into the hours of the schedule", () => {
  const schedule = { days: ["sat"], fromMinute: 21 * 60, toMinute: 6 * 60 } as const;
  const rules = rulesOf({ schedule });
  strictEqual(rules.decide(anOccurrence(), moment(0)).length, 0);
  strictEqual(rules.decide(anOccurrence(), moment(3 * 60_000)).length, 1);
});

Deno.test("reload() takes other rules, and repeats nothing", () => {
  const rules = rulesOf({ name: "one" });
  rules.decide(anOccurrence(), moment(0));
  rules.reload([aRule({ name: "one", priority: "info" }), aRule({ name: "two" })]);
  const told = rules.decide(anOccurrence(), moment(1_000));
  deepStrictEqual(told.map(({ rule }) => rule), ["two"]);
});
