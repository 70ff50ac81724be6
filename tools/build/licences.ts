/**
 * Gathers the licences of the npm packages that an executable carries; the program
 * prints them (src/host/package_licences.ts).
 *
 * @module
 */

import { join } from "node:path";
import type { PackageLicence } from "../../src/host/package_licences.ts";

/** Names of licence files, as packages have them. */
const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/**
 * @param packages Such as "zod@4.6.7".
 * @param folder Where Deno has laid them out: `node_modules/.deno`.
 */
export async function packageLicences(
  packages: readonly string[],
  folder: string,
): Promise<PackageLicence[]> {
  const laidOut = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const found: PackageLicence[] = [];
  for (const versioned of packages.toSorted()) {
    const name = versioned.slice(0, versioned.lastIndexOf("@"));
    const flat = versioned.replace("/", "+");
    // Where others decide about a package's own needs, their versions stand behind its name.
    const inner = laidOut.find((each) => each === flat || each.startsWith(`${flat}_`)) ?? flat;
    found.push(await licenceIn(join(folder, inner, "node_modules", name), versioned));
  }
  return found;
}

async function licenceIn(folder: string, versioned: string): Promise<PackageLicence> {
  const facts = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  const licence = String(facts.license ?? "not named");
  const texts: string[] = [];
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isFile } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    if (!isFile || !LICENCE_FILE.test(name)) continue;
    texts.push((await Deno.readTextFile(join(folder, name))).trim());
  }
  const author = facts.author?.name ?? facts.author ?? "its authors";
  return {
    name: versioned.replace(/(.)@/, "$1 "),
    licence,
    text: texts.join("\n\n") || `${licence}, by ${author}`,
  };
}
