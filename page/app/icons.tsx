/**
 * The page's signs, drawn with lines in the colour of the text. They stand beside
 * a label or inside a button that has one, and are hidden from screen readers.
 *
 * @module
 */

import type { VNode } from "preact";

const PATHS = {
  cameras: "M3 5h8v6H3zM13 5h8v6h-8zM3 13h8v6H3zM13 13h8v6h-8z",
  together: "M3 4h18v6H3zM3 14h18v6H3zM8 2v20",
  events: "M12 3a6 6 0 0 0-6 6v5l-2 3h16l-2-3V9a6 6 0 0 0-6-6zM10 20a2 2 0 0 0 4 0",
  exports: "M12 3v12M7 10l5 5 5-5M4 20h16",
  system: "M3 12h4l3-8 4 16 3-8h4",
  configuration: "M4 6h10M18 6h2M4 12h2M10 12h10M4 18h8M16 18h4M14 4v4M6 10v4M12 16v4",
  access: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  play: "M7 4l13 8-13 8z",
  pause: "M8 4v16M16 4v16",
  frameBack: "M15 5l-7 7 7 7M5 5v14",
  frameOn: "M9 5l7 7-7 7M19 5v14",
  mute: "M4 9v6h4l5 4V5L8 9zM17 9l5 6M22 9l-5 6",
  sound: "M4 9v6h4l5 4V5L8 9zM17 8a6 6 0 0 1 0 8",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  boxes: "M4 4h7v7H4zM14 10h6v10h-6z",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3v18",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
  keys: "M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 15h8",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A clock that runs backwards. */
export function Mark(): VNode {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M4 12a8 8 0 1 0 3-6.2" />
      <path d="M3.5 3.5v4.2h4.2" />
      <circle cx="12" cy="12" r="2.6" />
    </svg>
  );
}
