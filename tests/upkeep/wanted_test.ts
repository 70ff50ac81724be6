import { deepStrictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type { CameraEventKind } from "../../src/model/ledger.ts";
import { type Lifecycle, wantedWindows } from "../../src/upkeep/wanted.ts";

const NOW = unixMs(100);
const ms = (atMs: number | null) => atMs === null ? null : unixMs(atMs);
const turn = (kind: CameraEventKind, atMs: number) => ({ kind, atMs: unixMs(atMs) });

/** A camera's past out of its events in the order in which they were noted. */
function life(
  events: readonly ReturnType<typeof turn>[],
  rest: { firstMs?: number; lastEndMs?: number; runStoppedMs?: number } = {},
): Lifecycle {
  return {
    firstMs: ms(rest.firstMs ?? null),
    lastEndMs: ms(rest.lastEndMs ?? null),
    runStoppedMs: ms(rest.runStoppedMs ?? null),
    turns: events.filter(({ kind }) => kind === "started" || kind === "removed"),
    newest: events.at(-1) ?? null,
  };
}

const CASES: readonly {
  readonly name: string;
  readonly life: Lifecycle;
  readonly windows: readonly (readonly [number, number])[];
}[] = [
  { name: "nothing for a camera that was never started", life: life([]), windows: [] },
  {
    name: "from the first start to now while it records",
    life: life([turn("started", 10), turn("online", 12)], { firstMs: 12, lastEndMs: 90 }),
    windows: [[10, 100]],
  },
  {
    name: "on to now after a crash that nobody mended",
    life: life([turn("started", 10), turn("online", 12)], { firstMs: 12, lastEndMs: 40 }),
    windows: [[10, 100]],
  },
  {
    name: "the time between a stop and the next start too",
    life: life([turn("started", 10), turn("stopped", 40), turn("started", 60), turn("online", 61)]),
    windows: [[10, 100]],
  },
  {
    name: "nothing behind a stop that nothing followed",
    life: life([turn("started", 10), turn("online", 12), turn("stopped", 40)]),
    windows: [[10, 40]],
  },
  {
    name: "footage that lies behind a stop because the clock was set back",
    life: life([turn("started", 10), turn("stopped", 40)], { firstMs: 12, lastEndMs: 70 }),
    windows: [[10, 70]],
  },
  {
    name: "footage on both sides of a clock that was set back before a removal",
    life: life([turn("started", 50), turn("removed", 20)], { firstMs: 10, lastEndMs: 70 }),
    windows: [[10, 20], [50, 70]],
  },
  {
    name: "nothing while the settings did not want it",
    life: life([turn("started", 10), turn("removed", 40), turn("started", 60)]),
    windows: [[10, 40], [60, 100]],
  },
  {
    name: "nothing between a start and a removal at one instant",
    life: life([turn("started", 10), turn("removed", 40), turn("started", 40)]),
    windows: [[10, 40], [40, 100]],
  },
  {
    name: "from the first run of a version that noted no starts",
    life: life([turn("online", 11)], { firstMs: 10, lastEndMs: 50 }),
    windows: [[10, 100]],
  },
  {
    name: "up to the end of a newest run that was stopped, in a version that noted no stops",
    life: life([turn("online", 11)], { firstMs: 10, lastEndMs: 50, runStoppedMs: 51 }),
    windows: [[10, 51]],
  },
  {
    name: "from the first run on where starts were noted later",
    life: life([turn("online", 11), turn("started", 60)], { firstMs: 10, runStoppedMs: 51 }),
    windows: [[10, 100]],
  },
];

for (const { name, life, windows } of CASES) {
  Deno.test(`wantedWindows() wants ${name}`, () => {
    deepStrictEqual(wantedWindows(life, NOW).map(({ fromMs, toMs }) => [fromMs, toMs]), windows);
  });
}
