import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { BuildError } from "../../tools/build/build_error.ts";
import { lockedClosure } from "../../tools/build/npm_folder.ts";
import { buildPage, PAGE_OUTPUT } from "../../tools/build/page.ts";
import { tempFolder } from "../support/temp_folder.ts";

const LOCK = {
  specifiers: {
    "npm:preact@11.2.0": "11.2.0",
    "npm:@preact/signals@2.11.4": "2.11.4_preact@11.2.0",
  },
  npm: {
    "preact@11.2.0": {},
    "@preact/signals@2.11.4_preact@11.2.0": { dependencies: ["@preact/signals-core", "preact"] },
    "@preact/signals-core@1.14.5": {},
    "zod@4.6.7": {},
  },
};

Deno.test("lockedClosure() finds a package with what it needs, each once", () => {
  const found = lockedClosure(LOCK, ["preact", "@preact/signals"]);
  deepStrictEqual(found.map(({ name, version }) => `${name} ${version}`).toSorted(), [
    "@preact/signals 2.11.4",
    "@preact/signals-core 1.14.5",
    "preact 11.2.0",
  ]);
});

Deno.test("lockedClosure() says which package the lock file lacks", () => {
  throws(() => lockedClosure(LOCK, ["hls.js"]), (error) => {
    ok(error instanceof BuildError);
    return /"hls\.js"/.test(error.message);
  });
});

/** The repository's top, with "/" at its end. */
const TOP = new URL("../../", import.meta.url).pathname;

async function copyInto(from: string, into: string): Promise<void> {
  await Deno.mkdir(into, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyInto(join(from, name), join(into, name));
    else await Deno.copyFile(join(from, name), join(into, name));
  }
}

Deno.test("buildPage() makes a page of its own files alone, with nothing inline, and only once", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  for (const name of ["page", "docs", "tools/build", "tools/docs"]) {
    await copyInto(join(TOP, name), join(root, name));
  }
  for (const name of ["deno.json", "deno.lock"]) {
    await Deno.copyFile(join(TOP, name), join(root, name));
  }
  const { manifest, isNew } = await buildPage(root, { isBrief: true });
  ok(isNew);
  const output = join(root, PAGE_OUTPUT);
  for (const { path, gzip } of manifest.files) {
    const bytes = await Deno.readFile(join(output, path));
    if (gzip === null) continue;
    const packed = gunzipSync(await Deno.readFile(join(output, gzip.path)));
    ok(packed.equals(bytes), `${gzip.path} is not ${path}`);
  }
  const page = await Deno.readTextFile(join(output, manifest.index));
  const asked = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  deepStrictEqual(
    asked.filter((path) => !manifest.files.some((file) => `/${file.path}` === path)),
    [],
  );
  strictEqual(/<script>|<style|\sstyle=|\son\w+=/.test(page), false, "something is inline");
  strictEqual((await buildPage(root, { isBrief: true })).isNew, false);
});

Deno.test("the page's sources name no other host and write no markup as text", async () => {
  const sources = await textsBelow(join(TOP, "page"));
  for (const [path, text] of sources) {
    const hosts = [...text.matchAll(/\b(?:https?|wss?):\/\/[\w.-]+/g)].map((match) => match[0]);
    // The name of SVG's vocabulary is never fetched.
    deepStrictEqual(hosts.filter((host) => host !== "http://www.w3.org"), [], path);
    strictEqual(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text), false, path);
  }
});

async function textsBelow(folder: string): Promise<[path: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await textsBelow(path));
    else found.push([path, await Deno.readTextFile(path)]);
  }
  return found;
}
