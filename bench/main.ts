/**
 * The whole bench: what `lookback bench` measures, and beside it the programs that a
 * user would take instead. Writes dist/bench.json and, when all was measured, the
 * figures of docs/performance.md.
 *
 * Run as `./dev bench`, at the repository's top. The executable is built first when the
 * sources are newer than it is.
 *
 * @module
 */

import { PEER_SECTION_IDS, SECTION_IDS } from "../src/bench/section_ids.ts";
import { measurements } from "../src/bench/sections.ts";
import { reportJson } from "../src/bench/report.ts";
import { type Bench, benchCommand } from "../src/cli/bench.ts";
import { note } from "../src/cli/terminal.ts";
import { messageOf, OperatorError } from "../src/base/errors.ts";
import { writePerformancePage } from "../tools/performance.ts";
import { readSourceFiles } from "../tools/source_files.ts";
import { measureCutRoute } from "./cut_route.ts";
import { recordingPeers } from "./recording_peers.ts";

const EXECUTABLE = "dist/lookback";
const REPORT = "dist/bench.json";

const WITH_PEERS: Bench = {
  example: "./dev bench --only cut-route",
  ids: [...SECTION_IDS, ...PEER_SECTION_IDS],
  measurements(options) {
    const own = measurements(options, { findPeers: recordingPeers });
    const { archive: shared } = own;
    const cutRoute = {
      id: "cut-route",
      prepare: () => shared.get().then(() => {}),
      measure: () => measureCutRoute({ ...options, shared }),
    };
    // While the archive is small: its database is not what is compared.
    const all = own.all.flatMap((each) => each.id === "retrieval" ? [cutRoute, each] : [each]);
    return Promise.resolve({
      all,
      ready: buildIfOlder(options.onProgress),
      [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    });
  },
  async onReport(report, extent) {
    await Deno.mkdir("dist", { recursive: true });
    await Deno.writeTextFile(REPORT, `${JSON.stringify(reportJson(report), null, 2)}\n`);
    note(`Wrote ${REPORT}`);
    if (extent === "all" && report.failures.length === 0) await writePerformancePage(REPORT);
  },
};

/** Where it can't be built, commands are measured from the sources, and the report says so. */
async function buildIfOlder(onProgress: (line: string) => void): Promise<void> {
  const builtAt = await Deno.stat(EXECUTABLE).then(
    ({ mtime }) => mtime?.getTime(),
    () => undefined,
  );
  const paths = [
    ...(await readSourceFiles("src")).map(({ path }) => path),
    ...(await readSourceFiles("tools/build")).map(({ path }) => path),
    ...["config.ts", "deno.json", "deno.lock", "main.ts", "tools/build.ts"],
  ];
  const times = await Promise.all(paths.map(async (path) => (await Deno.stat(path)).mtime));
  const newest = Math.max(...times.map((time) => time?.getTime() ?? 0));
  if (builtAt !== undefined && builtAt >= newest) return;
  onProgress("the executable is built, and archives are made meanwhile");
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build"],
    stdin: "null",
    stdout: "null",
  }).output();
  if (code !== 0) {
    await Deno.remove(EXECUTABLE).catch(() => {});
    note("Cannot build the executable: commands are measured from the sources");
  }
}

if (import.meta.main) {
  try {
    await benchCommand(WITH_PEERS).parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    note(error instanceof OperatorError ? error.toText() : messageOf(error));
    Deno.exit(1);
  }
  Deno.exit(Deno.exitCode);
}
