// deno-lint-ignore-file no-console
/**
 * Builds the browser's page: `page/` becomes `dist/page/`, a handful of small files
 * with hashed names, each with its packed copy beside it, and a manifest.
 *
 * Run as `./dev page`, at the repository's top. Does nothing where the page is
 * already built from these sources; `--brief` says no more than what it comes to.
 *
 * Design: docs/design/page.md
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { BuildError } from "./build_error.ts";
import { sha256Of } from "./hash.ts";
import { linkPackages, lockedClosure } from "./npm_folder.ts";
import { type PageFile, type PageManifest, sentBytes, typeOf } from "./page_manifest.ts";

/** Where the page is put, from the repository's top. */
export const PAGE_OUTPUT = "dist/page";

/** Packages of deno.json that the page imports. */
export const PAGE_PACKAGES: readonly string[] = ["@preact/signals", "hls.js", "preact", "yaml"];

/** Everything but the player, as it is sent. */
const MOST_BYTES = 250_000;

/** What the page is made of, beside `page/`. */
const BUILDERS: readonly string[] = ["page.ts", "page_manifest.ts", "npm_folder.ts"];

/** Smaller files fit into one packet either way. */
const LEAST_TO_PACK_BYTES = 1_000;

interface Output {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Part of the library that plays HLS. */
  readonly isPlayer: boolean;
  /** Part of the guide, which nobody waits for. */
  readonly isGuide?: boolean;
}

/**
 * Builds the page, where its sources have changed.
 *
 * @returns The manifest, and whether there was something to do.
 * @throws {BuildError} If the sources don't bundle, or the page has become too large.
 */
export async function buildPage(
  root: string,
  { isBrief = false }: { readonly isBrief?: boolean } = {},
): Promise<{ readonly manifest: PageManifest; readonly isNew: boolean }> {
  const output = join(root, PAGE_OUTPUT);
  const inputs = await hashInputs(root);
  const built = await readManifest(output);
  if (built?.inputs === inputs) return { manifest: built, isNew: false };
  const { makeSite } = await import("../docs/site.ts");
  const guide = (await makeSite(root)).map((file) => ({ ...file, isPlayer: false, isGuide: true }));
  const outputs: readonly Output[] = [...await bundle(root), ...guide];
  const files = outputs.map((made) => ({ ...made, ...packed(made) }));
  if (!isBrief) { for (const made of files) console.error(`page: ${sizeText(made)}`); }
  checkSize(files);
  const manifest = { inputs, index: "index.html", files: files.map(({ file }) => file) };
  await replaceFolder(output, [
    ...files.flatMap(({ path, bytes, file, gzip }) => [
      { path, bytes },
      ...(file.gzip === null || gzip === null ? [] : [{ path: file.gzip.path, bytes: gzip }]),
    ]),
    { path: "manifest.json", bytes: new TextEncoder().encode(JSON.stringify(manifest, null, 2)) },
  ]);
  return { manifest, isNew: true };
}

async function readManifest(output: string): Promise<PageManifest | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(output, "manifest.json")));
  } catch (error) {
    // Half a manifest is none: it is written anew.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Paths and contents of all sources, and the versions of the packages, as one hash. */
async function hashInputs(root: string): Promise<string> {
  const project = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const lines = [...PAGE_PACKAGES, "esbuild", "marked"].map((name) =>
    `${name} ${project.imports[name]}`
  );
  const builders = BUILDERS.map((name) => join(root, "tools/build", name));
  const folders = await Promise.all(
    ["page", "docs", "tools/docs"].map((folder) => filesBelow(join(root, folder))),
  );
  const inputs = folders.flat().filter((path) => !path.endsWith(".docx"));
  for (const path of [...builders, ...inputs].toSorted()) {
    lines.push(`${relative(root, path)} ${await sha256Of(await Deno.readFile(path))}`);
  }
  return await sha256Of(new TextEncoder().encode(lines.join("\n")));
}

async function filesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) paths.push(...await filesBelow(path));
    else paths.push(path);
  }
  return paths;
}

async function bundle(root: string): Promise<readonly Output[]> {
  // Only here: most runs find the page built, and shall not wait for it.
  const esbuild = await import("esbuild");
  const scratch = await Deno.makeTempDir({ prefix: "lookback-page-" });
  try {
    const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
    await linkPackages(lockedClosure(lock, PAGE_PACKAGES), scratch);
    const result = await esbuild.build({
      absWorkingDir: root,
      entryPoints: { main: "page/main.tsx", style: "page/style.css" },
      outdir: "out/assets",
      entryNames: "[name]-[hash]",
      chunkNames: "[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      target: ["chrome114", "firefox120", "safari17.5"],
      minify: true,
      legalComments: "eof",
      // The settings of page/deno.json, which esbuild does not read.
      tsconfigRaw: { compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" } },
      nodePaths: [scratch],
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    const scripts = result.outputFiles.map(({ path, contents }) => {
      const name = relative(root, path);
      const inputs = Object.keys(result.metafile.outputs[name]?.inputs ?? {});
      return {
        path: relative("out", name),
        bytes: contents as Uint8Array<ArrayBuffer>,
        isPlayer: inputs.some((input) => input.includes("hls.js")),
      };
    });
    return [...scripts, ...await pageOf(root, scripts)];
  } catch (error) {
    if (!(error instanceof Error) || !("errors" in error)) throw error;
    throw new BuildError(`Cannot bundle the page:\n${error.message}`);
  } finally {
    await esbuild.stop();
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The page itself and its icon, with the names that the others got. */
async function pageOf(root: string, scripts: readonly Output[]): Promise<readonly Output[]> {
  const icon = await Deno.readFile(join(root, "page/icon.svg"));
  const iconPath = `assets/icon-${(await sha256Of(icon)).slice(0, 8).toUpperCase()}.svg`;
  const named = (start: string) =>
    scripts.find(({ path }) => path.startsWith(`assets/${start}-`) && !path.endsWith(".map"))!.path;
  const template = await Deno.readTextFile(join(root, "page/index.html"));
  const text = template
    .replace("{{main.js}}", `/${named("main")}`)
    .replace("{{main.css}}", `/${named("style")}`)
    .replace("{{icon.svg}}", `/${iconPath}`);
  return [
    { path: iconPath, bytes: icon, isPlayer: false },
    { path: "index.html", bytes: new TextEncoder().encode(text), isPlayer: false },
  ];
}

function packed(
  { path, bytes }: Output,
): { readonly file: PageFile; readonly gzip: Uint8Array<ArrayBuffer> | null } {
  const gzip = bytes.length < LEAST_TO_PACK_BYTES
    ? null
    : new Uint8Array(gzipSync(bytes, { level: 9 }));
  const file = {
    path,
    type: typeOf(path),
    bytes: bytes.length,
    gzip: gzip === null ? null : { path: `${path}.gz`, bytes: gzip.length },
    isHashed: path.startsWith("assets/"),
  };
  return { file, gzip };
}

function checkSize(
  files: readonly {
    readonly isPlayer: boolean;
    readonly isGuide?: boolean;
    readonly file: PageFile;
  }[],
): void {
  const total = (which: boolean) =>
    files.filter(({ isPlayer, isGuide }) => isPlayer === which && isGuide !== true)
      .reduce((sum, { file }) => sum + sentBytes(file), 0);
  const [page, player] = [total(false), total(true)];
  console.error(`page: ${kbText(page)} as sent, and the player ${kbText(player)}`);
  if (page <= MOST_BYTES) return;
  const limit = kbText(MOST_BYTES);
  throw new BuildError(
    `Cannot accept the page: it has ${kbText(page)} without the player, ${limit} is the limit`,
  );
}

function sizeText(
  { file, isPlayer }: { readonly file: PageFile; readonly isPlayer: boolean },
): string {
  return `${file.path}: ${kbText(sentBytes(file))}${isPlayer ? ", player" : ""}`;
}

function kbText(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** A server that starts meanwhile finds the old page or the new one, or none for an instant. */
async function replaceFolder(
  output: string,
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  const fresh = `${output}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(join(fresh, "assets"), { recursive: true });
    for (const { path, bytes } of files) {
      await Deno.mkdir(dirname(join(fresh, path)), { recursive: true });
      await Deno.writeFile(join(fresh, path), bytes);
    }
    await Deno.remove(output, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await Deno.rename(fresh, output);
  } finally {
    await Deno.remove(fresh, { recursive: true }).catch(() => {});
  }
}

if (import.meta.main) {
  try {
    await buildPage(Deno.cwd(), { isBrief: Deno.args.includes("--brief") });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`page: ${error.message}`);
    Deno.exit(1);
  }
}
