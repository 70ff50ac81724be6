/**
 * Something that a page asks the server for when it opens, and again on wish.
 *
 * @module
 */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { problemText } from "../api/http.ts";

export interface Loaded<T> {
  readonly value: Signal<T | undefined>;
  readonly problem: Signal<string>;
  readonly refresh: () => Promise<void>;
}

/** @param everyMs Asks again so often, while the page is looked at. */
export function useLoaded<T>(load: () => Promise<T>, everyMs?: number): Loaded<T> {
  const value = useSignal<T | undefined>(undefined);
  const problem = useSignal("");
  const refresh = async () => {
    try {
      value.value = await load();
      problem.value = "";
    } catch (error) {
      problem.value = problemText(error);
    }
  };
  useEffect(() => {
    refresh();
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, []);
  return { value, problem, refresh };
}
