/**
 * The licences of the npm packages that an executable carries. The build gathers them
 * into a file of the executable's own file system (tools/build/licences.ts).
 *
 * @module
 */

import { join } from "node:path";

export interface PackageLicence {
  /** Name and version. */
  readonly name: string;
  /** What package.json calls the licence. */
  readonly licence: string;
  /** The text; what package.json says where the package has no such file. */
  readonly text: string;
}

/** Name of the file, beside main.ts. */
export const LICENCES_FILE = "licences.json";

/** Undefined in a run from the sources: packages hold their licences themselves. */
export async function packageLicences(): Promise<readonly PackageLicence[] | undefined> {
  if (!Deno.build.standalone) return undefined;
  const path = join(import.meta.dirname ?? "", "..", "..", LICENCES_FILE);
  return JSON.parse(await Deno.readTextFile(path));
}
