/**
 * A plain OpenCV program (opencv_recorder.py), one process for each camera.
 *
 * @module
 */

import { join } from "node:path";
import { startChild } from "../../src/host/process.ts";
import { toolOutput } from "../../src/host/tool_output.ts";
import type { Clip } from "../../src/bench/recording_lookback.ts";
import type { Contestant } from "../../src/bench/recording_contestant.ts";

const PROGRAM = join(import.meta.dirname ?? "", "opencv_recorder.py");

/** The distribution's own Python first: its package of OpenCV belongs to that one. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/** How long it may take to close its files. */
const STOP_MS = 10_000;

export interface FoundOpenCv {
  readonly python: string;
  readonly version: string;
}

/** A Python that has OpenCV; undefined where there is none. */
export async function findOpenCv(): Promise<FoundOpenCv | undefined> {
  for (const python of PYTHONS) {
    const version = await toolOutput(python, ["-c", "import cv2; print(cv2.__version__)"]);
    if (version !== null) return { python, version: version.trim() };
  }
  return undefined;
}

export function openCvContestant(clip: Clip, { python, version }: FoundOpenCv): Contestant {
  return {
    name: `OpenCV ${version} program`,
    clipBytesPerSecond: clip.bytesPerSecond,
    start({ cameras, folder }) {
      const children = Array.from({ length: cameras }, (_, index) => {
        const id = `camera${index + 1}`;
        return startChild({ command: python, args: [PROGRAM, clip.path, join(folder, id), id] });
      });
      const outputs = children.map(({ stdout }) => stdout.cancel());
      return Promise.resolve({
        pids: children.map(({ pid }) => pid),
        async stop() {
          for (const { pid } of children) Deno.kill(pid, "SIGTERM");
          const killing = setTimeout(() => children.forEach((child) => child.kill()), STOP_MS);
          await Promise.all(children.map(({ ended }) => ended));
          clearTimeout(killing);
          await Promise.all(outputs);
        },
      });
    },
  };
}
