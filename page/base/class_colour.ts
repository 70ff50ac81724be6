/**
 * One colour for each class of thing, the same on the picture, the timeline and
 * in lists. Chosen apart from each other for people who see red and green alike
 * too, and always shown beside the class's name.
 *
 * @module
 */

const KNOWN: Readonly<Record<string, string>> = {
  person: "#e8590c",
  vehicle: "#1c7ed6",
  bicycle: "#9c36b5",
  dog: "#b8860b",
  cat: "#c2255c",
  cow: "#795548",
  motion: "#0b8a74",
};

const OTHERS = ["#5c7cfa", "#ae3ec9", "#0c8599", "#a0522d", "#5f8a00", "#d6336c"] as const;

/** A colour that shows on white, on black, and on most of what cameras see. */
export function classColour(name: string | null): string {
  const key = name ?? "motion";
  const known = KNOWN[key];
  if (known !== undefined) return known;
  let sum = 0;
  for (const char of key) sum = (sum * 31 + char.codePointAt(0)!) % 1_000_003;
  return OTHERS[sum % OTHERS.length]!;
}

/** Grey for what is not seen but happened to a camera. */
export function eventColour(
  event: { readonly kind: string; readonly class: string | null },
): string {
  return event.kind.endsWith("_detected") ? classColour(event.class) : "#7d8682";
}

/** What an event is called: its class, or what it is. */
export function eventTitle(
  event: { readonly kind: string; readonly class: string | null },
): string {
  if (event.class !== null) return event.class;
  return KIND_TITLES[event.kind] ?? event.kind.replaceAll(/[_-]/g, " ");
}

const KIND_TITLES: Readonly<Record<string, string>> = {
  "motion_detected": "movement",
  "object_detected": "object",
};
