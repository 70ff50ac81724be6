import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { parseConfig, readConfig } from "../../../config.ts";
import { layerConfig } from "../../../src/app/config/layers.ts";
import { reportData, reportYaml } from "../../../src/app/config/report.ts";

const PLACE = { path: "/srv/site/lookback.yaml", cwd: "/srv/site" };

const FULL = `
cameras:
  - id: front
    source: test://640x360@25
    vision:
      zones: [{ name: drive, polygon: [[0, 0], [1, 0], [1, 1]] }]
      lines: [{ name: gate, from: [0, 0], to: [1, 1] }]
alerts:
  rules:
    - name: night-watch
      when: [object_detected, camera_offline]
      cameras: [front]
      classes: [person]
      zones: [drive]
      lines: [gate]
      min_score: 0.6
      min_seconds: 2.5
      priority: critical
      schedule: { days: [fri, sat], from: 22:00, to: 06:00, zone: Europe/Berlin }
      cool_down_seconds: 300
      text: "{class} at {camera}"
  webhook:
    - name: home
      url: https://ann:hunter2@192.0.2.20/hook
      secret_file: keys/home
      ca_file: ca.pem
      priorities: [warning, critical]
      timeout_seconds: 2.5
    - { name: other, url: http://192.0.2.21/, secret: hunter2 }
  command:
    - { name: siren, run: [bin/siren, "{camera}"], priorities: [critical], timeout_seconds: 60 }
  log: false
`;

Deno.test("parseConfig() reads every key of alerts", () => {
  const { rules, webhooks, commands, log } = parseConfig(FULL, PLACE).alerts;
  deepStrictEqual(rules, [{
    name: "night-watch",
    kinds: ["object_detected", "camera_offline"],
    cameras: ["front"],
    classes: ["person"],
    zones: ["drive"],
    lines: ["gate"],
    minScore: 0.6,
    minMs: 2_500,
    priority: "critical",
    schedule: { days: ["fri", "sat"], fromMinute: 1_320, toMinute: 360 },
    timeZone: "Europe/Berlin",
    coolDownMs: 300_000,
    text: "{class} at {camera}",
  }]);
  deepStrictEqual(webhooks, [
    {
      name: "home",
      url: "https://ann:hunter2@192.0.2.20/hook",
      secret: { kind: "file", path: "/srv/site/keys/home" },
      caPath: "/srv/site/ca.pem",
      priorities: ["warning", "critical"],
      timeoutMs: 2_500,
    },
    {
      name: "other",
      url: "http://192.0.2.21/",
      secret: { kind: "text", text: "hunter2" },
      caPath: null,
      priorities: ["info", "warning", "critical"],
      timeoutMs: 10_000,
    },
  ]);
  deepStrictEqual(commands, [{
    name: "siren",
    program: "/srv/site/bin/siren",
    args: ["{camera}"],
    priorities: ["critical"],
    timeoutMs: 60_000,
  }]);
  strictEqual(log, false);
});

Deno.test("reportYaml() shows alerts with whole paths and without their secrets", () => {
  const layers = layerConfig({ file: { path: PLACE.path, text: FULL }, environment: {}, cwd: "/" });
  const options = { shownFile: "lookback.yaml" };
  const shown = reportYaml(layers, options);
  doesNotMatch(shown + JSON.stringify(reportData(layers, options)), /hunter2/);
  match(shown, /secret_file: \/srv\/site\/keys\/home/);
  match(shown, /run:\n\s+- \/srv\/site\/bin\/siren/);
});

Deno.test("parseConfig() reads the example of docs/alerts.md", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/alerts.md", import.meta.url));
  const [, example = ""] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
  strictEqual(parseConfig(example, PLACE).alerts.rules.length, 2);
});

/** The mistakes of a list of alerts, each as "key: text". */
function mistakesIn(list: "rules" | "webhook" | "command", ...items: readonly string[]): string[] {
  const reading = readConfig(
    `cameras: [{ id: front, source: a.mp4 }]\nalerts: { ${list}: [${items.join(", ")}] }`,
  );
  return reading.ok ? [] : reading.mistakes.map(({ key, text }) => `${key}: ${text}`);
}

const RULES = [
  { rule: "{ name: a }", mistake: /when: found nothing, need a list such as \[object_detected\]/ },
  { rule: "{ name: a, when: [] }", mistake: /when: found a list, need a list such as/ },
  { rule: "{ name: a, when: [person] }", mistake: /when\[0\]: found "person", need one of obj/ },
  { rule: "{ name: A b, when: [camera_online] }", mistake: /name: found "A b", need lower-case/ },
  {
    rule: "{ name: a, when: [camera_online], cameras: [frnot] }",
    mistake: /cameras\[0\]: found "frnot", need the id of a camera: did you mean "front"\?/,
  },
  {
    rule: "{ name: a, when: [object_detected], zones: [drive] }",
    mistake: /zones\[0\]: found "drive", need a zone of a camera: there is none/,
  },
  {
    rule: '{ name: a, when: [camera_online], text: "{camra} is back" }',
    mistake: /text: found "\{camra\} is back", need text on one line; in braces only \{camera\}/,
  },
  {
    rule: "{ name: a, when: [camera_online], schedule: { from: 24:01 } }",
    mistake: /schedule\.from: found "24:01", need a time such as "22:00"/,
  },
  {
    rule: "{ name: a, when: [camera_online], schedule: { from: 9:00, to: 09:00 } }",
    mistake: /schedule: found keys and values, need hours that end at another time/,
  },
  {
    rule: "{ name: a, when: [camera_online], schedule: { zone: Berlin } }",
    mistake: /schedule\.zone: found "Berlin", need a time zone such as "Europe\/Berlin"/,
  },
] as const;

for (const { rule, mistake } of RULES) {
  Deno.test(`readConfig() finds the mistake in the rule ${rule}`, () => {
    const [first = "", ...others] = mistakesIn("rules", rule);
    match(first, mistake);
    deepStrictEqual(others, []);
  });
}

Deno.test("readConfig() wants every name once, and names where it stands before", () => {
  const rule = "{ name: a, when: [camera_online] }";
  deepStrictEqual(mistakesIn("rules", rule, rule), [
    'alerts.rules[1].name: found "a", need a name that alerts.rules[0] does not have',
  ]);
});

const SECRETS = [
  "secret: hunter2, secret_file: a",
  "secret: [hunter2]",
  'secret: ""',
  "secret: { hunter2: hunter2 }",
] as const;

for (const text of SECRETS) {
  Deno.test(`readConfig() refuses ${text} without repeating it`, () => {
    const mistakes = mistakesIn("webhook", `{ name: a, url: "http://h/", ${text} }`);
    strictEqual(mistakes.length, 1);
    match(mistakes[0]!, /^alerts\.webhook\[0\]: found keys and values, need /);
    doesNotMatch(mistakes[0]!, /hunter2/);
  });
}

Deno.test("readConfig() takes no url without a host, and no command without a program", () => {
  ok(mistakesIn("webhook", "{ name: a, url: ftp://h/ }")[0]?.includes("need an http or https URL"));
  for (const run of ["[]", '[""]', '["{camera}"]', '["~/bin/tell"]']) {
    match(mistakesIn("command", `{ name: a, run: ${run} }`)[0] ?? "", /need a program and its arg/);
  }
});
