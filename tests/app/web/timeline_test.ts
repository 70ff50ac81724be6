import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isoUtc, unixMs } from "../../../src/base/units.ts";
import { stillPath } from "../../../src/model/paths.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { at, eventEntry, visionEntry } from "../../support/ledger_entries.ts";
import { smallArchive } from "../../support/small_archive.ts";
import { servedArchive } from "../../support/web_archive.ts";

interface TimelineBody {
  readonly spans: readonly { readonly from: string; readonly to: string }[];
  readonly gaps: readonly {
    readonly from: string;
    readonly to: string;
    readonly cause: string;
    readonly detail: string;
  }[];
  readonly motion: readonly number[];
  readonly events: readonly { readonly id: string; readonly to: string | null }[];
  readonly eventsThinned: boolean;
}

function iso(seconds: number): string {
  return isoUtc(at(seconds));
}

Deno.test("GET timeline tells spans, gaps with their causes, what was seen and when", async () => {
  await using world = await smallArchive();
  // Recorded: 0 to 20 s and 50 to 60 s. It is 100 s.
  for (const seconds of [0, 10]) await world.record("front", at(seconds));
  const lost = { kind: "frames-lost", cause: "camera-stalled", untilMs: at(50) } as const;
  await world.send(eventEntry(20, { ...lost, detail: "no frames for 30 s" }));
  await world.record("front", at(50));
  await world.send(visionEntry(2));
  await world.send(visionEntry(55, { class: "dog", endMs: null }));
  await using server = servedArchive(world.root, { clock: new FakeClock(iso(100)) });
  const { status, body } = await server.json(
    `/cameras/front/timeline?from=${iso(-10)}&to=${iso(110)}&buckets=12`,
  );
  const timeline = body as TimelineBody;
  strictEqual(status, 200);
  deepStrictEqual(timeline.spans, [
    ...[{ from: iso(0), to: iso(20) }, { from: iso(50), to: iso(60) }],
  ]);
  deepStrictEqual(timeline.gaps.map(({ from, to, cause }) => [from, to, cause]), [
    [iso(-10), iso(0), "before-first-recording"],
    [iso(20), iso(50), "camera-stalled"],
    [iso(60), iso(100), "not-yet-closed"],
    [iso(100), iso(110), "future"],
  ]);
  strictEqual(timeline.gaps[1]!.detail, "no frames for 30 s");
  // A person from 2 to 10 s; a dog from 55 s on, which goes on now.
  deepStrictEqual(timeline.motion, [0, 0.8, 0, 0, 0, 0, 0.5, 1, 1, 1, 1, 0]);
  deepStrictEqual(timeline.events.map(({ to }) => to), [iso(10), null]);
  strictEqual(timeline.eventsThinned, false);
});

Deno.test("GET timeline is the same in one answer as in two, over days", async () => {
  await using world = await smallArchive();
  const DAY_SECONDS = 86_400;
  for (const seconds of [0, 10, DAY_SECONDS - 5, 3 * DAY_SECONDS]) {
    await world.record("front", at(seconds));
  }
  await world.send(visionEntry(DAY_SECONDS - 4));
  const clock = new FakeClock(iso(40 * DAY_SECONDS));
  await using server = servedArchive(world.root, { clock });
  const ask = async (from: number, to: number) =>
    (await server.json(`/cameras/front/timeline?from=${at(from)}&to=${at(to)}&buckets=1`))
      .body as TimelineBody;
  const whole = await ask(0, 5 * DAY_SECONDS);
  deepStrictEqual(whole.spans, [
    { from: iso(0), to: iso(20) },
    { from: iso(DAY_SECONDS - 5), to: iso(DAY_SECONDS + 5) },
    { from: iso(3 * DAY_SECONDS), to: iso(3 * DAY_SECONDS + 10) },
  ]);
  strictEqual(whole.gaps.length, 3, "a gap of days is one");
  strictEqual(whole.events.length, 1, "an event over midnight is one");
  deepStrictEqual(await ask(0, 5 * DAY_SECONDS), whole, "out of what is remembered");
  const one = await ask(0, DAY_SECONDS);
  deepStrictEqual(one.spans.at(-1), { from: iso(DAY_SECONDS - 5), to: iso(DAY_SECONDS) });
});

Deno.test("GET timeline refuses windows that are empty, too long or no times", async () => {
  await using world = await smallArchive();
  await using server = servedArchive(world.root);
  const queries = [
    ...["from=5&to=5", "from=9&to=5", "from=0&to=99999999999", "from=x&to=5", "from=5", ""],
    ...["from=2026-11-21T20:57&to=5", "from=-5&to=5", "from=0&to=5&buckets=0", "from=0&to=1e99"],
    ...["from=0&to=5&buckets=100000", "from=0&to=9999999999999999999"],
  ];
  for (const query of queries) {
    const { status } = await server.json(`/cameras/front/timeline?${query}`);
    strictEqual(status, 400, query);
  }
  strictEqual((await server.json("/cameras/yard/timeline?from=0&to=5")).status, 404);
});

Deno.test("GET still gives the newest at or before an instant, whatever their distance", async () => {
  await using world = await smallArchive();
  // 20:57:00 to 20:57:20, and three hours later.
  for (const seconds of [0, 10, 3 * 3_600]) await world.record("front", at(seconds));
  const clock = new FakeClock(iso(4 * 3_600));
  await using server = servedArchive(world.root, { clock });
  const still = async (query: string) => {
    const answer = await fetch(`${server.url}/cameras/front/still${query}`);
    await answer.body?.cancel();
    return [answer.status, answer.headers.get("x-lookback-time")];
  };
  for (let round = 0; round < 2; round += 1) {
    deepStrictEqual(await still(`?at=${at(4.4)}`), [200, iso(4)]);
    deepStrictEqual(await still(`?at=${at(19.9)}`), [200, iso(19)]);
    // In the gap, and in hours without a folder: what was there before.
    deepStrictEqual(await still(`?at=${at(600)}`), [200, iso(19)]);
    deepStrictEqual(await still(`?at=${at(2 * 3_600)}`), [200, iso(19)]);
    deepStrictEqual(await still(""), [200, iso(3 * 3_600 + 9)]);
    deepStrictEqual(await still(`?at=${at(-60)}`), [404, null]);
  }
  // One that is gone since its hour was listed.
  await Deno.remove(join(world.root, stillPath("front", at(7))));
  deepStrictEqual(await still(`?at=${at(7.5)}`), [200, iso(6)]);
});

Deno.test("GET still looks by the clock that the camera had then", async () => {
  await using world = await smallArchive();
  await world.record("front", at(0));
  await world.send(
    {
      ...{ type: "run-shift", cameraId: "front", run: at(0), shiftMs: 3_600_000 },
    } as Parameters<typeof world.send>[0],
  );
  await using server = servedArchive(world.root, { clock: new FakeClock(iso(9_000)) });
  const shifted = world.rows("select shift_ms from batches")[0]?.shift_ms;
  strictEqual(shifted, 3_600_000);
  const found = await server.archive.still("front", unixMs(at(3_605.5)));
  strictEqual(found?.atMs, at(3_605));
  ok(found.jpeg.length > 0);
});
