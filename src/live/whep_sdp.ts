/**
 * What is read from and changed in the two texts of a WHEP exchange: the browser's
 * offer and our answer, both SDP (RFC 8866).
 *
 * Pure.
 *
 * @module
 */

import { addressKind } from "./address_kind.ts";
import { MAX_CANDIDATES } from "./ice_candidates.ts";

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

/** Whether the viewer wants sound: a part of the offer that is open, and takes Opus. */
export function wantsSound(sdp: string): boolean {
  return sdp.split(/^(?=m=)/m).some((part) =>
    /^m=audio [1-9]/.test(part) && /^a=rtpmap:\d+ opus\/48000\/2\s*$/im.test(part) &&
    !/^a=(?:inactive|sendonly)\s*$/m.test(part)
  );
}

/** Which addresses of a viewer count: none, those of UDP, or of UDP and this machine's own too. */
export type KeptCandidates = "none" | "udp" | "udp-and-loopback";

/**
 * A viewer's addresses that count, where this box announces its own so.
 *
 * Without a server no packet of ours has to open the way: nobody is called. And nobody
 * calls services of this machine who is not on it.
 */
export function keptBy(
  { iceServers, addresses }: {
    readonly iceServers: readonly unknown[];
    readonly addresses: readonly string[];
  },
): KeptCandidates {
  if (iceServers.length === 0) return "none";
  const isHere = addresses.some((address) => addressKind(address) === "loopback");
  return isHere ? "udp-and-loopback" : "udp";
}

/**
 * The offer without addresses that we must not or need not call.
 *
 * Without a STUN or TURN server none is needed: the browser calls us, and its
 * address is seen then. So nobody who may watch can have this box call others.
 * With one, packets of ours have to open the way, and UDP addresses are kept;
 * not names, such as the hidden ones under ".local" that only mDNS could resolve. That no more
 * addresses will come is left out as well: the one that is seen is still to come.
 */
export function strippedOffer(sdp: string, keep: KeptCandidates): string {
  let kept = 0;
  return linesOf(sdp).filter((line) => {
    if (line === "a=end-of-candidates") return false;
    if (!line.startsWith("a=candidate:")) return true;
    if (kept >= MAX_CANDIDATES || !isKept(line, keep)) return false;
    kept += 1;
    return true;
  }).join("\r\n") + "\r\n";
}

/** How many addresses a text of SDP has. */
export function candidatesIn(sdp: string): number {
  return linesOf(sdp).filter((line) => line.startsWith("a=candidate:")).length;
}

/** @param line A candidate, with or without "a=" in front. */
export function isKept(line: string, keep: KeptCandidates): boolean {
  if (keep === "none") return false;
  const { transport, address, port } = readCandidate(line) ?? NO_CANDIDATE;
  if (transport !== "udp" || port === 0 || port > 65_535) return false;
  // Not a name: it would have this box ask name servers for whoever watches.
  const kind = addressKind(address);
  return kind === "unicast" || (kind === "loopback" && keep === "udp-and-loopback");
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
  return linesOf(sdp).flatMap((line) =>
    line.startsWith("a=candidate:") ? announcedCandidate(line, { bound, addresses }) : [line]
  ).join("\r\n") + "\r\n";
}

/** The same for one candidate, with or without "a=" in front. */
export function announcedCandidate(
  line: string,
  { bound, addresses }: { readonly bound: string; readonly addresses: readonly string[] },
): string[] {
  if (/ tcptype active\b/.test(line)) return [];
  if (readCandidate(line)?.address !== bound) return [line];
  return addresses.map((address, index) => withAddress(line, address, index));
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
  readonly port: number;
}

const NO_CANDIDATE: Candidate = { transport: "", address: "", port: 0 };

/** `a=candidate:` foundation, component, transport, priority, address, port … (RFC 8839, 5.1) */
function readCandidate(line: string): Candidate | undefined {
  if (!/^(?:a=)?candidate:/.test(line)) return undefined;
  const [, , transport = "", , address = "", port = ""] = line.split(" ");
  return {
    transport: transport.toLowerCase(),
    address,
    port: /^\d{1,5}$/.test(port) ? Number(port) : 0,
  };
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
