/**
 * The style sheet's colours for what is drawn on a canvas.
 *
 * @module
 */

const NAMES = [
  ...["text", "quiet", "line", "track", "footage", "motion", "gap", "accent", "mark", "future"],
] as const;

export type Colours = Readonly<Record<typeof NAMES[number], string>>;

/** Reads `--draw-…` as they are now, light or dark. */
export function readColours(parent: HTMLElement): Colours {
  const probe = parent.appendChild(document.createElement("i"));
  try {
    return Object.fromEntries(NAMES.map((name) => {
      probe.style.color = `var(--draw-${name})`;
      return [name, getComputedStyle(probe).color];
    })) as Colours;
  } finally {
    probe.remove();
  }
}
