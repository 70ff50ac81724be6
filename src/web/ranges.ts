/**
 * Decides which bytes of a body a request gets: conditions and one byte range
 * (RFC 9110, sections 13 and 14).
 *
 * In:   the request's header fields, the body's length and tag. Out: a status and
 *       which bytes. Not here: reading them (byte_body.ts).
 *
 * One range is served. More than one, and what is no range at all, is refused with
 * 416, which the RFC allows: an answer in several parts helps no player, and many
 * small ranges are a known way to keep a server busy. Another unit than bytes is
 * ignored, as the RFC demands.
 *
 * Pure.
 *
 * @module
 */

/** What a request says that bears on the answer; null for fields that it has not. */
export interface RangeQuestion {
  readonly method: string;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
}

export interface BodyFacts {
  readonly totalBytes: number;
  /** A strong entity tag, quotes included. */
  readonly etag: string;
}

/** Bytes from `from` (included) to `to` (excluded). */
export type RangeAnswer =
  | { readonly status: 200 | 206; readonly from: number; readonly to: number }
  | { readonly status: 304 }
  | { readonly status: 412 }
  | { readonly status: 416 };

/** The fields of a request. */
export function rangeQuestion({ method, headers }: Request): RangeQuestion {
  return {
    method,
    range: headers.get("range"),
    ifRange: headers.get("if-range"),
    ifMatch: headers.get("if-match"),
    ifNoneMatch: headers.get("if-none-match"),
  };
}

/** Conditions first, then the range: the order of RFC 9110, 13.2.2. */
export function answerRange(question: RangeQuestion, body: BodyFacts): RangeAnswer {
  const { method, range, ifRange, ifMatch, ifNoneMatch } = question;
  if (ifMatch !== null && !names(ifMatch, body.etag, "strong")) return { status: 412 };
  if (ifNoneMatch !== null && names(ifNoneMatch, body.etag, "weak")) return { status: 304 };
  const whole = { status: 200, from: 0, to: body.totalBytes } as const;
  // A range means something to GET only (14.2).
  if (range === null || method !== "GET") return whole;
  // Dates are never equal: bodies have no time of change, only tags.
  if (ifRange !== null && ifRange.trim() !== body.etag) return whole;
  return oneRange(range, body.totalBytes) ?? whole;
}

/** `bytes START-END/TOTAL`, or without a range that fits `bytes *` and the total. */
export function contentRange(answer: RangeAnswer, totalBytes: number): string {
  const place = "from" in answer ? `${answer.from}-${answer.to - 1}` : "*";
  return `bytes ${place}/${totalBytes}`;
}

const UNIT = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=(.*)$/s;

/** First and last byte, either of which may be missing, but not both. */
const RANGE = /^\s*(\d*)-(\d*)\s*$/;

/** Undefined for a range that is not to be looked at. */
function oneRange(text: string, totalBytes: number): RangeAnswer | undefined {
  const [, unit, set] = UNIT.exec(text) ?? [];
  if (unit !== undefined && unit.toLowerCase() !== "bytes") return undefined;
  const [, first, last] = RANGE.exec(set ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return { status: 416 };
  if (first === "") {
    const length = Math.min(Number(last), totalBytes);
    return length === 0
      ? { status: 416 }
      : { status: 206, from: totalBytes - length, to: totalBytes };
  }
  const from = Number(first);
  const to = last === "" ? totalBytes : Math.min(Number(last) + 1, totalBytes);
  // A number of too many digits becomes Infinity at worst, and lies behind the end.
  return from < to && (last === "" || Number(last) >= from)
    ? { status: 206, from, to }
    : { status: 416 };
}

/**
 * Whether the value of an If-Match header lets a change of what has this tag pass (13.1.1).
 * The tag is of a text, which stays the same where a proxy compresses it on its way and
 * therefore calls its tag weak: such a one counts too.
 */
export function isNamed(etag: string, ifMatch: string): boolean {
  return names(ifMatch, etag, "weak");
}

/** Whether a list of entity tags names one (8.8.3.2). */
function names(list: string, etag: string, comparison: "strong" | "weak"): boolean {
  return list.split(",").map((each) => each.trim()).some((each) =>
    each === "*" || each === etag || comparison === "weak" && each === `W/${etag}`
  );
}
