/**
 * Slows down those who guess passwords. Counts failed log-ins of each user and of
 * each client; after a few of them in a row the next one has to wait, longer each time.
 *
 * A user that is waited for can't log in even with the right password, and names
 * that no user has are treated alike: neither tells a guesser anything.
 *
 * In memory only and of bounded size: a restart forgives, guessers can't fill it.
 *
 * @module
 */

/** How many failures go free, and how long is waited after the next ones. */
interface Patience {
  readonly free: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** Without a failure for so long, all is forgotten. */
  readonly forgetMs: number;
}

/** One user, from anywhere: people mistype a few times. */
const OF_USER: Patience = {
  free: 5,
  firstMs: 2_000,
  longestMs: 15 * 60_000,
  forgetMs: 60 * 60_000,
};

/** One client, with any names: several people may share an address. */
const OF_CLIENT: Patience = {
  free: 15,
  firstMs: 5_000,
  longestMs: 15 * 60_000,
  forgetMs: 60 * 60_000,
};

/** Those that failed longest ago are forgotten first. */
const MOST_ENTRIES = 4_096;

export interface Attempt {
  readonly user: string;
  /** Address of whoever tries. */
  readonly client: string;
}

interface Entry {
  readonly failures: number;
  readonly lastMs: number;
  /** No attempt before. */
  readonly waitUntilMs: number;
}

export class Attempts {
  /** Users that there are can't be pushed out by made-up names. */
  readonly #known = new Map<string, Entry>();
  readonly #unknown = new Map<string, Entry>();
  readonly #clients = new Map<string, Entry>();

  /** Clients that a user logged in from: strangers can't lock the user out there. */
  readonly #trusted = new Map<string, true>();

  /** How long to wait before an attempt, in milliseconds; 0 for none. */
  waitMs({ user, client }: Attempt, nowMs: number): number {
    const ofUser = this.#trusted.has(pair(user, client))
      ? undefined
      : this.#known.get(user) ?? this.#unknown.get(user);
    const ofClient = this.#clients.get(clientKey(client));
    return Math.max(0, ...[ofUser, ofClient].map((entry) => (entry?.waitUntilMs ?? 0) - nowMs));
  }

  /** An attempt begins. It counts as failed until it has succeeded: many may be under way. */
  begin({ user, isKnown, client }: Attempt & { readonly isKnown: boolean }, nowMs: number): void {
    count(isKnown ? this.#known : this.#unknown, user, { patience: OF_USER, nowMs });
    count(this.#clients, clientKey(client), { patience: OF_CLIENT, nowMs });
  }

  /** The attempt was right: the user's failures are forgiven, the client's earlier ones are not. */
  succeeded({ user, client }: Attempt, nowMs: number): void {
    this.#known.delete(user);
    const key = clientKey(client);
    const entry = this.#clients.get(key);
    if (entry !== undefined) {
      put(this.#clients, key, { ...entry, failures: entry.failures - 1, waitUntilMs: nowMs });
    }
    put(this.#trusted, pair(user, client), true);
  }

  get size(): number {
    return this.#known.size + this.#unknown.size + this.#clients.size + this.#trusted.size;
  }
}

function pair(user: string, client: string): string {
  return `${clientKey(client)} ${user}`;
}

function count(
  entries: Map<string, Entry>,
  key: string,
  { patience, nowMs }: { readonly patience: Patience; readonly nowMs: number },
): void {
  const before = entries.get(key);
  const isFresh = before !== undefined && nowMs - before.lastMs < patience.forgetMs;
  const failures = (isFresh ? before.failures : 0) + 1;
  const beyond = failures - patience.free;
  const waitMs = beyond < 0
    ? 0
    : Math.min(patience.longestMs, patience.firstMs * 2 ** Math.min(beyond, 20));
  put(entries, key, { failures, lastMs: nowMs, waitUntilMs: nowMs + waitMs });
}

function put<V>(entries: Map<string, V>, key: string, value: V): void {
  // Removed first: a Map keeps the order of adding, so what was touched longest ago stands first.
  entries.delete(key);
  entries.set(key, value);
  if (entries.size > MOST_ENTRIES) entries.delete(entries.keys().next().value!);
}

/** Whoever has one IPv6 address has all of its /64. */
export function clientKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const all = [...front, ...Array<string>(zeros).fill("0"), ...back];
  return all.slice(0, 4).map((part) => part.replace(/^0+(?=.)/, "")).join(":");
}
