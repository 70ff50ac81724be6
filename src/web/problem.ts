/**
 * Problem documents (RFC 9457): every answer that isn't what was asked for.
 *
 * A route throws a {@linkcode Problem}; src/web/app.ts turns it into an answer.
 * What it says is read by strangers too: no paths, no secrets, no stack.
 *
 * Design: docs/design/security.md
 *
 * @module
 */

import { z } from "@hono/zod-openapi";
import type { OperatorError } from "../base/errors.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** Short words for a status, as title of its problems. */
const TITLES = {
  400: "Bad request",
  401: "Not logged in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  408: "Request too slow",
  409: "Conflict",
  410: "Gone",
  411: "Length required",
  412: "Precondition failed",
  413: "Body too large",
  414: "Address too long",
  415: "Unsupported kind of body",
  416: "Range not satisfiable",
  422: "Can't be done as asked",
  426: "Upgrade required",
  428: "Precondition required",
  429: "Too many requests",
  431: "Header fields too large",
  500: "Internal fault",
  503: "Unavailable",
  504: "Took too long",
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** The shape of each such answer, for the OpenAPI document. */
export const problemSchema = z.object({
  type: z.string().openapi({ example: "about:blank" }),
  title: z.string().openapi({ example: "Not found" }),
  status: z.int().openapi({ example: 404 }),
  detail: z.string().openapi({ example: 'There is no camera "yard"' }),
  code: z.string().openapi({
    description: "Stable name of the cause, for programs",
    example: "camera-unknown",
  }),
  fix: z.array(z.string()).optional().openapi({ description: "What can be done about it" }),
}).openapi("Problem");

export interface ProblemExtras {
  readonly fix?: readonly string[];
  /** Such as `retry-after`, `allow` or `content-range`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer other than what was asked for. Expected: it is not logged as a fault. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly fix: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param code Stable, lower-case words with "-": programs compare it.
   * @param detail One sentence for people, no full stop.
   */
  constructor(
    readonly status: ProblemStatus,
    readonly code: string,
    readonly detail: string,
    extras: ProblemExtras = {},
  ) {
    super(detail);
    this.fix = extras.fix ?? [];
    this.headers = extras.headers ?? {};
  }

  toResponse(): Response {
    const { status, code, detail, fix } = this;
    const body = {
      type: "about:blank",
      title: TITLES[status],
      status,
      detail,
      code,
      ...(fix.length === 0 ? {} : { fix }),
    };
    return new Response(`${JSON.stringify(body)}\n`, {
      status,
      headers: { ...this.headers, "content-type": PROBLEM_TYPE, "cache-control": "no-store" },
    });
  }
}

/** Also said of a camera that the asker may not see: strangers don't learn its name. */
export function cameraUnknown(cameraId: string): Problem {
  return new Problem(404, "camera-unknown", `There is no camera "${cameraId}"`);
}

/** For faults that whoever asks can mend. */
export function problemOf(error: OperatorError, status: ProblemStatus = 422): Problem {
  return new Problem(status, error.code, error.message, { fix: error.advice.fix });
}

type ProblemAnswer = {
  readonly description: string;
  readonly content: { readonly [PROBLEM_TYPE]: { readonly schema: typeof problemSchema } };
};

/**
 * The `responses` of a route that are problems, beside its own:
 * `responses: { 200: …, ...problems(400, 401, 404) }`.
 */
export function problems<S extends ProblemStatus>(...statuses: S[]): Record<S, ProblemAnswer> {
  const answers: Partial<Record<ProblemStatus, ProblemAnswer>> = {};
  for (const status of statuses) {
    answers[status] = {
      description: TITLES[status],
      content: { [PROBLEM_TYPE]: { schema: problemSchema } },
    };
  }
  return answers as Record<S, ProblemAnswer>;
}
