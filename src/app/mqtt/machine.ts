/**
 * How busy and how warm the box is, as far as it says so.
 *
 * In:   /proc/stat and the kernel's thermal zones, through `cat`: Deno lets nobody read
 *       these files who may not do everything.
 * Out:  a share of the time since the last look, a temperature.
 *
 * @module
 */

import { toolOutput } from "../../host/tool_output.ts";
import type { MachineLoad } from "../../mqtt/camera_messages.ts";

/** Thermal zones beyond these are of no interest. */
const ZONES = Array.from(
  { length: 8 },
  (_, index) => `/sys/class/thermal/thermal_zone${index}/temp`,
);

/** Time that all processors together spent since the start, in ticks. */
interface CpuTime {
  readonly busy: number;
  readonly all: number;
}

export class Machine {
  #before: CpuTime | undefined;
  /** The zones that there are; looked for once. */
  #zones: readonly string[] | undefined;

  async look(): Promise<MachineLoad> {
    this.#zones ??= await zonesHere();
    const text = await toolOutput("cat", ["/proc/stat", ...this.#zones]) ?? "";
    const now = cpuTime(text);
    const before = this.#before;
    this.#before = now;
    const cpuPercent = now === undefined || before === undefined || now.all <= before.all
      ? null
      : Math.round(100 * (now.busy - before.busy) / (now.all - before.all));
    return { cpuPercent, temperatureCelsius: highestCelsius(text) };
  }
}

async function zonesHere(): Promise<readonly string[]> {
  const tried = await Promise.all(
    ZONES.map(async (path) => (await toolOutput("cat", [path])) === null ? [] : [path]),
  );
  return tried.flat();
}

/** The first line of a text like /proc/stat (proc(5)); undefined where there is none. */
export function cpuTime(text: string): CpuTime | undefined {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is in "user" already.
  const ticks = line.split(/\s+/).slice(0, 8).map(Number);
  if (ticks.some((each) => !Number.isFinite(each))) return undefined;
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}

/** The highest of lines that are thousandths of a degree; null where there is none. */
export function highestCelsius(text: string): number | null {
  const values = [...text.matchAll(/^-?\d{1,6}$/gm)].map(([line]) => Number(line) / 1_000);
  return values.length === 0 ? null : Number(Math.max(...values).toFixed(1));
}
