/**
 * What the machine says of itself, for a report.
 *
 * @module
 */

import { toolOutput } from "../host/tool_output.ts";
import type { MachineFacts } from "./report.ts";

/** @param lookback Version of the program that measures. */
export async function readMachine(ffmpegPath: string, lookback: string): Promise<MachineFacts> {
  // Deno keeps /proc to itself: a child is asked.
  const processors = await toolOutput("cat", ["/proc/cpuinfo"]) ?? "";
  const ffmpeg = await toolOutput(ffmpegPath, ["-version"]) ?? "";
  return {
    processor: processorName(processors) ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
    kernel: `Linux ${Deno.osRelease()}`,
    ffmpeg: /^ffmpeg version \S+/.exec(ffmpeg)?.[0] ?? "ffmpeg of unknown version",
    lookback,
  };
}

/** The processor in a text like /proc/cpuinfo; ARM boxes give a board's name at the end. */
export function processorName(cpuinfo: string): string | undefined {
  return /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1] ?? /^Model\s*:\s*(.+)$/m.exec(cpuinfo)?.[1];
}
