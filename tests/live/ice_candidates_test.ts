import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isCandidate, readIceFragment, ufragsOf } from "../../src/live/ice_candidates.ts";
import { readSignal } from "../../src/live/signals.ts";
import { wantsSound } from "../../src/live/whep_sdp.ts";

const HOST = "candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0";

Deno.test("readIceFragment() gives addresses, the connection's name and whether it is the end", () => {
  const text = [
    ...["a=ice-ufrag:EsAw", "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "m=audio 9 RTP/AVP 0"],
    ...["a=mid:0", `a=${HOST}`, "a=end-of-candidates", ""],
  ].join("\r\n");
  deepStrictEqual(readIceFragment(text), { ufrag: "EsAw", candidates: [HOST], isEnd: true });
  deepStrictEqual(readIceFragment(`a=${HOST}`), {
    ...{ ufrag: undefined, candidates: [HOST], isEnd: false },
  });
});

for (
  const [name, text] of [
    ["no text", ""],
    ["JSON", '{"candidate":""}'],
    ["an address that is none", "a=candidate:drop table"],
    ["an endless one", "a=mid:0\r\n".repeat(9_000)],
  ] as const
) {
  Deno.test(`readIceFragment() refuses ${name}`, () => {
    strictEqual(readIceFragment(text), undefined);
  });
}

Deno.test("isCandidate() takes what browsers send, and no second line", () => {
  strictEqual(isCandidate(HOST), true);
  const hidden = "candidate:3 1 UDP 1 5d1f-9.local 9 typ srflx raddr 0.0.0.0 rport 0 ufrag a+/b";
  strictEqual(isCandidate(hidden), true);
  strictEqual(isCandidate("candidate:1 1 tcp 1 2001:db8::1 9 typ host tcptype active"), true);
  strictEqual(isCandidate(`${HOST}\r\na=setup:active`), false);
  strictEqual(isCandidate(`${HOST} ${"x".repeat(600)}`), false);
  strictEqual(isCandidate("192.0.2.1"), false);
});

Deno.test("ufragsOf() finds the names of an offer's connections", () => {
  deepStrictEqual([...ufragsOf("v=0\r\na=ice-ufrag:one\r\nm=audio\r\na=ice-ufrag:two\r\n")], [
    "one",
    "two",
  ]);
});

const SIGNALS = [
  { data: '{"type":"offer","sdp":"v=0","x":1}', want: { type: "offer", sdp: "v=0" } },
  {
    data: JSON.stringify({ type: "candidate", candidate: HOST, sdpMid: "0" }),
    want: { type: "candidate", candidate: HOST },
  },
  { data: '{"type":"candidate","candidate":""}', want: { type: "end-of-candidates" } },
  { data: '{"type":"end-of-candidates"}', want: { type: "end-of-candidates" } },
  { data: '{"type":"candidate","candidate":"no"}', want: undefined },
  { data: '{"type":"offer","sdp":7}', want: undefined },
  { data: '{"type":"answer","sdp":"v=0"}', want: undefined },
  { data: '{"type":"candidate"}', want: undefined },
  { data: "null", want: undefined },
  { data: "{", want: undefined },
  { data: new ArrayBuffer(4), want: undefined },
  { data: JSON.stringify({ type: "offer", sdp: "x".repeat(80_000) }), want: undefined },
] as const;

for (const { data, want } of SIGNALS) {
  const shown = typeof data === "string" ? data.slice(0, 50) : "bytes";
  Deno.test(`readSignal() ${want === undefined ? "refuses" : "understands"} ${shown}`, () => {
    deepStrictEqual(readSignal(data), want);
  });
}

const SOUND = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n";
const PICTURE = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n";

Deno.test("wantsSound() takes an open part for sound with Opus alone", () => {
  strictEqual(wantsSound(PICTURE + SOUND), true);
  strictEqual(wantsSound(SOUND + PICTURE), true);
  strictEqual(wantsSound(PICTURE), false);
  strictEqual(wantsSound(PICTURE + SOUND.replace("audio 9", "audio 0")), false);
  strictEqual(wantsSound(PICTURE + SOUND.replace("recvonly", "inactive")), false);
  strictEqual(wantsSound(PICTURE + SOUND.replace("opus/48000/2", "PCMA/8000")), false);
});
