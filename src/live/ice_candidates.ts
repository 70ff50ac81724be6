/**
 * Addresses that come one by one ("trickle ICE", RFC 8838): read from what a viewer
 * sends after the offer, and made ready for it from what werift finds.
 *
 * In:   a fragment of SDP (RFC 8840), lines of candidates. Out: the same, judged.
 *
 * Pure.
 *
 * @module
 */

/** Longest line of a candidate that is read: browsers send 80 to 200 characters. */
const MAX_LINE = 512;

/** Longest fragment that is read, in characters. */
export const MAX_FRAGMENT = 16 * 1024;

/** Most addresses of one viewer that count, in the offer and behind it: a box with many networks has ten. */
export const MAX_CANDIDATES = 40;

/** What a fragment says (RFC 8840, 9.2). */
export interface IceFragment {
  /** Of the connection that it belongs to; another one asks for a restart. */
  readonly ufrag: string | undefined;
  /** "candidate:…", as they came. */
  readonly candidates: readonly string[];
  /** No more will come. */
  readonly isEnd: boolean;
}

/** Undefined for what is no such fragment. */
export function readIceFragment(text: string): IceFragment | undefined {
  if (text.length > MAX_FRAGMENT) return undefined;
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length === 0 || !lines.every((line) => /^[a-z]=/.test(line))) return undefined;
  const candidates = lines.filter((line) => line.startsWith("a=candidate:"))
    .map((line) => line.slice(2));
  if (!candidates.every(isCandidate)) return undefined;
  const ufrag = lines.find((line) => line.startsWith("a=ice-ufrag:"))?.slice("a=ice-ufrag:".length);
  return { ufrag, candidates, isEnd: lines.includes("a=end-of-candidates") };
}

/** `candidate:` foundation, component, transport, priority, address, port, `typ` … (RFC 8839, 5.1) */
export function isCandidate(line: string): boolean {
  const pattern = /^candidate:[\w+/]{1,32} \d{1,3} \w{1,8} \d{1,10} [\w.:-]{1,255} \d{1,5} typ \w+/;
  // Nothing behind it may begin a line of its own.
  return line.length <= MAX_LINE && pattern.test(line) && /^[\x20-\x7e]*$/.test(line);
}

/** The names of connections that an offer has: one where all is bundled, as browsers do. */
export function ufragsOf(sdp: string): ReadonlySet<string> {
  return new Set([...sdp.matchAll(/^a=ice-ufrag:(\S+)\s*$/gm)].map(([, ufrag]) => ufrag!));
}
