import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { OperatorError } from "../../src/base/errors.ts";
import { logger, type LogRecordMessage, openLog } from "../../src/base/log.ts";
import { formatRecord, usualFormat } from "../../src/base/log_format.ts";
import { isWanted, parseLogLevels } from "../../src/base/log_levels.ts";
import { RepeatFold } from "../../src/base/repeat_fold.ts";

const RECORD: LogRecordMessage = {
  level: "warning",
  room: "capture front",
  text: "Not recording\n  fix: mend it",
  atMs: Date.UTC(2026, 10, 21, 20, 57, 9, 340),
  values: { cause: "camera-stalled" },
};

Deno.test("openLog() hands on what is wanted, with passwords masked in text and values", () => {
  const records: LogRecordMessage[] = [];
  const log = openLog({
    levels: parseLogLevels("warning,capture=debug"),
    write: (record) => records.push(record),
  });
  logger("store").info("not wanted");
  logger("capture", "front").debug("Reading {source}", { source: "rtsp://u:secret@h/s" });
  log[Symbol.dispose]();
  deepStrictEqual(records.map(({ room, text, values }) => ({ room, text, values })), [{
    room: "capture front",
    text: 'Reading "rtsp://u:***@h/s"'.replaceAll('"', ""),
    values: { source: "rtsp://u:***@h/s" },
  }]);
});

const LINES = [
  {
    format: "plain",
    line: "2026-11-21T20:57:09.340Z warning capture front: Not recording; fix: mend it",
  },
  { format: "systemd", line: "<4>capture front: Not recording; fix: mend it" },
  {
    format: "json",
    line: '{"timestamp":"2026-11-21T20:57:09.340Z","level":"warning","room":"capture front",' +
      '"message":"Not recording; fix: mend it","cause":"camera-stalled"}',
  },
] as const;

for (const { format, line } of LINES) {
  Deno.test(`formatRecord() writes one line for "${format}"`, () => {
    strictEqual(formatRecord(format, RECORD), line);
  });
}

const PLACES = [
  { isTerminal: true, journalStream: undefined, noColor: undefined, format: "human" },
  { isTerminal: true, journalStream: undefined, noColor: "1", format: "plain" },
  { isTerminal: false, journalStream: "8:1234", noColor: undefined, format: "systemd" },
  { isTerminal: false, journalStream: undefined, noColor: undefined, format: "plain" },
] as const;

for (const { format, ...place } of PLACES) {
  Deno.test(`usualFormat() gives "${format}" for ${JSON.stringify(place)}`, () => {
    strictEqual(usualFormat(place), format);
  });
}

Deno.test("parseLogLevels() gives a room its own level and the others the usual one", () => {
  const levels = parseLogLevels("error,capture=trace");
  ok(isWanted(levels, { level: "trace", room: "capture front" }));
  ok(!isWanted(levels, { level: "warning", room: "store" }));
  ok(isWanted(levels, { level: "fatal", room: "store" }));
});

for (const text of ["loud", "capture=loud", "=info", ""]) {
  Deno.test(`parseLogLevels() refuses "${text}"`, () => {
    throws(() => parseLogLevels(text), OperatorError);
  });
}

Deno.test("RepeatFold prints a repeated warning once and its count a minute later", () => {
  const fold = new RepeatFold();
  const printed: string[] = [];
  for (let second = 0; second <= 61; second += 1) {
    const text = `Cannot write, trying again in ${second} s`;
    const record = { ...RECORD, text, atMs: RECORD.atMs + second * 1_000 };
    printed.push(...fold.push(record).map((each) => each.text));
  }
  deepStrictEqual(printed, [
    "Cannot write, trying again in 0 s",
    "Cannot write, trying again in 0 s (59 more times within a minute)",
    "Cannot write, trying again in 60 s",
  ]);
});

Deno.test("RepeatFold lets every info line and every different warning through", () => {
  const fold = new RepeatFold();
  const info = { ...RECORD, level: "info" } as const;
  strictEqual(
    [info, info, RECORD, { ...RECORD, text: "other" }].flatMap((each) => fold.push(each)).length,
    4,
  );
  deepStrictEqual(fold.expire(Infinity), []);
});
