/**
 * Topics for which the broker keeps something of ours. They are remembered on disk, so
 * that what nobody tells any more is taken back: after another prefix, without a camera
 * that was removed, also if that was while Lookback was off.
 *
 * In:   what is told, what is to stay. Out: places to take back.
 * Not here: which topics are wanted (states.ts), sending (src/mqtt/link.ts).
 *
 * What another broker keeps is remembered too, and taken back once that one is spoken
 * with again: nobody knows how to log in there meanwhile.
 *
 * @module
 */

import type { Link } from "../../mqtt/link.ts";
import type { Message } from "../../mqtt/message.ts";
import type { Outbox } from "../../mqtt/outbox.ts";

export interface KeptTopicParts {
  /** Of the settings; the same broker has the same. */
  readonly url: string;
  readonly prefix: string;
  readonly link: Pick<Link, "takeBack">;
  readonly outbox: Pick<Outbox, "keptTopics" | "keepTopics" | "forgetTopic" | "withdraw">;
}

type Place = Pick<Message, "topic" | "isBare">;

export class KeptTopics {
  readonly #parts: KeptTopicParts;
  readonly #broker: string;
  /** As the broker knows them, with the prefix. */
  readonly #topics: Set<string>;

  constructor(parts: KeptTopicParts) {
    this.#parts = parts;
    this.#broker = brokerOf(parts.url);
    this.#topics = new Set(parts.outbox.keptTopics(this.#broker));
  }

  /** Remembers that the broker keeps something there: before it is sent. */
  keep(places: readonly Place[]): void {
    const { prefix, outbox } = this.#parts;
    const add = places.map(({ topic, isBare = false }) => isBare ? topic : `${prefix}${topic}`)
      .filter((topic) => !this.#topics.has(topic));
    if (add.length === 0) return;
    for (const topic of add) this.#topics.add(topic);
    outbox.keepTopics(this.#broker, add);
  }

  /** Takes back all that is not to stay. Returns what went: each in all ways that it can be read. */
  takeBackOthers(isToStay: (place: Place) => boolean): readonly Place[] {
    const { prefix, outbox } = this.#parts;
    const gone = [...this.#topics].filter((topic) => !this.#readings(topic).some(isToStay));
    // Else it would be told once more, behind what takes it back.
    const own = gone.filter((topic) => topic.startsWith(prefix));
    if (own.length > 0) outbox.withdraw(own.map((topic) => topic.slice(prefix.length)));
    for (const topic of gone) this.#takeBack(topic);
    return gone.flatMap((topic) => this.#readings(topic));
  }

  /** It is forgotten when the broker has said that it has nothing any more. */
  #takeBack(full: string): void {
    const { link, outbox } = this.#parts;
    this.#topics.delete(full);
    link.takeBack(full, () => {
      if (!this.#topics.has(full)) outbox.forgetTopic(this.#broker, full);
    });
  }

  /** What a topic can be: one of its own, or one below the prefix of now. */
  #readings(full: string): readonly Place[] {
    const { prefix } = this.#parts;
    const bare = { topic: full, isBare: true };
    return full.startsWith(prefix) ? [bare, { topic: full.slice(prefix.length) }] : [bare];
  }
}

/** A broker's place, without how it is spoken with and as whom. */
export function brokerOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === "/" ? "" : pathname}`;
}
