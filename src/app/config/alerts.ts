/**
 * The settings of alerts: which events become some, and where they go.
 *
 * In:   the section `alerts` of the file.
 * Out:  its schema, and what it means.
 * Not here: rules that concern other sections (conflicts.ts).
 *
 * @module
 */

import { resolve } from "node:path";
import * as z from "zod";
import type {
  AlertSettings,
  CommandSettings,
  WebhookSecret,
  WebhookSettings,
} from "../../alert/settings.ts";
import { PLACEHOLDERS, unknownPlaceholders } from "../../alert/template.ts";
import { ALERT_KINDS, type AlertRule, type AlertSchedule, WEEKDAYS } from "../../model/alert.ts";
import { CAMERA_ID_PATTERN } from "../../model/camera.ts";
import { PRIORITIES } from "../../model/vision_settings.ts";
import { numberFrom, pathSchema } from "./values.ts";

const DAY_SECONDS = 86_400;

const NAME_NEED = 'lower-case letters, digits and "-", at most 64, no "-" at either end';
const TEXT_NEED = `text on one line; in braces only ${
  PLACEHOLDERS.map((name) => `{${name}}`).join(", ")
}`;
const CLOCK_NEED = 'a time such as "22:00", from "00:00" to "24:00"';

function nameSchema(what: string) {
  return z.string({ error: NAME_NEED }).regex(CAMERA_ID_PATTERN, { error: NAME_NEED })
    .describe(`Name of the ${what}; the only one of its kind with it`);
}

function secondsFrom(min: number, max: number): z.ZodNumber {
  return numberFrom([min, max], { what: "a number of seconds" });
}

/** A list with something in it. An empty one would be a rule that never counts. */
function listOf<Item extends z.ZodType>(item: Item, example: string) {
  const error = `a list such as [${example}]; leave it out for all`;
  return z.array(item, { error }).min(1, { error });
}

function wordsOf(example: string) {
  return listOf(z.string({ error: "text" }).regex(/\S/, { error: "text" }), example).optional();
}

function isTemplate(text: string): boolean {
  return /\S/.test(text) && !/\p{Cc}/u.test(text) && unknownPlaceholders(text).length === 0;
}

function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Minutes since midnight of "22:00"; undefined for what is no time of day. */
function minuteOf(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && minute <= 1_440 ? minute : undefined;
}

const clockSchema = z.string({ error: CLOCK_NEED })
  .refine((text) => minuteOf(text) !== undefined, { error: CLOCK_NEED });

const scheduleSchema = z.strictObject({
  days: listOf(z.enum(WEEKDAYS), "mon, fri").default([...WEEKDAYS])
    .describe("Days on which the hours begin"),
  from: clockSchema.default("00:00").describe("When the hours begin"),
  to: clockSchema.default("24:00")
    .describe("When they end; a time before `from` is one of the next day"),
  zone: z.string({ error: "a time zone" })
    .refine(isZone, { error: 'a time zone such as "Europe/Berlin"' })
    .optional()
    .meta({
      description: "Time zone of the hours (default: that of the machine)",
      examples: ["Europe/Berlin"],
    }),
}, { error: 'days and hours, such as { from: "22:00", to: "06:00" }' })
  .refine(({ from, to }) => minuteOf(from) !== minuteOf(to), {
    error: 'hours that end at another time than they begin; leave both out for "always"',
  });

const ruleSchema = z.strictObject({
  name: nameSchema("rule"),
  when: listOf(z.enum(ALERT_KINDS), "object_detected").describe("Kinds of events it is about"),
  cameras: wordsOf("front").describe("Ids of cameras (default: all)"),
  classes: wordsOf("person").describe("Classes of objects (default: all)"),
  zones: wordsOf("drive").describe("Zones, one of which it must have been in (default: any place)"),
  lines: wordsOf("gate").describe("Lines, one of which it must have crossed (default: none)"),
  min_score: numberFrom([0, 1], { what: "a number" })
    .default(0).describe("Lowest score of what is seen"),
  min_seconds: secondsFrom(0, DAY_SECONDS).default(0)
    .describe("How long it must have gone on, in seconds"),
  priority: z.enum(PRIORITIES).default("warning").describe("How grave its alerts are"),
  schedule: scheduleSchema.optional().describe("When it counts (default: always)"),
  cool_down_seconds: secondsFrom(0, DAY_SECONDS).default(60)
    .describe("Time without a further alert of the same rule, camera and class, in seconds"),
  text: z.string({ error: TEXT_NEED }).refine(isTemplate, { error: TEXT_NEED }).optional().meta({
    description: "What its alerts say; may have placeholders in braces",
    examples: ["{class} at {camera}"],
  }),
});

const URL_NEED = "an http or https URL";

function isHttpUrl(text: string): boolean {
  return ["http:", "https:"].includes(URL.parse(text)?.protocol ?? "");
}

const prioritiesSchema = listOf(z.enum(PRIORITIES), "warning, critical").default([...PRIORITIES])
  .describe("Alerts that go there");

const webhookSchema = z.strictObject({
  name: nameSchema("receiver"),
  url: z.string({ error: URL_NEED }).refine(isHttpUrl, { error: URL_NEED })
    .describe("Address that gets a POST for each alert"),
  // Not z.string(): what is wrong with a value is told with the value.
  secret: z.unknown().optional().meta({
    type: "string",
    description: "Key that alerts are signed with; better in a file",
  }),
  secret_file: pathSchema.optional().describe("File with that key"),
  ca_file: pathSchema.optional()
    .describe("File with certificates (PEM) of authorities to trust beside the usual ones"),
  priorities: prioritiesSchema,
  timeout_seconds: secondsFrom(0.1, 120).default(10).describe("How long an answer is waited for"),
}).check((context) => {
  const { secret, secret_file: file } = context.value;
  const isText = secret === undefined || (typeof secret === "string" && secret !== "");
  const message = !isText
    ? "`secret` as text in quotes"
    : secret !== undefined && file !== undefined
    ? "either `secret` or `secret_file`"
    : undefined;
  if (message === undefined) return;
  context.issues.push({ code: "custom", message, input: context.value });
});

const RUN_NEED = 'a program and its arguments, such as [/usr/local/bin/tell, --text, "{text}"]';

const commandSchema = z.strictObject({
  name: nameSchema("command"),
  run: z.array(z.string({ error: TEXT_NEED }).refine(isArgument, { error: TEXT_NEED }), {
    error: RUN_NEED,
  }).min(1, { error: RUN_NEED }).refine(([program = ""]) => /^[^\s{~]/.test(program), {
    error: RUN_NEED,
  }).meta({
    description: "The program and its arguments, which may have placeholders; no shell reads them",
    examples: [["/usr/local/bin/tell", "--camera", "{camera}"]],
  }),
  priorities: prioritiesSchema,
  timeout_seconds: secondsFrom(0.1, 3_600).default(30)
    .describe("How long it may run before it is ended"),
});

function isArgument(text: string): boolean {
  return !text.includes("\0") && unknownPlaceholders(text).length === 0;
}

export const alertsSchema = z.strictObject({
  rules: z.array(ruleSchema).default([]).describe("Which events become alerts"),
  webhook: z.array(webhookSchema).default([]).describe("Servers that are told"),
  command: z.array(commandSchema).default([]).describe("Programs that are started"),
  log: z.boolean().default(true).describe("Whether each alert is a line of the log"),
}).prefault({}).describe("Who is told of what");

type AlertsConfig = z.output<typeof alertsSchema>;

/** What the section means. `folderOf` says where the relative paths of a key start. */
export function toAlerts(
  { rules, webhook, command, log }: AlertsConfig,
  folderOf: (key: string) => string,
): AlertSettings {
  const webhookFolder = folderOf("alerts.webhook");
  const commandFolder = folderOf("alerts.command");
  return {
    rules: rules.map(toRule),
    webhooks: webhook.map((each) => toWebhook(each, webhookFolder)),
    commands: command.map((each) => toCommand(each, commandFolder)),
    log,
  };
}

/** The section with its paths as they are in the settings: absolute. */
export function alertsInFull(
  config: AlertsConfig,
  { webhooks, commands }: AlertSettings,
): AlertsConfig {
  return {
    ...config,
    webhook: config.webhook.map((each, index) => {
      const { secret, caPath } = webhooks[index]!;
      return {
        ...each,
        ...(secret?.kind === "file" ? { secret_file: secret.path } : {}),
        ...(caPath === null ? {} : { ca_file: caPath }),
      };
    }),
    command: config.command.map((each, index) => ({
      ...each,
      run: [commands[index]!.program, ...each.run.slice(1)],
    })),
  };
}

function toRule(rule: AlertsConfig["rules"][number]): AlertRule {
  const { schedule } = rule;
  return {
    name: rule.name,
    kinds: rule.when,
    cameras: rule.cameras ?? null,
    classes: rule.classes ?? null,
    zones: rule.zones ?? null,
    lines: rule.lines ?? null,
    minScore: rule.min_score,
    minMs: toMs(rule.min_seconds),
    priority: rule.priority,
    schedule: schedule === undefined ? null : toSchedule(schedule),
    timeZone: schedule?.zone ?? Temporal.Now.timeZoneId(),
    coolDownMs: toMs(rule.cool_down_seconds),
    text: rule.text ?? null,
  };
}

function toSchedule({ days, from, to }: z.output<typeof scheduleSchema>): AlertSchedule {
  return { days, fromMinute: minuteOf(from) ?? 0, toMinute: minuteOf(to) ?? 0 };
}

function toWebhook(webhook: AlertsConfig["webhook"][number], folder: string): WebhookSettings {
  const { name, url, secret, secret_file: secretFile, ca_file: caFile, priorities } = webhook;
  return {
    name,
    url,
    secret: toSecret(secret, secretFile === undefined ? null : resolve(folder, secretFile)),
    caPath: caFile === undefined ? null : resolve(folder, caFile),
    priorities,
    timeoutMs: toMs(webhook.timeout_seconds),
  };
}

function toSecret(text: unknown, path: string | null): WebhookSecret | null {
  if (path !== null) return { kind: "file", path };
  return typeof text === "string" ? { kind: "text", text } : null;
}

function toCommand(command: AlertsConfig["command"][number], folder: string): CommandSettings {
  const [program = "", ...args] = command.run;
  return {
    name: command.name,
    // As in a shell: a name without "/" is looked up on PATH.
    program: program.includes("/") ? resolve(folder, program) : program,
    args,
    priorities: command.priorities,
    timeoutMs: toMs(command.timeout_seconds),
  };
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1_000);
}
