import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { downloadFailure } from "../../tools/build/base_runtime.ts";
import { BuildError } from "../../tools/build/build_error.ts";
import { bundledName, bundleProgram, packagesAmong } from "../../tools/build/bundle.ts";
import { commitLabel } from "../../tools/build/commit.ts";
import { compileArgs } from "../../tools/build/compile_args.ts";
import { readElf } from "../../tools/build/elf.ts";
import { checkPrograms, elfProblem } from "../../tools/build/embed.ts";
import { pinnedRuntime } from "../../tools/build/npm_runtime.ts";
import { parseBuildOptions } from "../../tools/build/options.ts";
import { ENVIRONMENT, PERMISSIONS, SYSTEM_FACTS } from "../../tools/build/permissions.ts";
import { levelTimes, PROGRAM_PATHS, stage } from "../../tools/build/stage.ts";
import { readSourceFiles } from "../../tools/source_files.ts";
import { carrierOf } from "../support/carrier.ts";
import { turn } from "../support/pause.ts";
import { allProcesses } from "../support/processes.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { until } from "../support/until.ts";

const HOST = "x86_64-unknown-linux-gnu";
const ARM = "aarch64-unknown-linux-gnu";
const HERE = { host: HOST, cwd: "/repo" };

const OPTIONS = [
  {
    name: "builds dist/lookback for this system when nothing is asked",
    args: [],
    options: { target: HOST, output: "/repo/dist/lookback", programs: null },
  },
  {
    name: "gives another system's executable a name of its own",
    args: ["--target", ARM],
    options: { target: ARM, output: `/repo/dist/lookback-${ARM}`, programs: null },
  },
  {
    name: "finds ffprobe beside ffmpeg",
    args: ["--with-ffmpeg", "bin/ffmpeg", "--output", "/tmp/out"],
    options: {
      target: HOST,
      output: "/tmp/out",
      programs: { ffmpeg: "/repo/bin/ffmpeg", ffprobe: "/repo/bin/ffprobe" },
    },
  },
  { name: "notices a call for help", args: ["--help"], options: "help" },
] as const;

for (const { name, args, options } of OPTIONS) {
  Deno.test(`parseBuildOptions() ${name}`, () => {
    deepStrictEqual(parseBuildOptions(args, HERE), options);
  });
}

const REFUSED = [
  { args: ["--with-ffmpeg", "x", "--target", "aarch64-apple-darwin"], says: /only Linux/ },
  { args: ["--fast"], says: /--fast[^]*usage: \.\/dev build/ },
  { args: ["--target"], says: /--target[^]*usage: \.\/dev build/ },
] as const;

for (const { args, says } of REFUSED) {
  Deno.test(`parseBuildOptions() refuses ${args.join(" ")}`, () => {
    throws(() => parseBuildOptions(args, HERE), (error) => {
      ok(error instanceof BuildError);
      return says.test(error.message);
    });
  });
}

Deno.test("commitLabel() names the commit, says when the sources differ, and when there is none", () => {
  const head = "abc1234def5678900000000000000000000000ff";
  strictEqual(commitLabel({ head, hasChanges: false }), "abc1234");
  strictEqual(commitLabel({ head, hasChanges: true }), "abc1234+changes");
  strictEqual(commitLabel({ head: null, hasChanges: false }), "unknown");
});

Deno.test("pinnedRuntime() serves exactly one version on exactly one system", () => {
  strictEqual(pinnedRuntime({ denoVersion: "2.7.11", target: HOST })?.sizeBytes, 97_076_048);
  strictEqual(pinnedRuntime({ denoVersion: "2.7.12", target: HOST }), undefined);
  strictEqual(pinnedRuntime({ denoVersion: "2.7.11", target: ARM }), undefined);
});

const SAID = `error: Writing deno compile executable to temporary file 'x.tmp'

Caused by:
    0: Setting up base binary.
    1: client error (Connect)
    2: failed to lookup address information

Stack backtrace:
   0: <unknown>
`;

Deno.test("downloadFailure() gives the innermost cause, else the error, else says that there is none", () => {
  strictEqual(downloadFailure(SAID), "failed to lookup address information");
  strictEqual(downloadFailure("error: no such target\n"), "no such target");
  strictEqual(downloadFailure(""), "it does not say why");
});

/** The head of a program: one segment of a type, for a processor. */
function elfHead(processor: number, segmentType: number): Uint8Array {
  const head = new Uint8Array(64 + 56);
  const view = new DataView(head.buffer);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setUint16(18, processor, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, segmentType, true);
  return head;
}

Deno.test("readElf() tells processor and need of shared libraries", () => {
  deepStrictEqual(readElf(elfHead(62, 3)), { processor: "x86_64", isDynamic: true });
  deepStrictEqual(readElf(elfHead(183, 1)), { processor: "aarch64", isDynamic: false });
  deepStrictEqual(readElf(elfHead(40, 1)), { processor: "other", isDynamic: false });
  strictEqual(readElf(new TextEncoder().encode("#!/bin/sh\n".repeat(20))), undefined);
  strictEqual(readElf(new Uint8Array(3)), undefined);
});

Deno.test("elfProblem() refuses what can't run on the target", () => {
  strictEqual(elfProblem({ processor: "x86_64", isDynamic: false }, HOST), undefined);
  strictEqual(
    elfProblem({ processor: "x86_64", isDynamic: false }, ARM),
    "it is for another processor (found x86_64, need aarch64)",
  );
  strictEqual(elfProblem(undefined, HOST), "it is no Linux program");
});

Deno.test("checkPrograms() names the programs that need shared libraries", async () => {
  await using folder = await tempFolder();
  const files = { ffmpeg: join(folder.path, "ffmpeg"), ffprobe: join(folder.path, "ffprobe") };
  await Deno.writeFile(files.ffmpeg, elfHead(62, 3));
  await Deno.writeFile(files.ffprobe, elfHead(62, 1));
  deepStrictEqual(await checkPrograms(files, HOST), ["ffmpeg"]);
});

Deno.test("embedPrograms() records where each program lies in the executable", async () => {
  await using folder = await tempFolder();
  const { executable, embedded } = await carrierOf(folder.path, { ffmpeg: "film", ffprobe: "lo" });
  const bytes = await Deno.readFile(executable);
  const texts = embedded.map(({ name, offset, sizeBytes }) => [
    name,
    new TextDecoder().decode(bytes.subarray(offset, offset + sizeBytes)),
  ]);
  deepStrictEqual(texts, [["ffmpeg", "film"], ["ffprobe", "lo"]]);
});

Deno.test("stage() copies what is named and nothing else, and levelTimes() gives all one time", async () => {
  await using folder = await tempFolder();
  const from = join(folder.path, "from");
  const into = join(folder.path, "into");
  await Deno.mkdir(join(from, "src/base"), { recursive: true });
  for (const path of PROGRAM_PATHS.filter((path) => path.includes("."))) {
    await Deno.writeTextFile(join(from, path), path);
  }
  await Deno.writeTextFile(join(from, "src/base/a.ts"), "a");
  await Deno.writeTextFile(join(from, "secrets.txt"), "not this");
  await stage(from, into, PROGRAM_PATHS);
  await levelTimes(into);
  const found = (await Array.fromAsync(Deno.readDir(into))).map(({ name }) => name).toSorted();
  deepStrictEqual(found, PROGRAM_PATHS.toSorted());
  for (const path of ["main.ts", "src/base/a.ts"]) {
    strictEqual((await Deno.stat(join(into, path))).mtime?.getTime(), 0, path);
  }
});

Deno.test("bundledName() tells two Workers of the same name apart", () => {
  strictEqual(bundledName("src/vision/worker.ts"), "vision_worker");
  strictEqual(bundledName("src/capture/worker.ts"), "capture_worker");
});

Deno.test("packagesAmong() finds packages with and without a scope, each once", () => {
  deepStrictEqual(
    packagesAmong([
      "src/cli/main.ts",
      "node_modules/.deno/@clack+core@1.6.0/node_modules/@clack/core/a.mjs",
      "node_modules/.deno/@clack+core@1.6.0/node_modules/@clack/core/b.mjs",
      "node_modules/.deno/hono@4.13.19_zod@4.6.7/node_modules/hono/index.js",
      "node_modules/.deno/string_decoder@1.3.0/node_modules/string_decoder/lib/a.js",
    ]),
    ["@clack/core@1.6.0", "hono@4.13.19", "string_decoder@1.3.0"],
  );
});

/** A program with a Worker, of which `deno compile` would have to be told. */
async function smallProgram(folder: string, include: readonly string[]): Promise<void> {
  await Deno.mkdir(join(folder, "src/cli"), { recursive: true });
  await Deno.mkdir(join(folder, "src/store"), { recursive: true });
  const settings = { version: "1.2.3", compile: { include }, imports: {} };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(settings));
  await Deno.writeTextFile(join(folder, "deno.lock"), JSON.stringify({ version: "5" }));
  await Deno.writeTextFile(
    join(folder, "src/cli/main.ts"),
    'import { start } from "../store/start.ts"; export const main = (args: string[]) => start(args);',
  );
  await Deno.writeTextFile(
    join(folder, "src/store/start.ts"),
    "export const start = (args: string[]) => " +
      'new Promise<number>((end) => { const worker = new Worker(new URL("./work.ts", import.meta.url), ' +
      '{ type: "module" }); worker.onmessage = ({ data }) => { worker.terminate(); end(data); }; ' +
      "worker.postMessage(args.length); });",
  );
  await Deno.writeTextFile(
    join(folder, "src/store/work.ts"),
    "self.onmessage = ({ data }: MessageEvent<number>) => self.postMessage(data + 40);",
  );
}

/** esbuild's own `stop()` ends its process and does not wait for its end. */
async function bundled(from: string, into: string) {
  try {
    return await bundleProgram(from, into);
  } finally {
    // Waited for by Deno too: not even left as a zombie.
    const isGone = async () =>
      !(await allProcesses()).some(({ parent, name }) => parent === Deno.pid && name === "esbuild");
    await until(isGone, { limitMs: END_LIMIT_MS, what: "the end of esbuild" });
    await turn();
  }
}

const END_LIMIT_MS = 10_000;

Deno.test("bundleProgram() makes files that run, with Workers that start out of them", async () => {
  await using folder = await tempFolder();
  const [from, into] = [join(folder.path, "from"), join(folder.path, "into")];
  await smallProgram(from, ["src/store/work.ts"]);
  const { workers, packages } = await bundled(from, into);
  deepStrictEqual(workers, ["src/bundled/store_work.js"]);
  deepStrictEqual(packages, []);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "main.ts", "one", "two"],
    cwd: into,
    stdin: "null",
  }).output();
  strictEqual(code, 42);
});

Deno.test("bundleProgram() refuses a Worker that deno.json does not include", async () => {
  await using folder = await tempFolder();
  await smallProgram(join(folder.path, "from"), []);
  await rejects(
    () => bundled(join(folder.path, "from"), join(folder.path, "into")),
    /Cannot bundle "src\/store\/work.ts": deno.json does not include it/,
  );
});

Deno.test("bundleProgram() refuses a module that asks for its place, and would be elsewhere", async () => {
  await using folder = await tempFolder();
  const from = join(folder.path, "from");
  await smallProgram(from, ["src/store/work.ts"]);
  await Deno.mkdir(join(from, "src/store/deep"));
  await Deno.writeTextFile(
    join(from, "src/store/deep/place.ts"),
    "export const place = import.meta.dirname;",
  );
  await Deno.writeTextFile(
    join(from, "src/cli/main.ts"),
    'import { place } from "../store/deep/place.ts"; export const main = () => place;',
  );
  await rejects(
    () => bundled(from, join(folder.path, "into")),
    /Cannot bundle "src\/store\/deep\/place.ts": it asks for its place/,
  );
});

Deno.test("compileArgs() includes what is named and allows no more than is listed", () => {
  const args = compileArgs({ target: ARM, output: "/out", includes: ["a.js", "b.json"] });
  ok(args.join(" ").includes("--include a.js --include b.json"));
  ok(args.includes("--no-code-cache"));
  deepStrictEqual(args.filter((arg) => /^(-A|--allow-all|-P)/.test(arg)), []);
  deepStrictEqual(
    args.filter((arg) => arg.startsWith("--allow")),
    PERMISSIONS.map(({ flag }) => flag).filter((flag) => flag.startsWith("--allow")),
  );
});

Deno.test("the executable may read every environment variable that the sources ask for", async () => {
  const files = await readSourceFiles("src");
  const asked = files.flatMap(({ text }) =>
    [...text.matchAll(/(?:env\.get\(|_VARIABLE = )"([A-Z_]+)"/g)].map((match) => match[1] ?? "")
  );
  const isAllowed = (name: string) => ENVIRONMENT.includes(name) || name.startsWith("LOOKBACK_");
  ok(asked.includes("PATH"), "the search finds nothing any more");
  deepStrictEqual(asked.filter((name) => !isAllowed(name)), []);
});

/** Calls behind --allow-sys, of Deno and of node:fs. */
const SYSTEM_CALLS =
  /\b(?:Deno\.(hostname|osRelease|osUptime|loadavg|networkInterfaces|systemMemoryInfo|uid|gid)|(statfs))\(/g;

Deno.test("the executable may ask the machine for what the sources ask, and for nothing else", async () => {
  const asked = (await readSourceFiles("src")).flatMap(({ text }) =>
    [...text.matchAll(SYSTEM_CALLS)].map((match) => match[1] ?? match[2] ?? "")
  );
  const calls = new Set(asked);
  deepStrictEqual([...calls].toSorted(), SYSTEM_FACTS.toSorted());
});

Deno.test("deno.json includes every Worker in the executable", async () => {
  const started = (await readSourceFiles("src")).flatMap(({ path, text }) =>
    [...text.matchAll(/new Worker\(new URL\("([^"]+)"/g)].map((match) =>
      join(path, "..", match[1] ?? "")
    )
  );
  deepStrictEqual(started.toSorted(), project.compile.include.toSorted());
});
