import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { FanOut } from "../../src/live/fan_out.ts";
import { NotedViewer, plainFragment, plainInfo } from "./live_world.ts";

function newFan() {
  const said: string[] = [];
  const fan = new FanOut({ onFirst: () => said.push("first"), onLast: () => said.push("last") });
  return { fan, said };
}

Deno.test("FanOut gives who joins all since the last key frame, then what comes", () => {
  const { fan, said } = newFan();
  fan.begin(plainInfo(1));
  for (const [size, isKey] of [[5, true], [4, true], [3, false]] as const) {
    fan.take(plainFragment(size, isKey));
  }
  const viewer = new NotedViewer();
  const place = fan.join(viewer);
  fan.take(plainFragment(2));
  deepStrictEqual(viewer.noted, ["run 1", "key 4", "3", "2"]);
  place[Symbol.dispose]();
  place[Symbol.dispose]();
  fan.take(plainFragment(1));
  strictEqual(viewer.noted.length, 4);
  deepStrictEqual(said, ["first", "last"]);
});

Deno.test("FanOut leaves out whole groups of pictures for one that is behind, and counts them", () => {
  const { fan } = newFan();
  fan.begin(plainInfo(1));
  const [slow, quick] = [new NotedViewer(), new NotedViewer()];
  using _slow = fan.join(slow);
  using _quick = fan.join(quick);
  fan.take(plainFragment(5, true));
  slow.isBehind = true;
  fan.take(plainFragment(4));
  slow.isBehind = false;
  fan.take(plainFragment(3));
  fan.take(plainFragment(2, true));
  deepStrictEqual(slow.noted, ["run 1", "key 5", "key 2"]);
  deepStrictEqual(quick.noted, ["run 1", "key 5", "4", "3", "key 2"]);
  strictEqual(fan.missed, 2);
});

Deno.test("FanOut counts no fragment as missed that somebody new has not waited for", () => {
  const { fan } = newFan();
  fan.begin(plainInfo(1));
  using _place = fan.join(new NotedViewer());
  fan.take(plainFragment(4));
  strictEqual(fan.missed, 0);
});

Deno.test("FanOut gives up a viewer that fails, and the others go on", () => {
  const { fan } = newFan();
  fan.begin(plainInfo(1));
  const well = new NotedViewer();
  const broken = {
    begin() {},
    take(): boolean {
      throw new Error("broken");
    },
  };
  using _broken = fan.join(broken);
  using _well = fan.join(well);
  fan.take(plainFragment(4, true));
  fan.take(plainFragment(3));
  deepStrictEqual(well.noted, ["run 1", "key 4", "3"]);
  strictEqual(fan.viewers, 1);
});

Deno.test("FanOut lets who joins a stream that rests wait for its beginning", () => {
  const { fan } = newFan();
  fan.begin(plainInfo(1));
  fan.take(plainFragment(4, true));
  fan.rest();
  const viewer = new NotedViewer();
  using _place = fan.join(viewer);
  fan.take(plainFragment(3, true));
  deepStrictEqual(viewer.noted, []);
  fan.begin(plainInfo(2));
  fan.take(plainFragment(2));
  fan.take(plainFragment(1, true));
  deepStrictEqual(viewer.noted, ["run 2", "key 1"]);
});
