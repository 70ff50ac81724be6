import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { deedOf, type KeyPress, SHORTCUTS } from "../../page/base/shortcuts.ts";
import { nextSpeed, SPEEDS } from "../../page/base/speeds.ts";

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    shiftKey: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    target: { tag: "body" },
    ...more,
  };
}

const DEEDS = [
  { name: "plays with space", press: press(" "), deed: "play-pause" },
  { name: "steps a second with an arrow", press: press("ArrowLeft"), deed: "second-back" },
  {
    name: "steps a frame with Shift and an arrow",
    press: press("ArrowRight", { shiftKey: true }),
    deed: "frame-on",
  },
  {
    name: "leaves Shift and a letter alone",
    press: press("I", { shiftKey: true }),
    deed: undefined,
  },
  { name: "marks with I, and with Caps Lock on", press: press("I"), deed: "mark-in" },
  {
    name: "takes a sign with or without Shift",
    press: press("?", { shiftKey: true }),
    deed: "help",
  },
  { name: "leaves Ctrl to the browser", press: press("l", { ctrlKey: true }), deed: undefined },
  {
    name: "is silent while somebody types",
    press: press("i", { target: { tag: "input", type: "text" } }),
    deed: undefined,
  },
  {
    name: "works on a checkbox, but for the keys that the box takes",
    press: press("i", { target: { tag: "input", type: "checkbox" } }),
    deed: "mark-in",
  },
  {
    name: "leaves space to a button",
    press: press(" ", { target: { tag: "button" } }),
    deed: undefined,
  },
  {
    name: "leaves all keys to a list of choices",
    press: press("ArrowUp", { target: { tag: "select" } }),
    deed: undefined,
  },
] as const;

for (const { name, press, deed } of DEEDS) {
  Deno.test(`deedOf() ${name}`, () => {
    strictEqual(deedOf(press), deed);
  });
}

Deno.test("SHORTCUTS has each key for one deed only", () => {
  const keys = SHORTCUTS.flatMap(({ keys, shift }) =>
    keys.map((key) => `${shift ?? false} ${key}`)
  );
  deepStrictEqual(keys.length, new Set(keys).size);
});

Deno.test("nextSpeed() goes from 0.25 to 16 times and stays at the ends", () => {
  strictEqual(nextSpeed(1, 1), 2);
  strictEqual(nextSpeed(0.25, -1), 0.25);
  strictEqual(nextSpeed(16, 1), 16);
  deepStrictEqual([SPEEDS[0], SPEEDS.at(-1)], [0.25, 16]);
});
