/**
 * A real HTTP server that takes alerts and answers as the test wants.
 *
 * @module
 */

import { until } from "../support/until.ts";

/** What the server got. */
export interface Got {
  readonly headers: Headers;
  readonly body: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly got: readonly Got[];
  /** Ids of the alerts that it got, in order. */
  readonly ids: readonly string[];
  /** Resolves when so many requests have come. */
  reached(count: number): Promise<void>;
}

/** @param answer What the `number`th request gets, from 1; a status, or a whole answer. */
export function startReceiver(
  answer: (number: number) => number | Response | Promise<Response>,
  tls: { readonly cert?: string; readonly key?: string } = {},
): Receiver {
  const got: Got[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls };
  const server = Deno.serve(options as Deno.ServeTcpOptions, async (request) => {
    got.push({ headers: request.headers, body: await request.text() });
    const made = await answer(got.length);
    return typeof made === "number" ? new Response(null, { status: made }) : made;
  });
  const scheme = tls.cert === undefined ? "http" : "https";
  return {
    url: `${scheme}://127.0.0.1:${server.addr.port}/alerts`,
    got,
    get ids() {
      return got.map(({ headers }) => headers.get("idempotency-key") ?? "");
    },
    async reached(count) {
      await until(() => got.length >= count, { limitMs: 10_000, what: `request ${count}` });
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
