/**
 * Makes few files of JavaScript out of the program and the packages that it uses:
 * one for each beginning (the command line, each Worker) and what they share. The
 * executable then starts sooner and takes less memory than with hundreds of modules
 * and whole packages, of which it would read every file at each start.
 *
 * In:  a folder with the sources, deno.json and deno.lock (stage.ts).
 * Out: a folder for `deno compile`, and what is in it.
 *
 * Design: docs/design/executable.md, "One bundle"
 *
 * @module
 */

import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { build, type Plugin, stop } from "esbuild";
import { BuildError } from "./build_error.ts";
import { mustRun } from "./run.ts";

/** As deep as a module of a room: places relative to a module are the same. */
const BUNDLED_FOLDER = join("src", "bundled");
const BUNDLED_DEPTH = 2;

const MAIN = `import { main } from "./src/bundled/cli_main.js";

if (import.meta.main) Deno.exit(await main(Deno.args));
`;

/** Packages of CommonJS call `require` for Node's own modules; modules of JavaScript have none. */
const BANNER = 'import { createRequire as makeRequire } from "node:module";\n' +
  "const require = makeRequire(import.meta.url);";

/** A Worker's module, as it is named where the Worker is started. */
const WORKER_URL = /new URL\("(\.{1,2}\/[^"]+\.ts)", import\.meta\.url\)/g;

/** Where a module asks for its own place. */
const OWN_PLACE = /import\.meta\.(dirname|filename|url)/;

export interface Bundle {
  /** Modules that are started as Workers: `deno compile` can't see them. Relative to the folder. */
  readonly workers: readonly string[];
  /** Packages that are in it, such as "zod@4.6.7". */
  readonly packages: readonly string[];
  /** Where Deno laid those packages out, with all others of the lock file. */
  readonly packageFolder: string;
}

/**
 * @param from Folder with the sources; packages are laid out in it.
 * @param into Folder that `deno compile` is run in.
 *
 * @throws {BuildError} If something can't be found or read.
 */
export async function bundleProgram(from: string, into: string): Promise<Bundle> {
  const project = JSON.parse(await Deno.readTextFile(join(from, "deno.json")));
  const workers: readonly string[] = project.compile.include;
  await layOutPackages(from, project);
  const names = new Map(["src/cli/main.ts", ...workers].map((path) => [path, bundledName(path)]));
  try {
    const { metafile } = await build({
      absWorkingDir: from,
      entryPoints: Object.fromEntries([...names].map(([path, name]) => [name, path])),
      outdir: join(into, BUNDLED_FOLDER),
      entryNames: "[name]",
      chunkNames: "[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      mainFields: ["module", "main"],
      target: "esnext",
      legalComments: "none",
      banner: { js: BANNER },
      plugins: [nodeModules, workerUrls(from, names)],
      metafile: true,
      logLevel: "silent",
    });
    await Deno.writeTextFile(join(into, "main.ts"), MAIN);
    await Deno.writeTextFile(join(into, "deno.json"), JSON.stringify({ version: project.version }));
    return {
      workers: workers.map((path) => join(BUNDLED_FOLDER, `${bundledName(path)}.js`)),
      packages: packagesAmong(Object.keys(metafile.inputs)),
      packageFolder: join(from, "node_modules", ".deno"),
    };
  } catch (error) {
    if (!(error instanceof Error) || !("errors" in error)) throw error;
    throw new BuildError(`Cannot bundle the program:\n${error.message}`);
  } finally {
    await stop();
  }
}

/** "src/vision/worker.ts" becomes "vision_worker": all lie side by side. */
export function bundledName(path: string): string {
  return path.replace(/^src\//, "").replace(/\.ts$/, "").replaceAll("/", "_");
}

/** In how many folders a file lies. */
function depthOf(path: string): number {
  return path.split(sep).length - 1;
}

/** Packages with their versions, out of paths such as "node_modules/.deno/@a+b@1.0.0/node_modules/…". */
export function packagesAmong(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    const [, folder] = /node_modules\/\.deno\/([^/]+)\/node_modules\//.exec(path) ?? [];
    // Behind the version stands what others decided about it: "hono@4.13.19_zod@4.6.7".
    const [versioned] = /^@?[^@]+@[^_]+/.exec(folder ?? "") ?? [];
    return versioned === undefined ? [] : [versioned.replace("+", "/")];
  });
  return [...new Set(found)].toSorted();
}

/** Has Deno lay the packages out as a bundler looks for them, of exactly the locked versions. */
async function layOutPackages(
  folder: string,
  // The page's settings lie in its folder, which is not here.
  { workspace: _, ...project }: { readonly workspace?: readonly string[] },
): Promise<void> {
  const changed = { ...project, nodeModulesDir: "auto" };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(changed));
  await mustRun(Deno.execPath(), ["install", "--quiet", "--frozen"], { cwd: folder });
}

/** Deno knows Node's modules only under their whole names. */
const nodeModules: Plugin = {
  name: "node-modules",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) => {
      if (path.startsWith("node:")) return { path, external: true };
      return isBuiltin(path) ? { path: `node:${path}`, external: true } : undefined;
    });
  },
};

/** Has Workers started from the bundle's files. */
function workerUrls(from: string, names: ReadonlyMap<string, string>): Plugin {
  return {
    name: "worker-urls",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path.includes("node_modules")) return undefined;
        const text = await Deno.readTextFile(path);
        const own = relative(from, path);
        if (OWN_PLACE.test(text.replaceAll(WORKER_URL, "")) && depthOf(own) !== BUNDLED_DEPTH) {
          throw new BuildError(`Cannot bundle "${own}": it asks for its place, and would be moved`);
        }
        const contents = text.replace(WORKER_URL, (_, module: string) => {
          const worker = relative(from, resolve(dirname(path), module));
          const name = names.get(worker);
          if (name === undefined) {
            throw new BuildError(`Cannot bundle "${worker}": deno.json does not include it`);
          }
          return `new URL("./${name}.js", import.meta.url)`;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}
