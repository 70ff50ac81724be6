/**
 * Copies what goes into the executable to a folder of its own: nothing that lies
 * about in the working folder gets in, builds at the same time don't meet, and
 * all files have one time stamp, because `deno compile` writes each file's time
 * into the executable. Packages that only tests use are taken out of the settings
 * and the lock file: `deno compile` takes in whatever the lock file lists.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** Files and folders of the repository that make up the program. */
export const PROGRAM_PATHS: readonly string[] = [
  "main.ts",
  "config.ts",
  "deno.json",
  "deno.lock",
  "src",
];

/** Packages of deno.json that only tests import. */
export const TEST_PACKAGES: readonly string[] = ["fast-check", "mediabunny"];

/** The time stamp of staged files, in seconds since 1970. Any fixed one will do. */
const STAGED_TIME_S = 0;

/** Copies {@linkcode PROGRAM_PATHS} and adds generated files, by name. */
export async function stageProgram(
  from: string,
  into: string,
  generated: Readonly<Record<string, string>>,
): Promise<void> {
  for (const path of PROGRAM_PATHS) await copyInto(join(from, path), join(into, path));
  await changeJson(join(into, "deno.json"), withoutTestImports);
  await changeJson(join(into, "deno.lock"), withoutTestPackages);
  for (const [name, text] of Object.entries(generated)) {
    await writeStaged(join(into, name), new TextEncoder().encode(text));
  }
}

async function copyInto(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await writeStaged(to, await Deno.readFile(from));
  for await (const { name } of Deno.readDir(from)) await copyInto(join(from, name), join(to, name));
}

async function writeStaged(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, bytes);
  await Deno.utime(path, STAGED_TIME_S, STAGED_TIME_S);
}

async function changeJson<T>(path: string, change: (value: T) => T): Promise<void> {
  const value = change(JSON.parse(await Deno.readTextFile(path)));
  await writeStaged(path, new TextEncoder().encode(JSON.stringify(value, null, 2)));
}

interface ProjectFile {
  readonly imports?: Readonly<Record<string, string>>;
}

function withoutTestImports(project: ProjectFile): ProjectFile {
  const imports = Object.entries(project.imports ?? {})
    .filter(([name]) => !TEST_PACKAGES.includes(name));
  return { ...project, imports: Object.fromEntries(imports) };
}

interface LockedPackage {
  readonly integrity?: string;
  readonly dependencies?: readonly string[] | undefined;
}

/** What of Deno's lock file, version 5, matters here. */
interface LockFile {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, LockedPackage>>;
  readonly workspace: { readonly dependencies: readonly string[] };
}

/** The lock file without the packages that only tests use, and what only those depend on. */
export function withoutTestPackages(lock: LockFile): LockFile {
  const isOfProgram = (specifier: string) => !TEST_PACKAGES.includes(nameOf(specifier.slice(4)));
  const specifiers = Object.entries(lock.specifiers).filter(([name]) => isOfProgram(name));
  const needed = new Set(
    specifiers.map(([name, version]) => `${nameOf(name.slice(4))}@${version}`),
  );
  for (const key of needed) {
    for (const name of lock.npm[key]?.dependencies ?? []) {
      // A dependency of which there is one version is named without it.
      for (const other of Object.keys(lock.npm)) {
        if (other === name || nameOf(other) === name) needed.add(other);
      }
    }
  }
  return {
    ...lock,
    specifiers: Object.fromEntries(specifiers),
    npm: Object.fromEntries(Object.entries(lock.npm).filter(([key]) => needed.has(key))),
    workspace: {
      ...lock.workspace,
      dependencies: lock.workspace.dependencies.filter(isOfProgram),
    },
  };
}

/** "@scope/name@1.2.3_peer@4" is of "@scope/name". */
function nameOf(versioned: string): string {
  return versioned.slice(0, versioned.indexOf("@", 1));
}
