import { deepStrictEqual } from "node:assert/strict";
import { KeptTopics } from "../../../src/app/mqtt/kept_topics.ts";

/** A queue's memory of topics, and a line that takes back when it is told to. */
function world() {
  const rows = new Set<string>();
  const withdrawn: string[] = [];
  const gone = new Map<string, () => void>();
  const open = (url: string, prefix: string) =>
    new KeptTopics({
      url,
      prefix,
      link: { takeBack: (topic, onGone) => gone.set(topic, onGone) },
      outbox: {
        withdraw: (topics) => withdrawn.push(...topics),
        keptTopics: (broker) =>
          [...rows].map((row) => row.split(" ")).filter(([each]) => each === broker)
            .map(([, topic]) => topic!),
        keepTopics(broker, topics) {
          for (const topic of topics) rows.add(`${broker} ${topic}`);
        },
        forgetTopic: (broker, topic) => rows.delete(`${broker} ${topic}`),
      },
    });
  return { rows, withdrawn, gone, open };
}

const [FRONT, YARD] = [{ topic: "cameras/front/status" }, { topic: "cameras/yard/status" }];

Deno.test("KeptTopics takes back what is at another prefix, and forgets it when it is gone", () => {
  const { rows, withdrawn, gone, open } = world();
  open("mqtt://broker:1883", "").keep([FRONT, { topic: "homeassistant/a", isBare: true }]);
  const now = open("mqtt://user@broker:1883/", "site/");
  now.keep([FRONT]);
  now.takeBackOthers(({ topic, isBare = false }) => !isBare && topic === FRONT.topic);
  deepStrictEqual([...gone.keys()], ["cameras/front/status", "homeassistant/a"]);
  deepStrictEqual(withdrawn, []);
  deepStrictEqual(rows.size, 3);
  for (const onGone of gone.values()) onGone();
  deepStrictEqual([...rows], ["broker:1883 site/cameras/front/status"]);
});

Deno.test("KeptTopics keeps what another broker has for when that one is spoken with again", () => {
  const { rows, gone, open } = world();
  open("mqtt://one", "").keep([FRONT]);
  const two = open("mqtt://two", "");
  two.takeBackOthers(() => false);
  deepStrictEqual([[...gone.keys()], [...rows]], [[], ["one cameras/front/status"]]);
});

Deno.test("KeptTopics does not forget what is told again before it is gone", () => {
  const { rows, withdrawn, gone, open } = world();
  const kept = open("mqtt://one", "site/");
  kept.keep([FRONT, YARD]);
  deepStrictEqual(
    kept.takeBackOthers(({ topic, isBare = false }) => !isBare && topic !== YARD.topic),
    [
      { topic: "site/cameras/yard/status", isBare: true },
      YARD,
    ],
  );
  deepStrictEqual(withdrawn, [YARD.topic]);
  kept.keep([YARD]);
  gone.get("site/cameras/yard/status")!();
  deepStrictEqual(rows.size, 2);
});
