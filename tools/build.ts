// deno-lint-ignore-file no-console
/**
 * Builds the executable: `dist/lookback`, one file that needs nothing beside it
 * but ffmpeg, or not even that.
 *
 * Run as `./dev build`, at the repository's top. How and why:
 * docs/design/executable.md.
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import project from "../deno.json" with { type: "json" };
import type { BuildInfo, EmbeddedProgram } from "../src/host/build_info.ts";
import { type BaseRuntime, baseRuntime } from "./build/base_runtime.ts";
import { BuildError } from "./build/build_error.ts";
import { bundleProgram } from "./build/bundle.ts";
import { commitLabel, readGitState } from "./build/commit.ts";
import { BUILD_INFO_FILE, compileArgs } from "./build/compile_args.ts";
import { checkPrograms, embedPrograms } from "./build/embed.ts";
import { sha256OfFile } from "./build/hash.ts";
import { packageLicences } from "./build/licences.ts";
import { hasDetector, makeDetector } from "./build/model.ts";
import { embedDetector } from "./build/model_embed.ts";
import { type BuildOptions, parseBuildOptions, USAGE } from "./build/options.ts";
import { mustRun } from "./build/run.ts";
import { lockedClosure } from "./build/npm_folder.ts";
import { buildPage, PAGE_OUTPUT, PAGE_PACKAGES } from "./build/page.ts";
import { levelTimes, PROGRAM_PATHS, stage } from "./build/stage.ts";
import { LICENCES_FILE } from "../src/host/package_licences.ts";

function say(line: string): void {
  console.error(`build: ${line}`);
}

async function build(options: BuildOptions): Promise<void> {
  const { target, output } = options;
  const scratch = await Deno.makeTempDir({ prefix: "lookback-build-" });
  try {
    await mustRun(Deno.execPath(), ["check", "--quiet", "main.ts", ...project.compile.include]);
    const commit = commitLabel(await readGitState(".", PROGRAM_PATHS));
    const runtime = await baseRuntime({
      target,
      denoVersion: Deno.version.deno,
      given: Deno.env.get("DENORT_BIN"),
      scratch,
      say,
    });
    const { base, ...carried } = await withPrograms(options, { runtime, scratch });
    const info: BuildInfo = { commit, ...carried };
    await Deno.mkdir(dirname(output), { recursive: true });
    const staged = join(scratch, "stage");
    const includes = await stageAll(scratch, staged, info);
    await mustRun(Deno.execPath(), compileArgs({ target, output, includes }), {
      cwd: staged,
      env: { DENORT_BIN: base ?? undefined, NO_COLOR: "1" },
    });
    await report(options, { commit, runtime });
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Fills the folder that is compiled; returns what `deno compile` can't find in it by itself. */
async function stageAll(scratch: string, staged: string, info: BuildInfo): Promise<string[]> {
  const sources = join(scratch, "sources");
  await stage(".", sources, PROGRAM_PATHS);
  const { workers, packages, packageFolder } = await bundleProgram(sources, staged);
  await buildPage(Deno.cwd());
  await stage(".", staged, [PAGE_OUTPUT]);
  const lock = JSON.parse(await Deno.readTextFile("deno.lock"));
  const ofPage = lockedClosure(lock, PAGE_PACKAGES).map(({ name, version }) =>
    `${name}@${version}`
  );
  const carried = [...new Set([...packages, ...ofPage])];
  const licences = await packageLicences(carried, packageFolder);
  await Deno.writeTextFile(join(staged, LICENCES_FILE), JSON.stringify(licences));
  await Deno.writeTextFile(join(staged, BUILD_INFO_FILE), JSON.stringify(info));
  await levelTimes(staged);
  return [...workers, PAGE_OUTPUT, LICENCES_FILE, BUILD_INFO_FILE];
}

/** The base for `deno compile`, and what stands behind its end. */
interface Base {
  /** Null where Deno has its own and nothing is embedded. */
  readonly base: string | null;
  readonly embedded: readonly EmbeddedProgram[];
  readonly detector: readonly EmbeddedProgram[];
}

async function withPrograms(
  { programs, target, withoutDetector }: BuildOptions,
  { runtime, scratch }: { readonly runtime: BaseRuntime; readonly scratch: string },
): Promise<Base> {
  const wantsDetector = withoutDetector !== true && hasDetector(target);
  if (!wantsDetector) say("without the object detector: vision looks for movement only");
  if (programs === null && !wantsDetector) {
    return { base: runtime.path, embedded: [], detector: [] };
  }
  const base = join(scratch, "base");
  await Deno.copyFile(runtime.carrier, base);
  const embedded = programs === null ? [] : await withFfmpeg(programs, { target, runtime, base });
  const detector = wantsDetector ? await embedDetector(await makeDetector(target, say), base) : [];
  return { base, embedded, detector };
}

async function withFfmpeg(
  programs: NonNullable<BuildOptions["programs"]>,
  { target, runtime, base }: {
    readonly target: string;
    readonly runtime: BaseRuntime;
    readonly base: string;
  },
): Promise<readonly EmbeddedProgram[]> {
  for (const name of await checkPrograms(programs, target)) {
    say(`warning: ${name} is not static: it runs only where its shared libraries are installed`);
  }
  return await embedPrograms(programs, { base: runtime.carrier, output: base });
}

/** Says what was made; starts it, where this machine can. */
async function report(
  { target, output }: BuildOptions,
  { commit, runtime }: { readonly commit: string; readonly runtime: BaseRuntime },
): Promise<void> {
  const path = await Deno.stat(output).then(() => output, () => `${output}.exe`);
  const { size } = await Deno.stat(path);
  say(`${relative(Deno.cwd(), path)}: ${project.version} (${commit}) for ${target}`);
  say(`${(size / 1e6).toFixed(1)} MB, SHA-256 ${await sha256OfFile(path)}`);
  say(`base runtime: ${runtime.origin}`);
  if (target !== Deno.build.target) return;
  const startedAt = performance.now();
  const version = await mustRun(path, ["--version"]);
  const tookMs = Math.round(performance.now() - startedAt);
  const wanted = `lookback ${project.version} (${commit})`;
  if (version !== wanted) {
    await Deno.remove(path);
    throw new BuildError(
      `Cannot use what was built: --version prints "${version}", need "${wanted}"\n` +
        "  fix: if DENORT_BIN is set, have it name a denort of this Deno version, not deno itself",
    );
  }
  say(`"${version}" printed in ${tookMs} ms`);
}

if (import.meta.main) {
  try {
    const options = parseBuildOptions(Deno.args, { host: Deno.build.target, cwd: Deno.cwd() });
    if (options === "help") console.log(USAGE);
    else await build(options);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(error.message);
    Deno.exit(1);
  }
}
