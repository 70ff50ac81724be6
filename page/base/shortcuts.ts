/**
 * The keys of the player and of the timeline: one table, which the page obeys and
 * shows as its help.
 *
 * In:   a key press as plain data.
 * Out:  the name of what to do, or undefined.
 *
 * @module
 */

export type Deed =
  | "play-pause"
  | "second-back"
  | "second-on"
  | "ten-back"
  | "ten-on"
  | "frame-back"
  | "frame-on"
  | "slower"
  | "faster"
  | "mark-in"
  | "mark-out"
  | "marks-off"
  | "zoom-in"
  | "zoom-out"
  | "live"
  | "jump"
  | "boxes"
  | "full-screen"
  | "help";

export interface Shortcut {
  readonly deed: Deed;
  /** As `KeyboardEvent.key` has them, one of them is enough. */
  readonly keys: readonly string[];
  readonly shift?: true;
  /** As people read it. */
  readonly label: string;
  readonly does: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { deed: "play-pause", keys: [" ", "k"], label: "Space", does: "play or pause" },
  { deed: "frame-back", keys: ["ArrowLeft"], shift: true, label: "Shift ←", does: "a frame back" },
  { deed: "frame-on", keys: ["ArrowRight"], shift: true, label: "Shift →", does: "a frame on" },
  { deed: "frame-back", keys: [","], label: ",", does: "a frame back" },
  { deed: "frame-on", keys: ["."], label: ".", does: "a frame on" },
  { deed: "second-back", keys: ["ArrowLeft"], label: "←", does: "a second back" },
  { deed: "second-on", keys: ["ArrowRight"], label: "→", does: "a second on" },
  { deed: "ten-back", keys: ["PageDown"], label: "Page down", does: "ten seconds back" },
  { deed: "ten-on", keys: ["PageUp"], label: "Page up", does: "ten seconds on" },
  { deed: "slower", keys: ["ArrowDown"], label: "↓", does: "slower" },
  { deed: "faster", keys: ["ArrowUp"], label: "↑", does: "faster" },
  { deed: "mark-in", keys: ["i"], label: "I", does: "mark the beginning" },
  { deed: "mark-out", keys: ["o"], label: "O", does: "mark the end" },
  { deed: "marks-off", keys: ["x"], label: "X", does: "forget the marks" },
  { deed: "zoom-in", keys: ["+", "="], label: "+", does: "see less time" },
  { deed: "zoom-out", keys: ["-"], label: "−", does: "see more time" },
  { deed: "live", keys: ["l"], label: "L", does: "see now" },
  { deed: "jump", keys: ["g"], label: "G", does: "go to a time" },
  { deed: "boxes", keys: ["b"], label: "B", does: "boxes around what is seen" },
  { deed: "full-screen", keys: ["f"], label: "F", does: "whole screen" },
  { deed: "help", keys: ["?"], label: "?", does: "these keys" },
];

/** What of a key press matters. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  /** What the press goes to: its tag in lower case, and for an input its type. */
  readonly target: { readonly tag: string; readonly type?: string; readonly isEditable?: boolean };
}

/** What a press asks for. Nothing while a person types, and nothing of the browser's own keys. */
export function deedOf(press: KeyPress): Deed | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || takesKeys(press)) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return SHORTCUTS.find(({ keys, shift }) =>
    keys.includes(key) && (isSign(key) || (shift ?? false) === press.shiftKey)
  )?.deed;
}

/** "?" and "+" need Shift on some keyboards and not on others. */
function isSign(key: string): boolean {
  return key.length === 1 && !/[a-z ]/.test(key);
}

const TYPING_INPUTS = /^(?:text|search|password|number|email|url|date|time|datetime-local)?$/;

function takesKeys({ key, target }: KeyPress): boolean {
  if (target.isEditable === true || target.tag === "textarea" || target.tag === "select") {
    return true;
  }
  if (target.tag === "input") {
    if (TYPING_INPUTS.test(target.type ?? "")) return true;
    return key === " " || key.startsWith("Arrow");
  }
  // A focused button or link is pressed by these.
  return ["button", "a", "summary"].includes(target.tag) && (key === " " || key === "Enter");
}
