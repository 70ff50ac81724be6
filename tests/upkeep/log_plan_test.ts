import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type LogPlan, type PlacedLine, planLog } from "../../src/upkeep/log_plan.ts";

const LINE_BYTES = 100;

/** Lines one behind the other, from byte 1000 on; each is a frame of a run, or a hole in the file. */
function tailOf(
  frames: readonly (readonly [run: number, frameId: number] | "garbage")[],
  tornBytes = 0,
) {
  const lines: PlacedLine[] = [];
  for (const [index, frame] of frames.entries()) {
    if (frame === "garbage") continue;
    const [run, frameId] = frame;
    lines.push({ frameId, run, offset: 1_000 + index * LINE_BYTES, sizeBytes: LINE_BYTES });
  }
  return { lines, endBytes: 1_000 + frames.length * LINE_BYTES + tornBytes };
}

const range = (run: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => [run, from + index] as const);

/** The batch of all cases: frames 51 to 60 of run 7. */
const BATCH = { run: 7, startingFrameId: 51, frameCount: 10 };

const complete = (offset: number, cutTo: number, appendFrom: number): LogPlan => ({
  type: "complete",
  offset,
  cutTo,
  appendFrom,
});

const CASES = [
  { name: "appends all lines to an empty log", frames: [], plan: complete(1_000, 1_000, 0) },
  {
    name: "appends what the log is behind",
    frames: range(7, 51, 54),
    plan: complete(1_000, 1_400, 4),
  },
  {
    name: "leaves a log as it is that has just the batch's lines",
    frames: range(7, 51, 60),
    plan: complete(1_000, 2_000, 10),
  },
  {
    name: "cuts lines off that are ahead of the footage",
    frames: range(7, 51, 64),
    plan: complete(1_000, 2_000, 10),
  },
  {
    name: "begins behind lines of frames that were lost",
    frames: [...range(7, 41, 50), ...range(7, 51, 53)],
    plan: complete(2_000, 2_300, 3),
  },
  {
    name: "appends behind lines of another run",
    frames: range(6, 51, 60),
    plan: complete(2_000, 2_000, 0),
  },
  {
    name: "appends behind lines that begin within the batch",
    frames: range(7, 53, 60),
    plan: complete(1_800, 1_800, 0),
  },
  {
    name: "leaves lines alone that follow a whole batch",
    frames: [...range(7, 51, 60), ...range(8, 61, 63)],
    plan: complete(1_000, 2_300, 10),
  },
  {
    name: "writes elsewhere when lines of another run follow half a batch",
    frames: [...range(7, 51, 54), ...range(8, 61, 63)],
    plan: { type: "elsewhere" },
  },
  {
    name: "writes elsewhere when the numbers break off and go on",
    frames: [...range(7, 51, 54), ...range(7, 56, 60)],
    plan: { type: "elsewhere" },
  },
  {
    name: "writes elsewhere when something that is no line lies between its lines",
    frames: [...range(7, 51, 54), "garbage", ...range(7, 55, 60)],
    plan: { type: "elsewhere" },
  },
  {
    name: "cuts off behind the batch what is no line",
    frames: [...range(7, 51, 60), "garbage"],
    plan: complete(1_000, 2_000, 10),
  },
] as const;

for (const { name, frames, plan } of CASES) {
  Deno.test(`planLog() ${name}`, () => {
    deepStrictEqual(planLog(tailOf(frames), BATCH), plan);
  });
}

Deno.test("planLog() leaves lines beyond the footage to the recording that goes on with them", () => {
  const tail = tailOf(range(7, 51, 64), 30);
  deepStrictEqual(planLog(tail, { ...BATCH, isFollowed: true }), complete(1_000, 2_430, 10));
  const short = tailOf(range(7, 51, 54), 30);
  deepStrictEqual(planLog(short, { ...BATCH, isFollowed: true }), complete(1_000, 1_400, 4));
});

Deno.test("planLog() never cuts off or takes a line of another run, and has each frame once", () => {
  const piece = fc.oneof(
    fc.record({
      run: fc.constantFrom(6, 7, 8),
      from: fc.integer({ min: 40, max: 70 }),
      count: fc.nat(25),
    })
      .map(({ run, from, count }) => range(run, from, from + count)),
    fc.constant(["garbage"] as const),
  );
  const pieces = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.flat());
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 20 }), (frames, frameCount) => {
      const batch = { ...BATCH, frameCount };
      const tail = tailOf(frames);
      const plan = planLog(tail, batch);
      if (plan.type === "elsewhere") return;
      const { offset, cutTo, appendFrom } = plan;
      ok(offset <= cutTo && cutTo <= tail.endBytes);
      const cut = tail.lines.filter((line) => line.offset >= cutTo);
      ok(cut.every(({ run }) => run === 7));
      // The batch's part, as it will be: the lines that are there, then those that are appended.
      const present = tail.lines.filter((line) => line.offset >= offset).slice(0, appendFrom);
      deepStrictEqual(
        present.map(({ run, frameId, offset }) => [run, frameId, offset]),
        range(7, 51, 50 + appendFrom).map((
          [run, frameId],
          index,
        ) => [run, frameId, offset + index * LINE_BYTES]),
      );
      const presentEnd = offset + appendFrom * LINE_BYTES;
      if (appendFrom < frameCount) strictEqual(cutTo, presentEnd);
      else ok(cutTo >= presentEnd);
    }),
    { numRuns: 2_000 },
  );
});
