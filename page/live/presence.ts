/**
 * Whether somebody may be looking at this page: a tab in the background plays on for
 * a while, so that who comes back soon finds it playing, and then needs no streams.
 *
 * @module
 */

/** How long a hidden page plays on, in milliseconds. */
export const HIDDEN_LIMIT_MS = 30_000;

/** What is used of a document. */
export interface PageLike {
  readonly visibilityState: string;
  addEventListener(type: "visibilitychange", listener: () => void): void;
  removeEventListener(type: "visibilitychange", listener: () => void): void;
}

/**
 * Tells at once, and at each change, whether the page counts as seen: while it is
 * visible, and for `limitMs` after it was hidden.
 *
 * @returns Ends it.
 */
export function followPresence(
  page: PageLike,
  tell: (isHere: boolean) => void,
  limitMs = HIDDEN_LIMIT_MS,
): () => void {
  let timer: number | undefined;
  const follow = () => {
    clearTimeout(timer);
    if (page.visibilityState === "visible") tell(true);
    else timer = setTimeout(() => tell(false), limitMs);
  };
  page.addEventListener("visibilitychange", follow);
  // A tab may be opened in the background: its time counts from now.
  if (page.visibilityState !== "visible") tell(true);
  follow();
  return () => {
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", follow);
  };
}
