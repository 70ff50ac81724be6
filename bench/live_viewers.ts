/**
 * What runs in the browser for bench/live.ts: the delay of the picture on show, the
 * time to the first one, and viewers that only take.
 *
 * Texts, because they run in the page. They count on `readClock`
 * (tests/support/clock_picture.ts).
 *
 * @module
 */

/** `delaysOf(video, ms)`: how late each frame is when it comes up, in milliseconds. */
const DELAYS = `
globalThis.delaysOf = (video, ms) => new Promise((resolve) => {
  const delays = [];
  const untilMs = performance.now() + ms;
  const next = () => video.requestVideoFrameCallback(() => {
    const nowMs = Date.now();
    const madeMs = readClock(video);
    if (madeMs !== null) delays.push(nowMs - madeMs);
    if (performance.now() < untilMs) next();
  });
  next();
  // Frames may have stopped.
  setTimeout(() => resolve(delays), ms + 500);
});
`;

/** `joinBy(protocol)`: from choosing it to the first picture, and to one that is nearly of now. */
const JOINS = `
globalThis.joinBy = (protocol) => new Promise((resolve) => {
  const video = document.querySelector(".live video");
  const select = document.querySelector(".live-line select");
  const startedMs = performance.now();
  let firstMs;
  // What never came counts as this late.
  const limit = setTimeout(() => resolve({ firstMs: firstMs ?? 15_000, nowMs: 15_000 }), 15_000);
  const next = () => video.requestVideoFrameCallback(() => {
    const tookMs = performance.now() - startedMs;
    const madeMs = readClock(video);
    if (madeMs !== null) firstMs ??= tookMs;
    if (madeMs === null || Date.now() - madeMs > 1_500) return next();
    clearTimeout(limit);
    resolve({ firstMs, nowMs: tookMs });
  });
  next();
  select.value = protocol;
  select.dispatchEvent(new Event("change", { bubbles: true }));
});
`;

/**
 * `addViewers(cameraId, protocol, count)` and `endViewers()`: they take and show nothing.
 * `viewersBytes()`: what each of them has got so far.
 */
const VIEWERS = `
const ends = [];
const got = [];
globalThis.viewersBytes = () => Promise.all(got.map((read) => read()));
globalThis.endViewers = () => {
  got.length = 0;
  ends.splice(0).forEach((end) => end());
};
globalThis.addViewers = async (cameraId, protocol, count) => {
  const path = "/api/v1/cameras/" + cameraId;
  const start = { mse: takeMse, hls: takeHls, whep: takeWhep }[protocol];
  for (let number = 0; number < count; number += 1) await start(path);
};
const takeMse = (path) => {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + path + "/live/mse");
  let bytes = 0;
  socket.onmessage = ({ data }) => bytes += data.size ?? 0;
  got.push(() => bytes);
  ends.push(() => socket.close());
};
const takeWhep = async (path) => {
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  peer.addTransceiver("video", { direction: "recvonly" });
  await peer.setLocalDescription();
  const answer = await fetch(path + "/whep", {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: peer.localDescription.sdp,
  });
  if (!answer.ok) throw new Error("WHEP: " + answer.status);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  got.push(async () => [...(await peer.getStats()).values()]
    .reduce((sum, { type, bytesReceived }) => sum + (type === "inbound-rtp" ? bytesReceived : 0), 0));
  ends.push(() => {
    peer.close();
    fetch(new URL(answer.headers.get("location"), answer.url), { method: "DELETE" });
  });
};
const takeHls = (path) => {
  let [isOver, bytes] = [false, 0];
  got.push(() => bytes);
  ends.push(() => isOver = true);
  (async () => {
    const taken = new Set();
    for (let query = ""; !isOver;) {
      const text = await (await fetch(path + "/live/index.m3u8" + query)).text();
      const sequence = Number(/MEDIA-SEQUENCE:(\\d+)/.exec(text)?.[1] ?? 0);
      const wholes = (text.match(/^#EXTINF/gm) ?? []).length;
      const open = text.slice(text.lastIndexOf("#EXTINF"));
      const parts = [...open.matchAll(/#EXT-X-PART:.*?URI="([^"]+)"/g)].map(([, uri]) => uri);
      for (const uri of parts) {
        if (taken.has(uri)) continue;
        taken.add(uri);
        bytes += (await (await fetch(path + "/live/" + uri)).arrayBuffer()).byteLength;
      }
      query = "?_HLS_msn=" + (sequence + wholes) + "&_HLS_part=" + parts.length;
    }
  })();
};
`;

export const VIEWER_SCRIPTS: readonly string[] = [DELAYS, JOINS, VIEWERS];
