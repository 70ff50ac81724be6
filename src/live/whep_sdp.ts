/**
 * What is read from and changed in the two texts of a WHEP exchange (RFC 9725):
 * the browser's offer and our answer, both SDP (RFC 8866).
 *
 * Pure.
 *
 * @module
 */

/** The longest offer that is read, in characters. A browser's has about 4,000 for one picture. */
const MAX_OFFER_CHARACTERS = 64 * 1024;

/** Why an offer can't be answered; undefined when it can. For people: the browser's side is at fault. */
export function offerFault(sdp: string): string | undefined {
  if (sdp.length > MAX_OFFER_CHARACTERS) return "the offer is too long";
  const lines = linesOf(sdp);
  const has = (start: string) => lines.some((line) => line.startsWith(start));
  const isWebRtc = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"].every(has);
  if (lines[0] !== "v=0" || !isWebRtc) return "the offer is no WebRTC offer";
  if (!has("m=video ")) return "the offer asks for no picture";
  if (!lines.some((line) => /^a=rtpmap:\d+ H264\/90000$/i.test(line))) {
    return "the browser does not play H.264 over WebRTC";
  }
  return undefined;
}

/**
 * The offer without addresses that we must not or need not call.
 *
 * Without a STUN or TURN server none is needed: the browser calls us, and its
 * address is seen then. So nobody who may watch can have this box call others.
 * With one, packets of ours have to open the way, and UDP addresses are kept;
 * names under ".local" are hidden ones that only mDNS could resolve. That no more
 * addresses will come is left out as well: the one that is seen is still to come.
 */
export function strippedOffer(sdp: string, keep: "none" | "udp"): string {
  return linesOf(sdp).filter((line) => {
    if (line === "a=end-of-candidates") return false;
    const candidate = readCandidate(line);
    if (candidate === undefined) return true;
    if (keep === "none") return false;
    return candidate.transport === "udp" && !candidate.address.endsWith(".local");
  }).join("\r\n") + "\r\n";
}

/**
 * The answer with the addresses that browsers shall try. Our sockets listen on
 * one address, mostly "0.0.0.0", which is none that anyone could call: its
 * candidates are given once for each address of the box. Those with which we
 * would call are left out.
 */
export function announcedAnswer(
  sdp: string,
  { bound, addresses }: { readonly bound: string; readonly addresses: readonly string[] },
): string {
  return linesOf(sdp).flatMap((line) => {
    const candidate = readCandidate(line);
    if (candidate === undefined) return [line];
    if (/ tcptype active\b/.test(line)) return [];
    if (candidate.address !== bound) return [line];
    return addresses.map((address, index) => withAddress(line, address, index));
  }).join("\r\n") + "\r\n";
}

/** Whether the answer has a UDP address of this box itself. */
export function hasOwnAddress(sdp: string, bound: string): boolean {
  return linesOf(sdp).some((line) => {
    const candidate = readCandidate(line);
    return candidate?.transport === "udp" && candidate.address === bound;
  });
}

interface Candidate {
  readonly transport: string;
  readonly address: string;
}

/** `a=candidate:` foundation, component, transport, priority, address, port … (RFC 8839, 5.1) */
function readCandidate(line: string): Candidate | undefined {
  if (!line.startsWith("a=candidate:")) return undefined;
  const [, , transport = "", , address = ""] = line.split(" ");
  return { transport: transport.toLowerCase(), address };
}

/** Addresses with the same foundation would be tried as one: each gets its own. */
function withAddress(line: string, address: string, index: number): string {
  const fields = line.split(" ");
  fields[0] = `${fields[0]}${index}`;
  // The first address is the most wanted one; priorities differ by one.
  fields[3] = String(Math.max(1, Number(fields[3]) - index));
  fields[4] = address;
  return fields.join(" ");
}

function linesOf(sdp: string): string[] {
  return sdp.split(/\r?\n/).filter((line) => line !== "");
}
