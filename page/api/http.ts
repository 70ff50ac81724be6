/**
 * The one place that talks HTTP with the server: JSON in and out, problem
 * documents (RFC 9457) as errors, the end of a session noticed, and the server's
 * clock learnt on the way.
 *
 * Not here: which calls there are (calls.ts), live pictures (page/live).
 *
 * @module
 */

import { narrowOffset, type OffsetBounds, offsetMs } from "../base/server_clock.ts";

export const API = "/api/v1";

/** The server, or the way to it, said no. The message is for people. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";

  constructor(
    message: string,
    /** 0 where the server was not reached. */
    readonly status: number,
    readonly code: string,
    readonly fix: readonly string[] = [],
  ) {
    super(message);
  }
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What is to happen when the server doesn't know us any more. */
let onLoggedOut: () => void = () => {};

export function whenLoggedOut(act: () => void): void {
  onLoggedOut = act;
}

let offset: OffsetBounds | undefined;

/** The time by the server's clock, in milliseconds, as well as it is known. */
export function serverNowMs(): number {
  return Date.now() + offsetMs(offset);
}

/** The path of a call with its query, for `src` attributes and links too. */
export function apiUrl(path: string, query: CallOptions["query"] = {}): string {
  const entries = Object.entries(query)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([name, value]) => [name, String(value)]);
  const text = new URLSearchParams(entries).toString();
  return API + path + (text === "" ? "" : `?${text}`);
}

/**
 * Calls the server.
 *
 * @returns What it answers; undefined for an answer without a body.
 * @throws {ApiProblem} For every answer that is no success, and where there is none.
 * A call that was aborted throws what `fetch` throws.
 */
export async function call<T>(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<T> {
  const response = await request(method, path, options);
  if (response.status === 204) return undefined as T;
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("json")) return await response.json();
  return await response.text() as T;
}

/** As {@linkcode call}, for what is no JSON. */
export async function request(
  method: string,
  path: string,
  { query, body, headers = {}, signal }: CallOptions = {},
): Promise<Response> {
  const sentMs = Date.now();
  const response = await reach(apiUrl(path, query), {
    method,
    credentials: "same-origin",
    ...(body === undefined ? { headers } : {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    }),
    ...(signal === undefined ? {} : { signal }),
  });
  learnClock(response, sentMs);
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && path !== "/session") onLoggedOut();
  throw problem;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem("The server can't be reached", 0, "unreachable");
  }
}

function learnClock(response: Response, sentMs: number): void {
  const dateMs = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(dateMs)) return;
  offset = narrowOffset(offset, { sentMs, receivedMs: Date.now(), dateMs });
}

/** The problem that an answer tells of, whatever it is made of. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const status = response.status;
  const text = await response.text().catch(() => "");
  try {
    const { title, detail, code, fix } = JSON.parse(text);
    return new ApiProblem(detail ?? title ?? `Status ${status}`, status, code ?? "", fix ?? []);
  } catch {
    // A proxy's page, or nothing: its words are not for people.
    return new ApiProblem(`The server answered with status ${status}`, status, "");
  }
}

/** What an error says to people. */
export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error is only that we stopped waiting. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
