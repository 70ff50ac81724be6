/**
 * An app without routes: what all of them have in common. Faults become problem
 * documents, requests that don't fit their schema too.
 *
 * @module
 */

import { OpenAPIHono } from "@hono/zod-openapi";
import { OperatorError, type OperatorErrorCode } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { WebApp, WebEnv } from "./needs.ts";
import { Problem, problemOf } from "./problem.ts";

const log = logger("web");

/** Faults that whoever asks can't mend. What they say has paths in it. */
const OF_THE_MACHINE: ReadonlySet<OperatorErrorCode> = new Set(
  ["access-unreadable", "database-missing", "database-unusable", "ffmpeg-not-found"] as const,
);

/** As many mistakes of a request are told as a person reads at once. */
const MISTAKES_TOLD = 5;

export function bareApp(): WebApp {
  const app = new OpenAPIHono<WebEnv>({
    defaultHook: (result) => {
      if (!result.success) throw requestInvalid(result.target, result.error.issues);
    },
  });
  app.onError((error) => answerOf(error).toResponse());
  app.notFound((context) => pathUnknown(context.req.path).toResponse());
  return app;
}

export function pathUnknown(path: string): Problem {
  return new Problem(404, "path-unknown", `There is nothing at "${path.slice(0, 200)}"`);
}

/** What a fault says to whoever asked. What we did wrong is told to the log only. */
export function answerOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof OperatorError) {
    if (!OF_THE_MACHINE.has(error.code)) return problemOf(error);
    log.warning("A request can't be answered: {text}", { text: error.message });
    return new Problem(503, error.code, "This can't be read at the moment; the log says why");
  }
  // Not a fault of ours: the router's own refusals, such as a body that is no JSON.
  const status = (error as { readonly status?: unknown } | null)?.status;
  if (status === 400) return new Problem(400, "request-invalid", "The body is no valid JSON");
  if (error instanceof DOMException && error.name === "AbortError") {
    return new Problem(503, "stopped", "It was given up before it was done");
  }
  const name = error instanceof Error ? error.name : "value";
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  log.error("A request failed: {name}: {text}", { name, text });
  return new Problem(500, "internal-fault", "Something went wrong here; the log has it");
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function requestInvalid(target: string, issues: readonly Issue[]): Problem {
  const mistakes = issues.slice(0, MISTAKES_TOLD).map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`
  );
  return new Problem(
    400,
    "request-invalid",
    `The ${WORDS[target] ?? target} is not as it must be: ${mistakes.join("; ")}`,
  );
}

const WORDS: Readonly<Record<string, string>> = {
  json: "body",
  param: "path",
  query: "query",
  header: "header",
};
