import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  announcedAnswer,
  hasOwnAddress,
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
