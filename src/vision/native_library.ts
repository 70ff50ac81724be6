/**
 * ONNX Runtime, the native library that runs models: where its files lie, how
 * they get there, and how they are loaded.
 *
 * The executable carries them (host/embedded_ffmpeg.ts unpacks them into the
 * private folder); a run from the sources takes those that `./dev model` made.
 *
 * Loading runs the library's code in this process, so it is done in a
 * detector process, and only for files in a folder that nobody else can write.
 *
 * Design: docs/design/vision.md, "Detector"
 *
 * @module
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { type Tensor, Tensor as TensorClass } from "onnxruntime-common";
import { messageOf, OperatorError } from "../base/errors.ts";
import { type BuildInfo, readBuildInfo } from "../host/build_info.ts";
import { unpackPrograms } from "../host/embedded_ffmpeg.ts";

/** Names of the files, in the executable and on disk. The binding looks for the library beside itself. */
export const DETECTOR_FILES = {
  library: "libonnxruntime.so.1",
  binding: "onnxruntime_binding.node",
  model: "detector.onnx",
} as const;

/** Where the files of a run lie. Absolute. */
export interface DetectorPaths {
  readonly binding: string;
  /** The built-in model. */
  readonly model: string;
}

/** The runtime's part for Node, as far as it is used here. */
export interface OnnxRuntime {
  readonly InferenceSession: new () => OnnxSession;
  initOrtOnce(logLevel: number, tensor: unknown, isNode: boolean): void;
}

export interface OnnxSession {
  loadModel(path: string, options: Readonly<Record<string, unknown>>): void;
  readonly inputMetadata: readonly OnnxValueFacts[];
  readonly outputMetadata: readonly OnnxValueFacts[];
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Readonly<Record<string, null>>,
    options: Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, Tensor>>;
  dispose(): void;
}

export interface OnnxValueFacts {
  readonly name: string;
  readonly isTensor: boolean;
  /** -1 for what the model leaves open. */
  readonly shape: readonly number[];
}

/** What the files' place depends on. */
export interface DetectorSurroundings {
  readonly isStandalone: boolean;
  readonly embedded: NonNullable<BuildInfo["detector"]>;
  /** The executable that carries them. */
  readonly executable: string;
  /** The system, as Deno names it. */
  readonly target: string;
}

/** Where `./dev model` puts the files of a system, below the repository. */
export function sourceFolder(target: string): string {
  return join(import.meta.dirname ?? "", "..", "..", ".tools", `detector-${target}`);
}

/**
 * Sees to it that the files are on disk, whole.
 *
 * @param folders Where they may be unpacked, best first: the folders of the embedded ffmpeg.
 * @throws {OperatorError} "detector-unavailable" if there are none for this system, or no folder
 * takes them.
 */
export async function findDetector(
  folders: readonly string[],
  surroundings: DetectorSurroundings = surroundingsOfProcess(),
): Promise<DetectorPaths> {
  const { isStandalone, embedded, executable, target } = surroundings;
  if (!isStandalone) return await fromSources(sourceFolder(target));
  if (embedded.length === 0) throw detectorUnavailable({ executable: "carries no detector" });
  const reasons: Record<string, string> = {};
  for (const folder of folders) {
    try {
      await unpackPrograms(embedded, { executable, folder });
      return pathsIn(folder);
    } catch (error) {
      reasons[folder] = messageOf(error);
    }
  }
  throw detectorUnavailable(reasons);
}

function surroundingsOfProcess(): DetectorSurroundings {
  return {
    isStandalone: Deno.build.standalone,
    embedded: readBuildInfo().detector ?? [],
    executable: Deno.execPath(),
    target: Deno.build.target,
  };
}

async function fromSources(folder: string): Promise<DetectorPaths> {
  const paths = pathsIn(folder);
  try {
    await Deno.stat(paths.binding);
    await Deno.stat(paths.model);
    return paths;
  } catch (error) {
    throw detectorUnavailable({ [folder]: messageOf(error) }, "make its files: ./dev model");
  }
}

function pathsIn(folder: string): DetectorPaths {
  return {
    binding: join(folder, DETECTOR_FILES.binding),
    model: join(folder, DETECTOR_FILES.model),
  };
}

/** Reports of the runtime below "error" are not wanted: they go to standard error, past the log. */
const LOG_ERRORS = 3;

/**
 * Loads the runtime into this process.
 *
 * @throws {OperatorError} "detector-unavailable" if this machine can't load it.
 */
export function loadRuntime(bindingPath: string): OnnxRuntime {
  // Some builds of the runtime send reports of its use to their maker. This one has no such code;
  // should another ever lie here, it is told not to.
  Deno.env.set("ORT_DISABLE_TELEMETRY", "1");
  try {
    const runtime: OnnxRuntime = createRequire(import.meta.url)(bindingPath);
    runtime.initOrtOnce(LOG_ERRORS, TensorClass, true);
    return runtime;
  } catch (error) {
    const reason = messageOf(error);
    throw detectorUnavailable({ [bindingPath]: reason }, ...adviceFor(reason));
  }
}

/** What can be done about a library that does not load, by what the loader says. */
export function adviceFor(reason: string): string[] {
  if (/libstdc\+\+|libgcc_s/.test(reason)) {
    return ["install the C++ library (Debian and Ubuntu: apt-get install libstdc++6)"];
  }
  if (/failed to map segment|[Oo]peration not permitted/.test(reason)) {
    return ['let programs run from its file system: mount it without "noexec"'];
  }
  if (/file too short|invalid ELF header/.test(reason)) {
    return ["remove that file, which is damaged, and start Lookback again"];
  }
  if (/GLIBC|ld-musl|ELF class|cannot open shared object/.test(reason)) {
    return ["run Lookback on x86-64 or ARM64 Linux with glibc 2.27 or newer"];
  }
  return [];
}

/** The detector can't be had; vision goes on with movement alone. */
export function detectorUnavailable(
  found: Readonly<Record<string, string>>,
  ...fixes: readonly string[]
): OperatorError {
  const [
    first = 'set "vision: { detector: motion }" in the config file, to look for movement only',
  ] = fixes;
  return new OperatorError(
    "detector-unavailable",
    "Cannot load the object detector; vision goes on with movement only",
    { found, fix: [first, ...fixes.slice(1)] },
  );
}
