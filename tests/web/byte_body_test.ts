import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { MOST_STRANGERS_READS, serveBytes } from "../../src/web/byte_body.ts";
import type { ByteBody } from "../../src/web/doors.ts";
import { Problem } from "../../src/web/problem.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";

const PIECE_BYTES = 64 * 1024;

/** A body that notes what is read of it; byte n is n modulo 251. */
function noted(totalBytes: number): ByteBody & { pieces: number; ended: number } {
  const body = {
    totalBytes,
    etag: '"noted"',
    pieces: 0,
    ended: 0,
    read(from: number, to: number): ReadableStream<Uint8Array> {
      async function* pieces() {
        try {
          for (let at = from; at < to; at += PIECE_BYTES) {
            body.pieces += 1;
            const length = Math.min(PIECE_BYTES, to - at);
            yield await Promise.resolve(
              Uint8Array.from({ length }, (_, index) => (at + index) % 251),
            );
          }
        } finally {
          body.ended += 1;
        }
      }
      return ReadableStream.from(pieces());
    },
  };
  return body;
}

/** A server with one body at every address. */
function served(
  body: ByteBody,
  clock = new FakeClock(),
): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    try {
      return serveBytes(request, body, { contentType: "video/mp4", fileName: 'a"b.mp4', clock });
    } catch (error) {
      if (error instanceof Problem) return error.toResponse();
      throw error;
    }
  });
  const { port } = server.addr;
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("serveBytes() says length and tag, gives the whole, a range, or only the head", async () => {
  const body = noted(200_000);
  await using server = served(body);
  const whole = await fetch(server.url);
  deepStrictEqual([whole.status, whole.headers.get("content-length")], [200, "200000"]);
  deepStrictEqual([whole.headers.get("etag"), whole.headers.get("accept-ranges")], [
    ...['"noted"', "bytes"],
  ]);
  strictEqual(whole.headers.get("content-disposition"), 'inline; filename="a_b.mp4"');
  const bytes = await whole.bytes();
  strictEqual(bytes.length, 200_000);
  const part = await fetch(server.url, { headers: { range: "bytes=100000-150000" } });
  deepStrictEqual([part.status, part.headers.get("content-range")], [
    ...[206, "bytes 100000-150000/200000"],
  ]);
  deepStrictEqual(await part.bytes(), bytes.slice(100_000, 150_001));
  const head = await fetch(server.url, { method: "HEAD" });
  deepStrictEqual([head.status, head.headers.get("content-length")], [200, "200000"]);
  strictEqual(body.ended, 2, "reads");
});

Deno.test("serveBytes() reads nothing for an answer without a body", async () => {
  const body = noted(1_000);
  await using server = served(body);
  const known = await fetch(server.url, { headers: { "if-none-match": '"noted"' } });
  deepStrictEqual([known.status, known.headers.get("etag"), await known.text()], [
    304,
    '"noted"',
    "",
  ]);
  const outside = await fetch(server.url, { headers: { range: "bytes=1000-" } });
  deepStrictEqual([outside.status, outside.headers.get("content-range")], [416, "bytes */1000"]);
  strictEqual((await outside.json()).code, "range-invalid");
  const changed = await fetch(server.url, { headers: { "if-match": '"other"' } });
  strictEqual(changed.status, 412);
  await changed.body?.cancel();
  strictEqual(body.pieces, 0);
});

Deno.test("serveBytes() keeps places for those who are logged in, however many strangers read", async () => {
  const body = noted(1_000_000);
  const clock = new FakeClock();
  const ask = (isStranger: boolean) =>
    serveBytes(new Request("http://x/"), body, { contentType: "video/mp4", clock, isStranger });
  const answers = Array.from({ length: MOST_STRANGERS_READS }, () => ask(true));
  throws(() => ask(true), { status: 503, code: "busy" });
  answers.push(ask(false));
  for (const answer of answers) await answer.body!.cancel();
  await ask(true).body!.cancel();
});

Deno.test("serveBytes() reads at the client's pace, and ends when it goes away", async () => {
  const body = noted(400 * 1024 * 1024);
  await using server = served(body);
  const going = new AbortController();
  const answer = await fetch(server.url, { signal: going.signal });
  const reader = answer.body!.getReader();
  await reader.read();
  // What fits into sockets and buffers between the two is read; the rest waits.
  let before = -1;
  await until(() => {
    const isStill = body.pieces === before;
    before = body.pieces;
    return isStill;
  }, { limitMs: 5_000, what: "reading to pause" });
  ok(body.pieces * PIECE_BYTES < 64 * 1024 * 1024, `${body.pieces} pieces were read ahead`);
  going.abort();
  await rejects(reader.read());
  await until(() => body.ended === 1, { limitMs: 5_000, what: "reading to end" });
});

Deno.test("serveBytes() lets go of what a client has not taken for a minute", async () => {
  const body = noted(400 * 1024 * 1024);
  const clock = new FakeClock();
  await using server = served(body, clock);
  const answer = await fetch(server.url);
  const reader = answer.body!.getReader();
  await reader.read();
  let before = -1;
  await until(() => {
    const isStill = body.pieces === before;
    before = body.pieces;
    return isStill;
  }, { limitMs: 5_000, what: "reading to pause" });
  await clock.advance(59_000);
  strictEqual(body.ended, 0);
  await clock.advance(1_000);
  await until(() => body.ended === 1, { limitMs: 5_000, what: "reading to end" });
  await rejects(async () => {
    while (!(await reader.read()).done);
  }, "the client must see that it has not got all");
});
