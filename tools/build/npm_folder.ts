/**
 * Makes npm packages that Deno has fetched visible to a bundler, which looks for
 * them in a `node_modules` folder: one of links, to exactly the versions that the
 * lock file names.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { BuildError } from "./build_error.ts";
import { mustRun } from "./run.ts";

/** What of Deno's lock file, version 5, matters here. */
export interface LockedPackages {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
}

/** A package's name and exact version. */
export interface PinnedName {
  readonly name: string;
  readonly version: string;
}

/**
 * The named packages and all that they depend on, as the lock file has them.
 *
 * @throws {BuildError} If the lock file lacks one of them.
 */
export function lockedClosure(
  lock: LockedPackages,
  names: readonly string[],
): readonly PinnedName[] {
  const found = new Map<string, PinnedName>();
  const visit = (key: string) => {
    if (found.has(key)) return;
    found.set(key, splitKey(key));
    for (const dependency of lock.npm[key]?.dependencies ?? []) visit(keyOf(lock, dependency));
  };
  for (const name of names) {
    const specifier = Object.entries(lock.specifiers)
      .find(([text]) => splitKey(text.replace(/^npm:/, "")).name === name);
    if (specifier === undefined) {
      throw new BuildError(
        `Cannot bundle "${name}": deno.lock does not list it\n  fix: run "deno install"`,
      );
    }
    visit(`${name}@${specifier[1]}`);
  }
  return [...found.values()];
}

/** A dependency of which there is one version is named without it. */
function keyOf(lock: LockedPackages, dependency: string): string {
  if (dependency in lock.npm) return dependency;
  return Object.keys(lock.npm).find((key) => splitKey(key).name === dependency) ?? dependency;
}

/** "@scope/name@1.2.3_peer@4" is version 1.2.3 of "@scope/name". */
function splitKey(key: string): PinnedName {
  const at = key.indexOf("@", 1);
  if (at === -1) return { name: key, version: "" };
  return { name: key.slice(0, at), version: key.slice(at + 1).replace(/_.*$/, "") };
}

/**
 * Fills `folder` with links to the packages, as a `node_modules` would have them.
 *
 * @throws {BuildError} If Deno can't fetch one of them.
 */
export async function linkPackages(
  packages: readonly PinnedName[],
  folder: string,
): Promise<void> {
  await mustRun(Deno.execPath(), [
    "cache",
    "--quiet",
    ...packages.map(({ name, version }) => `npm:${name}@${version}`),
  ]);
  const { npmCache } = JSON.parse(await mustRun(Deno.execPath(), ["info", "--json"]));
  for (const { name, version } of packages) {
    const link = join(folder, name);
    await Deno.mkdir(dirname(link), { recursive: true });
    await Deno.symlink(await folderOf({ name, version }, npmCache), link);
  }
}

/** Below the cache lies a folder for each registry. */
async function folderOf({ name, version }: PinnedName, npmCache: string): Promise<string> {
  for await (const registry of Deno.readDir(npmCache)) {
    const folder = join(npmCache, registry.name, name, version);
    const isThere = await Deno.stat(join(folder, "package.json")).then(() => true, () => false);
    if (isThere) return folder;
  }
  throw new BuildError(`Cannot bundle "${name}": version ${version} is not in Deno's cache`);
}
