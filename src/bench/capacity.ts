/**
 * How many cameras this box records in real time without losing a frame.
 *
 * @module
 */

import type { Figure, Section } from "./figure.ts";
import type { MeasureOptions } from "./options.ts";
import { programText } from "./start_commands.ts";
import {
  countedCameras,
  PLAIN,
  type RecordingRuns,
  type Run,
  shortfall,
  STILLS,
} from "./recording_runs.ts";

export interface CapacityOptions extends MeasureOptions {
  readonly runs: RecordingRuns;
}

/** What Lookback is made for, and what is tried when that is too much. */
const WANTED = 64;
const TRIED: Readonly<Record<MeasureOptions["form"], readonly number[]>> = {
  short: [WANTED, 16, 4],
  long: [WANTED, 48, 32, 16, 4],
};

const HOW = "All cameras play the clip of the recording cost at its own pace, one ffmpeg and one " +
  "Worker each, with batches of 10 s. After the stop every frame in the JSON log and the " +
  "database is compared with the source: its number, its size in bytes (noise makes them " +
  "differ), its distance from the frame before, no lost frame or break among the events, and " +
  "every still there. Recording is in real time when at the end of each window the newest frame " +
  "in the log of the camera that is furthest behind is at most one second old. Where so many are " +
  "carried while other programs record beside them, that run counts";

export async function measureCapacity({ runs, form }: CapacityOptions): Promise<Section> {
  const tried = TRIED[form];
  const stills = await mostCameras(tried, STILLS, (cameras) => runs.stillsAt(cameras));
  const plain = await mostCameras(tried, PLAIN, (cameras) => runs.plainAt(cameras));
  return {
    id: "capacity",
    title: "How many cameras this box carries",
    how: `${HOW}. ${programText(await runs.lookback())}`,
    figures: [
      ...figuresOf("with stills from key frames", stills, { isHeld: true }),
      ...figuresOf("without stills", plain, { isHeld: false }),
    ],
    notes: [...stills.notes, ...plain.notes],
  };
}

interface Most {
  readonly cameras: number;
  readonly run: Run | undefined;
  readonly notes: readonly string[];
}

async function mostCameras(
  tried: readonly number[],
  name: string,
  runAt: (cameras: number) => Promise<readonly Run[]>,
): Promise<Most> {
  const notes: string[] = [];
  for (const cameras of tried) {
    const run = (await runAt(cameras)).find((each) => each.name === name)!;
    const reason = shortfall(run);
    if (reason !== undefined) {
      notes.push(`${name} does not carry ${countedCameras(cameras)} here: ${reason}`);
      continue;
    }
    const { frames, stills } = run.check!;
    const pictures = stills > 0 ? ` and ${stills} stills` : "";
    notes.push(`${name}, ${countedCameras(cameras)}: all ${frames} frames${pictures} are there`);
    return { cameras, run, notes };
  }
  return { cameras: 0, run: undefined, notes };
}

function figuresOf(
  form: string,
  { cameras, run }: Most,
  { isHeld }: { readonly isHeld: boolean },
): Figure[] {
  const target = { text: `at least ${WANTED} cameras`, isMet: cameras >= WANTED };
  const carried = { name: `Cameras carried ${form}`, unit: "cameras", samples: [cameras] };
  const lag = {
    name: `Age of the newest logged frame at the worst camera, ${countedCameras(cameras)} ${form}`,
    unit: "ms",
    samples: run?.lagMs ?? [],
  };
  return [isHeld ? { ...carried, target } : carried, ...(lag.samples.length === 0 ? [] : [lag])];
}
