/**
 * The kinds of failure: {@linkcode OperatorError} (a person can mend it) and
 * {@linkcode InvariantError} (we broke our own rule). Broken contracts of a
 * caller use the built-in errors. Expected outcomes are values, not throws.
 *
 * @module
 */

/**
 * Every operator fault and the exit code of a command that ends with it:
 * 2 for wrong use, 1 for work that failed. Each code is a heading in
 * docs/troubleshooting.md.
 */
const EXIT_CODES = {
  "access-unreadable": 1,
  "broker-unreachable": 1,
  "camera-unknown": 2,
  "certificate-unusable": 1,
  "config-invalid": 2,
  "config-missing": 2,
  "database-missing": 1,
  "database-unusable": 1,
  "demo-failed": 1,
  "detector-unavailable": 1,
  "duration-invalid": 2,
  "export-failed": 1,
  "export-target-exists": 2,
  "ffmpeg-not-found": 1,
  "film-unreadable": 2,
  "key-unreadable": 2,
  "listen-failed": 1,
  "live-unavailable": 1,
  "live-unsuited": 1,
  "model-invalid": 2,
  "no-cameras": 2,
  "no-footage": 1,
  "not-recording": 1,
  "prompt-unanswered": 2,
  "rebuild-failed": 1,
  "root-in-use": 1,
  "root-missing": 1,
  "root-unusable": 1,
  "service-failed": 1,
  "time-ambiguous": 2,
  "time-invalid": 2,
  "usage": 2,
  "user-invalid": 2,
} as const;

export type OperatorErrorCode = keyof typeof EXIT_CODES;

export const OPERATOR_ERROR_CODES = Object.keys(EXIT_CODES) as OperatorErrorCode[];

/** What an operator error says beside its first line. */
export interface OperatorAdvice {
  /** What was there: name and value, printed in this order. */
  readonly found?: Readonly<Record<string, string>>;
  /** What to do, most likely first. */
  readonly fix: readonly [string, ...string[]];
}

/** A fault that a person can mend. Its text always carries the advice. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";

  constructor(
    readonly code: OperatorErrorCode,
    message: string,
    readonly advice: OperatorAdvice,
  ) {
    super(message);
  }

  /** Exit code of a command that ends with this error. */
  get exitCode(): 1 | 2 {
    return EXIT_CODES[this.code];
  }

  /** The whole text for a terminal: failure, findings, advice, where to read on. */
  toText(): string {
    const found = Object.entries(this.advice.found ?? {}).map(([key, value]) =>
      `  ${key}: ${value}`
    );
    const fixes = this.advice.fix.map((fix) => `  fix: ${fix}`);
    const more = `  more: docs/troubleshooting.md#${this.code}`;
    return [this.message, ...found, ...fixes, more].join("\n");
  }
}

/** A rule of our own that did not hold: always a defect of Lookback. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s*\n\s*/g, "; ");
}

/** Makes the compiler list the message types that a switch has left out. */
export function unreachable(message: never): never {
  throw new TypeError(`Cannot handle message ${JSON.stringify(message)}`);
}
