import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  announcedAnswer,
  candidatesIn,
  hasOwnAddress,
  isKept,
  keptBy,
  offerFault,
  strippedOffer,
} from "../../src/live/whep_sdp.ts";

const lines = (...each: string[]) => each.join("\r\n") + "\r\n";

const HEAD = ["v=0", "a=ice-ufrag:abcd", "a=ice-pwd:efgh", "a=fingerprint:sha-256 00:11"];
const PICTURE = ["m=video 9 UDP/TLS/RTP/SAVPF 102", "a=rtpmap:102 H264/90000"];

const UDP = "a=candidate:1 1 udp 2130706431 192.168.1.20 50000 typ host";
const HIDDEN = "a=candidate:2 1 udp 2130706431 f0e1.local 50001 typ host";
const TCP = "a=candidate:3 1 tcp 1518280447 192.168.1.20 9 typ host tcptype active";

const OFFERS = [
  { name: "takes a browser's", sdp: lines(...HEAD, ...PICTURE), fault: undefined },
  { name: "refuses any other text", sdp: "hello", fault: "the offer is no WebRTC offer" },
  { name: "refuses no text", sdp: "", fault: "the offer is no WebRTC offer" },
  {
    name: "refuses one without a picture",
    sdp: lines(...HEAD, "m=audio 9 UDP/TLS/RTP/SAVPF 0"),
    fault: "the offer asks for no picture",
  },
  {
    name: "refuses one without H.264",
    sdp: lines(...HEAD, PICTURE[0]!, "a=rtpmap:96 VP8/90000"),
    fault: "the browser does not play H.264 over WebRTC",
  },
  {
    name: "refuses an endless one",
    sdp: lines(...HEAD, ...PICTURE, "a=x:" + "y".repeat(70_000)),
    fault: "the offer is too long",
  },
] as const;

for (const { name, sdp, fault } of OFFERS) {
  Deno.test(`offerFault() ${name}`, () => strictEqual(offerFault(sdp), fault));
}

Deno.test("strippedOffer() leaves no address that this box would call", () => {
  const offer = lines(...HEAD, ...PICTURE, UDP, HIDDEN, TCP, "a=end-of-candidates");
  strictEqual(strippedOffer(offer, "none"), lines(...HEAD, ...PICTURE));
});

Deno.test("strippedOffer() keeps UDP addresses for STUN and TURN, but no hidden names", () => {
  const offer = lines(...HEAD, ...PICTURE, UDP, HIDDEN, TCP);
  strictEqual(strippedOffer(offer, "udp"), lines(...HEAD, ...PICTURE, UDP));
});

Deno.test("strippedOffer() keeps 40 addresses at most, by which those that come later are counted on", () => {
  const offer = lines(...HEAD, ...PICTURE, ...new Array<string>(60).fill(UDP), TCP, HIDDEN);
  strictEqual(candidatesIn(strippedOffer(offer, "udp")), 40);
  strictEqual(candidatesIn(offer), 62);
});

Deno.test("isKept() takes what one machine on a network may have, and this one only where it announces itself", () => {
  const line = (address: string, port = "50000") =>
    `candidate:1 1 udp 2130706431 ${address} ${port} typ host`;
  strictEqual(isKept(line("192.168.1.20"), "udp"), true);
  strictEqual(isKept(line("192.168.1.20"), "none"), false);
  strictEqual(isKept(line("127.0.0.1"), "udp"), false);
  strictEqual(isKept(line("::1"), "udp-and-loopback"), true);
  for (const address of ["255.255.255.255", "239.255.255.250", "0.0.0.0", "ff02::fb", "a.local"]) {
    strictEqual(isKept(line(address), "udp-and-loopback"), false, address);
  }
  for (const port of ["0", "65536", "99999", "0x50", ""]) {
    strictEqual(isKept(line("192.168.1.20", port), "udp"), false, port);
  }
});

Deno.test("keptBy() has loopback called only by a box that announces it, and nobody without a server", () => {
  const iceServers = ["stun:192.0.2.1"];
  strictEqual(keptBy({ iceServers, addresses: ["192.168.1.2"] }), "udp");
  strictEqual(keptBy({ iceServers, addresses: ["192.168.1.2", "127.0.0.1"] }), "udp-and-loopback");
  strictEqual(keptBy({ iceServers: [], addresses: ["127.0.0.1"] }), "none");
});

Deno.test("announcedAnswer() gives each candidate once for every address of the box", () => {
  const answer = lines(
    "v=0",
    "a=candidate:8 1 udp 2130706431 0.0.0.0 50000 typ host",
    "a=candidate:9 1 tcp 1518280447 0.0.0.0 50000 typ host tcptype passive",
    "a=candidate:9 1 tcp 1518280447 0.0.0.0 9 typ host tcptype active",
    "a=candidate:7 1 udp 100 203.0.113.5 61000 typ srflx raddr 0.0.0.0 rport 50000",
  );
  const announced = announcedAnswer(answer, {
    bound: "0.0.0.0",
    addresses: ["192.168.1.2", "10.0.0.2"],
  });
  deepStrictEqual(announced.split("\r\n").slice(1, -1), [
    "a=candidate:80 1 udp 2130706431 192.168.1.2 50000 typ host",
    "a=candidate:81 1 udp 2130706430 10.0.0.2 50000 typ host",
    "a=candidate:90 1 tcp 1518280447 192.168.1.2 50000 typ host tcptype passive",
    "a=candidate:91 1 tcp 1518280446 10.0.0.2 50000 typ host tcptype passive",
    "a=candidate:7 1 udp 100 203.0.113.5 61000 typ srflx raddr 0.0.0.0 rport 50000",
  ]);
  strictEqual(hasOwnAddress(answer, "0.0.0.0"), true);
  strictEqual(hasOwnAddress(lines("v=0", TCP), "192.168.1.20"), false);
});
