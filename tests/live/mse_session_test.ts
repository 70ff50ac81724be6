import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import { FanOut } from "../../src/live/fan_out.ts";
import { MAX_WAITING_BYTES, MseSession, type Socket } from "../../src/live/mse_session.ts";
import type { LiveSource } from "../../src/model/live.ts";
import { plainFragment, plainInfo } from "./live_world.ts";

/** The server's end of a connection whose other end reads as the test says. */
class FakeSocket implements Socket {
  readonly sent: string[] = [];
  binaryType: BinaryType = "blob";
  bufferedAmount = 0;
  readyState: number = WebSocket.OPEN;
  closedWith: number | undefined;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (typeof data === "string") this.sent.push((JSON.parse(data) as { type: string }).type);
    else this.sent.push(`${(data as Uint8Array).length} bytes`);
  }

  close(code?: number): void {
    this.closedWith = code;
    this.readyState = WebSocket.CLOSED;
    this.onclose?.(new CloseEvent("close"));
  }
}

function watched() {
  const fan = new FanOut({ onFirst() {}, onLast() {} });
  const socket = new FakeSocket();
  const ends: string[] = [];
  const session = new MseSession(socket, {
    source: fan as unknown as LiveSource,
    onEnd: () => ends.push("end"),
  });
  return { fan, socket, session, ends };
}

Deno.test("MseSession says what it is, gives the init segment, the clock, and fragments", () => {
  const { fan, socket } = watched();
  fan.begin(plainInfo(1));
  fan.take(plainFragment(5, true));
  fan.take(plainFragment(4));
  fan.take({ ...plainFragment(3), originMs: unixMs(1) });
  fan.begin(plainInfo(2));
  fan.take(plainFragment(2, true));
  deepStrictEqual(socket.sent, [
    ...["start", "1 bytes", "clock", "5 bytes", "4 bytes", "clock", "3 bytes"],
    ...["start", "1 bytes", "clock", "2 bytes"],
  ]);
});

Deno.test("MseSession leaves out what a slow page can't take, up to a key frame", () => {
  const { fan, socket } = watched();
  fan.begin(plainInfo(1));
  fan.take(plainFragment(7, true));
  fan.take(plainFragment(5, true));
  socket.bufferedAmount = MAX_WAITING_BYTES + 1;
  fan.take(plainFragment(4));
  fan.take(plainFragment(6, true));
  socket.bufferedAmount = 0;
  fan.take(plainFragment(3));
  fan.take(plainFragment(2, true));
  deepStrictEqual(socket.sent.slice(-2), ["5 bytes", "2 bytes"]);
  strictEqual(fan.missed, 3);
});

Deno.test("MseSession gives the whole group of pictures with which a page begins, however large", () => {
  const { fan, socket } = watched();
  fan.begin(plainInfo(1));
  fan.take(plainFragment(5, true));
  socket.bufferedAmount = 2 * MAX_WAITING_BYTES;
  fan.take(plainFragment(4));
  fan.take(plainFragment(3, true));
  strictEqual(socket.sent.at(-1), "4 bytes");
  strictEqual(fan.missed, 1);
});

Deno.test("MseSession hangs up where its view ended before the page was there", () => {
  const fan = new FanOut({ onFirst() {}, onLast() {} });
  const socket = new FakeSocket();
  socket.readyState = WebSocket.CONNECTING;
  const session = new MseSession(socket, { source: fan as unknown as LiveSource, onEnd() {} });
  session.close();
  socket.readyState = WebSocket.OPEN;
  socket.onopen?.(new Event("open"));
  strictEqual(socket.closedWith, 1001);
  strictEqual(fan.viewers, 0);
});

Deno.test("MseSession leaves when the page has gone, and lets no page flood it", () => {
  const { fan, socket, session, ends } = watched();
  strictEqual(fan.viewers, 1);
  for (let count = 0; count < 21; count += 1) socket.onmessage?.(new MessageEvent("message"));
  strictEqual(socket.closedWith, 1008);
  strictEqual(fan.viewers, 0);
  session.close();
  deepStrictEqual(ends, ["end"]);
});
