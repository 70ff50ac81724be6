/**
 * The newest state of each topic that the broker keeps: what has not got there yet
 * is sent when it can be, the newest only.
 *
 * In:   states, by topics as the broker knows them. Out: the next one to send, one of
 *       each topic.
 * Policy: there are as many as topics; a newer one replaces the one before.
 *
 * @module
 */

import type { Message } from "./message.ts";

export class RetainedStates {
  readonly #newest = new Map<string, Message>();
  /** Topics whose newest state has not been acknowledged, in order. */
  readonly #unsent = new Set<string>();

  set(message: Message): void {
    this.#newest.set(message.topic, message);
    this.#unsent.add(message.topic);
  }

  /** How many states wait. */
  get waiting(): number {
    return this.#unsent.size;
  }

  /** The next one that may be sent; it counts as sent. */
  take(mayBeSent: (topic: string) => boolean = () => true): Message | undefined {
    for (const topic of this.#unsent) {
      if (!mayBeSent(topic)) continue;
      this.#unsent.delete(topic);
      return this.#newest.get(topic);
    }
    return undefined;
  }

  /** It did not arrive: sent again, if nothing newer took its place. */
  putBack(message: Message): void {
    if (this.#newest.get(message.topic) === message) this.#unsent.add(message.topic);
  }

  /**
   * The broker got it. What is empty has been removed there, and is forgotten: true, if nothing
   * newer has been told meanwhile.
   */
  arrived(message: Message): boolean {
    if (this.#newest.get(message.topic) !== message || message.payload.length > 0) return false;
    return this.#newest.delete(message.topic);
  }

  /** All are to be sent again: the broker may have forgotten them. */
  resendAll(): void {
    for (const topic of this.#newest.keys()) this.#unsent.add(topic);
  }

  /** One is to be sent again. */
  resend(topic: string): void {
    if (this.#newest.has(topic)) this.#unsent.add(topic);
  }

  /** Takes a topic back: the broker forgets it, and so does this. Returns what says so. */
  remove(topic: string): Message {
    const message: Message = { topic, payload: "", qos: 1, retain: true, isBare: true };
    this.set(message);
    return message;
  }
}
