/**
 * Which commit is being built.
 *
 * @module
 */

import { run } from "./run.ts";

/** Digits of the commit's hash. Git's own abbreviation grows with the repository. */
const HASH_DIGITS = 7;

/** What git says of a folder's sources. */
export interface GitState {
  /** The whole hash; null where git knows none. */
  readonly head: string | null;
  readonly hasChanges: boolean;
}

/** "abc1234", "abc1234+changes" when the sources differ from it, "unknown" outside of git. */
export function commitLabel({ head, hasChanges }: GitState): string {
  if (head === null) return "unknown";
  return head.slice(0, HASH_DIGITS) + (hasChanges ? "+changes" : "");
}

/** Asks git about the files that go into the executable. */
export async function readGitState(folder: string, paths: readonly string[]): Promise<GitState> {
  const head = await run("git", ["-C", folder, "rev-parse", "HEAD"]);
  if (!head.ok) return { head: null, hasChanges: false };
  const status = await run("git", ["-C", folder, "status", "--porcelain", "--", ...paths]);
  return { head: head.stdout, hasChanges: status.stdout !== "" };
}
