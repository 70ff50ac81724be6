import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { OperatorError } from "../../src/base/errors.ts";
import { isoUtc, unixMs } from "../../src/base/units.ts";
import { compactUtc, describeInstant, parseInstant } from "../../src/footage/instant.ts";

/** The present of most tests: Saturday, 21 November 2026, 22:30 in Berlin. */
const NOW = "2026-11-21T21:30:00.125Z";

interface Given {
  readonly now?: string;
  readonly zone?: string;
}

function parse(text: string, { now = NOW, zone = "Europe/Berlin" }: Given = {}): string {
  return isoUtc(parseInstant(text, { nowMs: unixMs(Date.parse(now)), timeZone: zone }));
}

/** The error that a text ends in. */
function refusal(text: string, given: Given = {}): OperatorError {
  try {
    parse(text, given);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error(`"${text}" was read`);
}

const READABLE: readonly (readonly [text: string, instant: string])[] = [
  // ISO 8601 with a zone
  ["2026-11-21T20:57:09.340Z", "2026-11-21T20:57:09.340Z"],
  ["2026-11-21t20:57:09z", "2026-11-21T20:57:09.000Z"],
  ["2026-11-21T20:57:09+05:30", "2026-11-21T15:27:09.000Z"],
  ["2026-11-21 20:57 -0800", "2026-11-22T04:57:00.000Z"],
  ["2026-11-21T20:57:09+01", "2026-11-21T19:57:09.000Z"],
  ["20261121T205709Z", "2026-11-21T20:57:09.000Z"],
  ["2026-11-21T20:57:09,5Z", "2026-11-21T20:57:09.500Z"],
  ["2026-11-21T20:57:09.3409999Z", "2026-11-21T20:57:09.340Z"],
  ["2026-11-21T21:57:09+01:00[Europe/Berlin]", "2026-11-21T20:57:09.000Z"],
  ["2026-11-21 21:57:09.340 +01:00 Europe/Berlin", "2026-11-21T20:57:09.340Z"],
  ["2026-11-21 20:57 UTC", "2026-11-21T20:57:00.000Z"],
  ["2026-11-21 20:57 America/New_York", "2026-11-22T01:57:00.000Z"],
  ["2026-07-21 20:57 PT", "2026-07-22T03:57:00.000Z"],
  // ISO 8601 in local time
  ["2026-11-21 20:57:09", "2026-11-21T19:57:09.000Z"],
  ["  2026-11-21T20:57:09.340  ", "2026-11-21T19:57:09.340Z"],
  ["2026-11-21 20:57", "2026-11-21T19:57:00.000Z"],
  ["2026-07-21 20:57", "2026-07-21T18:57:00.000Z"],
  ["2024-02-29 00:00", "2024-02-28T23:00:00.000Z"],
  ["20261121T205709", "2026-11-21T19:57:09.000Z"],
  // Times of today, past and to come
  ["20:57:09", "2026-11-21T19:57:09.000Z"],
  ["20:57", "2026-11-21T19:57:00.000Z"],
  ["8:57", "2026-11-21T07:57:00.000Z"],
  ["23:59", "2026-11-21T22:59:00.000Z"],
  ["20:57:09.5", "2026-11-21T19:57:09.500Z"],
  ["8:57pm", "2026-11-21T19:57:00.000Z"],
  ["noon", "2026-11-21T11:00:00.000Z"],
  // Distances
  ["now", "2026-11-21T21:30:00.125Z"],
  ["Right now", "2026-11-21T21:30:00.125Z"],
  ["10 minutes ago", "2026-11-21T21:20:00.125Z"],
  ["an hour ago", "2026-11-21T20:30:00.125Z"],
  ["half an hour ago", "2026-11-21T21:00:00.125Z"],
  ["1h 5m ago", "2026-11-21T20:25:00.125Z"],
  ["-10m", "2026-11-21T21:20:00.125Z"],
  ["- 1:30", "2026-11-21T21:28:30.125Z"],
  ["-PT90S", "2026-11-21T21:28:30.125Z"],
  ["90 days ago", "2026-08-23T21:30:00.125Z"],
  // Phrases
  ["yesterday 14:05", "2026-11-20T13:05:00.000Z"],
  ["14:05 yesterday", "2026-11-20T13:05:00.000Z"],
  ["Yesterday at 2:05 PM", "2026-11-20T13:05:00.000Z"],
  ["yesterday at 8", "2026-11-20T07:00:00.000Z"],
  ["yesterday 14:05:09.5", "2026-11-20T13:05:09.500Z"],
  ["last Tuesday 14:05", "2026-11-17T13:05:00.000Z"],
  ["21 Nov 2026 8:57pm", "2026-11-21T19:57:00.000Z"],
  ["Saturday, 21 November 2026 20:57:09", "2026-11-21T19:57:09.000Z"],
  ["Nov 21, 2026 at 8:57 p.m.", "2026-11-21T19:57:00.000Z"],
  ["2026-11-21 8:57pm", "2026-11-21T19:57:00.000Z"],
  ["2026/11/21 20:57", "2026-11-21T19:57:00.000Z"],
  ["21.11.2026 20:57", "2026-11-21T19:57:00.000Z"],
  ["11/21/2026 20:57", "2026-11-21T19:57:00.000Z"],
  ["11/11/2026 20:57", "2026-11-11T19:57:00.000Z"],
  ["today at noon", "2026-11-21T11:00:00.000Z"],
  ["this morning at 8", "2026-11-21T07:00:00.000Z"],
  ["last night at 11pm", "2026-11-20T22:00:00.000Z"],
  ["2 days ago at 14:05", "2026-11-19T13:05:00.000Z"],
  ["tomorrow 14:05", "2026-11-22T13:05:00.000Z"],
  // What is left out is chosen so that the day has been
  ["Sunday 14:05", "2026-11-15T13:05:00.000Z"],
  ["next Tuesday 14:05", "2026-11-24T13:05:00.000Z"],
  ["Saturday 23:30", "2026-11-21T22:30:00.000Z"],
  ["21 Nov 14:05", "2026-11-21T13:05:00.000Z"],
  ["23 Nov 14:05", "2025-11-23T13:05:00.000Z"],
  // A zone in the phrase
  ["14:05 UTC", "2026-11-21T14:05:00.000Z"],
  ["yesterday 14:05 UTC", "2026-11-20T14:05:00.000Z"],
  ["yesterday 14:05 (UTC)", "2026-11-20T14:05:00.000Z"],
  ["yesterday 14:05 +02:00", "2026-11-20T12:05:00.000Z"],
  ["yesterday 14:05 PST", "2026-11-20T22:05:00.000Z"],
  ["20 Nov 14:05 IST", "2026-11-20T08:35:00.000Z"],
  ["1 Jul 2026 14:05 CET", "2026-07-01T12:05:00.000Z"],
  ["20 Nov 14:05 Asia/Kolkata", "2026-11-20T08:35:00.000Z"],
];

for (const [text, instant] of READABLE) {
  Deno.test(`parseInstant() gives ${instant} when it reads "${text}"`, () => {
    strictEqual(parse(text), instant);
  });
}

/** Read at 23:30 UTC on 21 November, when Berlin has the 22nd and San Francisco the 21st. */
const DAYS_OF_ZONES = [
  ["20:57", "Europe/Berlin", "2026-11-22T19:57:00.000Z"],
  ["20:57 UTC", "Europe/Berlin", "2026-11-21T20:57:00.000Z"],
  ["20:57Z", "Europe/Berlin", "2026-11-21T20:57:00.000Z"],
  ["yesterday 20:57", "Europe/Berlin", "2026-11-21T19:57:00.000Z"],
  ["yesterday 20:57", "Pacific/Kiritimati", "2026-11-21T06:57:00.000Z"],
  ["yesterday 20:57 +13:00", "America/Los_Angeles", "2026-11-21T07:57:00.000Z"],
  ["yesterday 20:57 Europe/Berlin", "America/Los_Angeles", "2026-11-21T19:57:00.000Z"],
] as const;

for (const [text, zone, instant] of DAYS_OF_ZONES) {
  Deno.test(`parseInstant() counts days by the calendar of the zone of "${text}" in ${zone}`, () => {
    strictEqual(parse(text, { now: "2026-11-21T23:30:00Z", zone }), instant);
  });
}

Deno.test("parseInstant() counts exact time across a clock change for a distance", () => {
  const now = "2026-10-25T01:30:00Z";
  strictEqual(parse("1 hour ago", { now }), "2026-10-25T00:30:00.000Z");
  strictEqual(parse("-1d", { now }), "2026-10-24T01:30:00.000Z");
});

Deno.test("parseInstant() counts calendar days across a clock change for a phrase", () => {
  const now = "2026-10-25T12:00:00Z";
  strictEqual(parse("yesterday 14:05", { now }), "2026-10-24T12:05:00.000Z");
  strictEqual(parse("today 14:05", { now }), "2026-10-25T13:05:00.000Z");
});

const AMBIGUOUS = [
  {
    name: "Berlin's clocks went back",
    text: "2026-10-25 02:30",
    zone: "Europe/Berlin",
    readings: ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
  },
  {
    name: "Berlin's clocks went back, in a phrase",
    text: "25 Oct 2026 2:30am",
    zone: "Europe/Berlin",
    readings: ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
  },
  {
    name: "Berlin's clocks went back, named by an abbreviation",
    text: "25 Oct 2026 02:30 CET",
    zone: "Asia/Tokyo",
    readings: ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
  },
  {
    name: "Berlin's clocks went forward",
    text: "2026-03-29 02:30",
    zone: "Europe/Berlin",
    readings: ["2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"],
  },
  {
    name: "Berlin's clocks went forward, in a phrase",
    text: "29 March 2026 at 02:30",
    zone: "Europe/Berlin",
    readings: ["2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"],
  },
  {
    name: "New York's clocks went back",
    text: "2026-11-01 01:59:59.999",
    zone: "America/New_York",
    readings: ["2026-11-01T01:59:59.999-04:00", "2026-11-01T01:59:59.999-05:00"],
  },
  {
    name: "New York's clocks went forward",
    text: "2026-03-08 02:00",
    zone: "America/New_York",
    readings: ["2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"],
  },
  {
    name: "Lord Howe's clocks went back half an hour",
    text: "2026-04-05 01:45",
    zone: "Australia/Lord_Howe",
    readings: ["2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30"],
  },
  {
    name: "Lord Howe's clocks went forward half an hour",
    text: "2026-10-04 02:15",
    zone: "Australia/Lord_Howe",
    readings: ["2026-10-04T01:45:00+10:30", "2026-10-04T02:45:00+11:00"],
  },
  {
    name: "day and month can be swapped",
    text: "11/12/2026 14:05",
    zone: "Europe/Berlin",
    readings: ["2026-11-12T14:05:00+01:00", "2026-12-11T14:05:00+01:00"],
  },
] as const;

for (const { name, text, zone, readings } of AMBIGUOUS) {
  Deno.test(`parseInstant() gives two readings that can be pasted back when ${name}`, () => {
    const error = refusal(text, { zone });
    strictEqual(error.code, "time-ambiguous");
    const [first, second] = Object.values(error.advice.found ?? {});
    strictEqual(first, readings[0]);
    strictEqual(second, readings[1]);
    for (const reading of readings) {
      strictEqual(parse(reading, { zone }), new Date(reading).toISOString());
    }
  });
}

const CERTAIN_NEAR_A_CHANGE = [
  ["2026-10-25 01:59:59.999", "Europe/Berlin", "2026-10-24T23:59:59.999Z"],
  ["2026-10-25 03:00", "Europe/Berlin", "2026-10-25T02:00:00.000Z"],
  ["2026-03-29 01:59", "Europe/Berlin", "2026-03-29T00:59:00.000Z"],
  ["2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
  ["2026-11-01 02:00", "America/New_York", "2026-11-01T07:00:00.000Z"],
  ["2026-04-05 01:29", "Australia/Lord_Howe", "2026-04-04T14:29:00.000Z"],
  ["2026-10-04 02:30", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"],
  ["29 March 2026 at 02:30", "Asia/Kolkata", "2026-03-28T21:00:00.000Z"],
] as const;

for (const [text, zone, instant] of CERTAIN_NEAR_A_CHANGE) {
  Deno.test(`parseInstant() gives ${instant} when it reads "${text}" in ${zone}`, () => {
    strictEqual(parse(text, { zone }), instant);
  });
}

Deno.test("parseInstant() says that a skipped time never was, with the ways out", () => {
  strictEqual(
    refusal("2026-03-29 02:30").toText(),
    `Cannot use time "2026-03-29 02:30": clocks in Europe/Berlin skipped it
  before the change: 2026-03-29T01:30:00+01:00
  after the change: 2026-03-29T03:30:00+02:00
  fix: give "2026-03-29T01:30:00+01:00"
  fix: or give "2026-03-29T03:30:00+02:00"
  more: docs/troubleshooting.md#time-ambiguous`,
  );
});

const NO_SUCH_DAY = "the calendar has no such day";
const NO_SUCH_TIME = "a time of day runs from 00:00 to 23:59:59";
const NO_DAY = "a day is missing";
const NO_TIME_OF_DAY = "a time of day is missing";
const NIGHT = 'a night belongs to two days; its date is missing, as in "2026-11-21 00:00"';
const INEXACT = 'only a number of units, followed by "ago", is exact enough';
const NOTHING = "there is no valid time in it";

const REFUSED = [
  ["", "it is empty"],
  [" \t", "it is empty"],
  ["x".repeat(101), "it is longer than 100 characters"],
  ["2026-02-30 20:57", NO_SUCH_DAY],
  ["2025-02-29T20:57:09Z", NO_SUCH_DAY],
  ["2026-13-01 20:57", NO_SUCH_DAY],
  ["2026-11-21 25:00", NO_SUCH_TIME],
  ["2026-11-21 24:00", NO_SUCH_TIME],
  ["2026-11-21T20:60:00Z", NO_SUCH_TIME],
  ["2016-12-31T23:59:60Z", NO_SUCH_TIME],
  ["25:00", NO_SUCH_TIME],
  ["2026-11-21T20:57:09+25:00", '"+25:00" is not an offset from UTC'],
  ["2026-11-21T20:57+02:00[Europe/Berlin]", "Europe/Berlin was at +01:00 then, not at +02:00"],
  ["yesterday 14:05 +02:00 UTC", "UTC was at +00:00 then, not at +02:00"],
  ["in 9000000 days at 14:05", "a year runs from 0000 to 9999"],
  ["14:05 Europe/Atlantis", '"Europe/Atlantis" is not a time zone'],
  ["2026-11-21", NO_TIME_OF_DAY],
  ["21 Nov 2026", NO_TIME_OF_DAY],
  ["yesterday", NO_TIME_OF_DAY],
  ["this morning", NO_TIME_OF_DAY],
  ["40 fridays ago", NOTHING],
  ["2 months ago", NO_TIME_OF_DAY],
  ["yesterday 25:00", 'only "yesterday" was understood'],
  ["yesterday 14:05 or so", 'only "yesterday 14:05" was understood'],
  ["30 Feb 2026 14:05", NOTHING],
  ["2026-02-30 8:57pm", NOTHING],
  ["Monday 21 Nov 2026 14:05", "2026-11-21 is another day of the week"],
  ["14:05 - 15:00", "it is a stretch of time where one instant is needed"],
  ["08:00-09:00", "it is a stretch of time where one instant is needed"],
  ["last week 14:05", NO_DAY],
  ["Thursday last week 14:05", NO_DAY],
  ["last month 14:05", NO_DAY],
  ["2 months ago at 14:05", NO_DAY],
  ["1 year ago at 14:05", NO_DAY],
  ["November at 14:05", NO_DAY],
  ["midnight", NIGHT],
  ["yesterday at midnight", NIGHT],
  ["last night at 2am", NIGHT],
  ["tonight at 2", NIGHT],
  ["a few minutes ago", INEXACT],
  ["in 10 minutes", INEXACT],
  ["5 minutes before noon", INEXACT],
  ["-10 parsecs", null],
  ["999999 days ago", "it is too long ago"],
  ["half past never", NOTHING],
  ["1405", NOTHING],
] as const;

for (const [text, problem] of REFUSED) {
  Deno.test(`parseInstant() says what is wrong when it is given "${text.slice(0, 50)}"`, () => {
    const error = refusal(text);
    strictEqual(error.code, "time-invalid");
    if (problem !== null) ok(error.message.endsWith(`: ${problem}`), error.message);
  });
}

Deno.test("parseInstant() names what was typed, the fault and examples when it refuses", () => {
  strictEqual(
    refusal("yesterday").toText(),
    `Cannot read time "yesterday": a time of day is missing
  fix: give date and time of day ("2026-11-21 20:57:09", "21 Nov 2026 8:57pm", "yesterday 14:05")
  fix: or a time of today ("20:57:09"), or a distance from now ("10 minutes ago", "-10m")
  more: docs/troubleshooting.md#time-invalid`,
  );
});

Deno.test("parseInstant() throws a RangeError when the local zone does not exist", () => {
  throws(() => parse("now", { zone: "Europe/Atlantis" }), RangeError);
});

Deno.test("parseInstant() gives an instant or an OperatorError for any text", () => {
  const word = fc.constantFrom(
    ..."yesterday,last,Tuesday,14:05,8pm,21,Nov,2026,ago,-,10,minutes,UTC,CET,+02:00,noon,at".split(
      ",",
    ),
    ..."999999999,years,next,month,11/12,in,0,Z,T,[,],:,.5,before,Europe/Berlin,night,29 Feb".split(
      ",",
    ),
  );
  const phrase = fc.array(word, { maxLength: 7 }).map((words) => words.join(" "));
  const zone = fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe");
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme" }), phrase), zone, (text, timeZone) => {
      try {
        ok(Number.isSafeInteger(parseInstant(text, { nowMs: unixMs(Date.parse(NOW)), timeZone })));
      } catch (error) {
        ok(error instanceof OperatorError, `${error}`);
      }
    }),
    { numRuns: 500 },
  );
});

const ANY_INSTANT = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2200, 0) }).map(unixMs);
const ANY_ZONE = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe");

Deno.test("parseInstant() reads back every text of isoUtc()", () => {
  fc.assert(fc.property(ANY_INSTANT, ANY_ZONE, (atMs, timeZone) => {
    strictEqual(parseInstant(isoUtc(atMs), { nowMs: unixMs(0), timeZone }), atMs);
  }));
});

Deno.test("parseInstant() reads back the local half of every text of describeInstant()", () => {
  fc.assert(fc.property(ANY_INSTANT, ANY_ZONE, (atMs, timeZone) => {
    const [local = ""] = describeInstant(atMs, timeZone).split(" (");
    strictEqual(parseInstant(local, { nowMs: unixMs(0), timeZone: "Asia/Tokyo" }), atMs);
  }));
});

const DESCRIBED = [
  [
    "2026-11-21T20:57:09.340Z",
    "2026-11-21 21:57:09.340 +01:00 Europe/Berlin (2026-11-21T20:57:09.340Z)",
  ],
  [
    "2026-07-21T20:57:00.000Z",
    "2026-07-21 22:57:00 +02:00 Europe/Berlin (2026-07-21T20:57:00.000Z)",
  ],
] as const;

for (const [instant, text] of DESCRIBED) {
  Deno.test(`describeInstant() gives local time, zone and UTC when it is given ${instant}`, () => {
    strictEqual(describeInstant(unixMs(Date.parse(instant)), "Europe/Berlin"), text);
  });
}

Deno.test("compactUtc() gives UTC to the second, which parseInstant() reads", () => {
  const text = compactUtc(unixMs(Date.parse("2026-11-21T20:57:09.340Z")));
  strictEqual(text, "20261121T205709Z");
  strictEqual(parse(text), "2026-11-21T20:57:09.000Z");
});
