import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  messageOf,
  OPERATOR_ERROR_CODES,
  OperatorError,
  unreachable,
} from "../../src/base/errors.ts";

Deno.test("toText() names failure, findings, every way out and where to read on", () => {
  const error = new OperatorError(
    "ffmpeg-not-found",
    'Cannot start camera "yard": "ffmpeg" is not on PATH',
    { found: { PATH: "/usr/bin", user: "lookback" }, fix: ["install ffmpeg", "or name its path"] },
  );
  strictEqual(
    error.toText(),
    `Cannot start camera "yard": "ffmpeg" is not on PATH
  PATH: /usr/bin
  user: lookback
  fix: install ffmpeg
  fix: or name its path
  more: docs/troubleshooting.md#ffmpeg-not-found`,
  );
});

Deno.test("toText() has no line for findings when there are none", () => {
  const error = new OperatorError("usage", 'Cannot read "--for"', { fix: ["give a duration"] });
  strictEqual(
    error.toText(),
    `Cannot read "--for"\n  fix: give a duration\n  more: docs/troubleshooting.md#usage`,
  );
});

const EXIT_CASES = [
  { code: "usage", exitCode: 2, kind: "wrong use" },
  { code: "camera-unknown", exitCode: 2, kind: "wrong use" },
  { code: "config-invalid", exitCode: 2, kind: "wrong use" },
  { code: "time-ambiguous", exitCode: 2, kind: "wrong use" },
  { code: "no-footage", exitCode: 1, kind: "failed work" },
  { code: "root-in-use", exitCode: 1, kind: "failed work" },
  { code: "ffmpeg-not-found", exitCode: 1, kind: "failed work" },
  { code: "database-missing", exitCode: 1, kind: "failed work" },
] as const;

for (const { code, exitCode, kind } of EXIT_CASES) {
  Deno.test(`exitCode is ${exitCode} for "${code}", which is ${kind}`, () => {
    strictEqual(new OperatorError(code, "Cannot", { fix: ["mend it"] }).exitCode, exitCode);
  });
}

Deno.test("docs/troubleshooting.md has exactly one heading for every OperatorError code", async () => {
  const page = new URL("../../docs/troubleshooting.md", import.meta.url);
  const text = await Deno.readTextFile(page);
  const headings = [...text.matchAll(/^## (\S+)$/gm)].map((match) => match[1]!);
  deepStrictEqual(headings.toSorted(), OPERATOR_ERROR_CODES.toSorted());
});

const MESSAGE_CASES = [
  { name: "the message of an error", thrown: new RangeError("too far"), message: "too far" },
  { name: "a thrown text", thrown: "why not", message: "why not" },
  { name: "a thrown undefined", thrown: undefined, message: "undefined" },
  {
    name: "several lines on one",
    thrown: new Error("one\n  two\nthree"),
    message: "one; two; three",
  },
];

for (const { name, thrown, message } of MESSAGE_CASES) {
  Deno.test(`messageOf() gives ${name}`, () => {
    strictEqual(messageOf(thrown), message);
  });
}

Deno.test("unreachable() throws a TypeError that shows the message nobody handles", () => {
  throws(() => unreachable({ type: "new" } as never), {
    name: "TypeError",
    message: 'Cannot handle message {"type":"new"}',
  });
});
