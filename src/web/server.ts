/**
 * Listens, and gives each request to the app: with who asks and how, within a time
 * limit, and with the headers of every answer.
 *
 * In:   an app (src/web/app.ts) and the settings. Out: answers on a port.
 * Not here: who may do what (src/web/front.ts), limits of connections
 *       (src/web/http_connections.ts).
 *
 * Design: docs/design/security.md
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { messageOf, OperatorError } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import { withAnswerHeaders } from "./answer_headers.ts";
import { answerOf } from "./bare_app.ts";
import {
  type ArrivedOn,
  type ConnectionCounts,
  type ConnectionLimits,
  HttpConnections,
} from "./http_connections.ts";
import type { Arrival, WebApp } from "./needs.ts";
import { Problem } from "./problem.ts";
import type { WebSettings } from "./settings.ts";
import { type TlsPair, unusable } from "./tls.ts";

const log = logger("web");

/** Longest address of a request, in characters. */
const LONGEST_URL = 8_192;

/** Until an answer begins, in milliseconds; how long it then takes is up to the client. */
const ANSWER_LIMIT_MS = 60_000;

/** How often a certificate is looked for that takes the place of the present one. */
const RENEWAL_MS = 3_600_000;

export interface WebServerOptions {
  readonly app: WebApp;
  readonly settings: Pick<WebSettings, "listen" | "isBehindProxy">;
  /** Null: not encrypted. Asked again from time to time. */
  readonly tls: (() => Promise<TlsPair>) | null;
  readonly clock: Clock;
  readonly limits?: ConnectionLimits;
  readonly answerLimitMs?: number;
}

export class WebServer implements AsyncDisposable {
  readonly #options: WebServerOptions;
  readonly #connections: HttpConnections;
  readonly #stop = new AbortController();
  #listener: Deno.Listener;
  #pair: TlsPair | null;
  #accepting: Promise<void>;
  readonly #renewing: Promise<void>;
  #late = 0;

  private constructor(options: WebServerOptions, pair: TlsPair | null) {
    this.#options = options;
    this.#pair = pair;
    this.#listener = listen(options.settings.listen, pair);
    this.#connections = new HttpConnections({
      handler: (request, arrived) => this.#answer(request, arrived),
      clock: options.clock,
      isBehindProxy: options.settings.isBehindProxy,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    this.#accepting = this.#connections.accept(this.#listener);
    this.#renewing = options.tls === null ? Promise.resolve() : this.#renew(options.tls);
  }

  /** @throws {OperatorError} "listen-failed" or "certificate-unusable". */
  static async start(options: WebServerOptions): Promise<WebServer> {
    return new WebServer(options, options.tls === null ? null : await options.tls());
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Where the page is, for people on this machine. */
  get url(): string {
    const { hostname } = this.#options.settings.listen;
    const isAny = hostname === "0.0.0.0" || hostname === "::";
    const host = isAny ? "localhost" : hostname.includes(":") ? `[${hostname}]` : hostname;
    return `${this.#pair === null ? "http" : "https"}://${host}:${this.port}/`;
  }

  get counts(): ConnectionCounts & { readonly lateAnswers: number } {
    return { ...this.#connections.counts, lateAnswers: this.#late };
  }

  /** Stops listening and ends every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#renewing;
    this.#listener.close();
    await this.#accepting;
    await this.#connections.close();
  }

  async #answer(request: Request, arrived: ArrivedOn): Promise<Response> {
    const arrival = arrivalOf(request, { arrived, ...this.#about });
    const response = await this.#response(request, arrival);
    return withAnswerHeaders(response, arrival);
  }

  get #about(): { readonly isBehindProxy: boolean; readonly isEncrypted: boolean } {
    const { isBehindProxy } = this.#options.settings;
    return { isBehindProxy, isEncrypted: this.#pair !== null };
  }

  async #response(request: Request, arrival: Arrival): Promise<Response> {
    if (request.url.length > LONGEST_URL) {
      return new Problem(
        414,
        "address-too-long",
        `An address has at most ${LONGEST_URL} characters`,
      )
        .toResponse();
    }
    const limit = Promise.withResolvers<Response>();
    const limitMs = this.#options.answerLimitMs ?? ANSWER_LIMIT_MS;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#late += 1;
      limit.resolve(new Problem(504, "answer-late", "The answer took too long").toResponse());
    }, limitMs);
    const answer = this.#ask(request, arrival).then((response) => {
      // Nobody reads it any more; whatever feeds it must hear of that.
      if (isLate) response.body?.cancel().catch(() => {});
      return response;
    });
    try {
      return await Promise.race([answer, limit.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(request: Request, arrival: Arrival): Promise<Response> {
    try {
      return await this.#options.app.fetch(request, arrival);
    } catch (error) {
      return answerOf(error).toResponse();
    }
  }

  /** Takes over a certificate that was renewed, without ending what goes on. */
  async #renew(tls: () => Promise<TlsPair>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#options.clock.sleep(RENEWAL_MS, signal);
      if (signal.aborted) return;
      try {
        await this.#replace(await tls());
      } catch (error) {
        log.error("Cannot take over the certificate: {reason}", { reason: messageOf(error) });
      }
    }
  }

  async #replace(pair: TlsPair): Promise<void> {
    if (pair.cert === this.#pair?.cert) return;
    const port = this.port;
    const before = this.#pair;
    this.#listener.close();
    await this.#accepting;
    const { hostname } = this.#options.settings.listen;
    try {
      this.#listener = listen({ hostname, port }, pair);
      this.#pair = pair;
    } catch (error) {
      this.#listener = listen({ hostname, port }, before);
      throw error;
    } finally {
      this.#accepting = this.#connections.accept(this.#listener);
    }
    log.info("Took over another certificate");
  }
}

/** Who asks, and how: by a proxy's word where there is one. */
export function arrivalOf(
  request: Pick<Request, "url" | "headers">,
  { arrived, isBehindProxy, isEncrypted }: {
    readonly arrived: ArrivedOn;
    readonly isBehindProxy: boolean;
    readonly isEncrypted: boolean;
  },
): Arrival {
  const { headers } = request;
  const host = URL.parse(request.url)?.host ?? "";
  const welcome = () => arrived.welcome();
  if (!isBehindProxy) return { client: arrived.client, host, isSecure: isEncrypted, welcome };
  // Each proxy appends what it saw: the last one is ours, what stands before may be made up.
  const client = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() || arrived.client;
  const scheme = headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim();
  return {
    client: client.slice(0, 64),
    host: headers.get("x-forwarded-host")?.split(",").at(-1)?.trim() || host,
    isSecure: isEncrypted || scheme === "https",
    welcome,
  };
}

function listen(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  pair: TlsPair | null,
): Deno.Listener {
  try {
    if (pair === null) return Deno.listen({ hostname, port });
    return Deno.listenTls({ hostname, port, ...pair, alpnProtocols: ["h2", "http/1.1"] });
  } catch (error) {
    if (pair !== null && error instanceof Deno.errors.InvalidData) {
      throw unusable("web.tls", messageOf(error));
    }
    throw new OperatorError(
      "listen-failed",
      `Cannot listen at ${hostname}:${port}: ${messageOf(error)}`,
      {
        fix: [
          "stop the program that has the port (see it with: ss -ltnp)",
          "or choose another address in web.listen",
        ],
      },
    );
  }
}
