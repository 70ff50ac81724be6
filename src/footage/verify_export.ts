/**
 * Checks an exported film: its receipt, that the film is what the receipt says,
 * and the signature. Needs these two files and nothing else: no settings, no
 * database, no ffmpeg.
 *
 * Not here: the checks of the receipt by itself (receipt_check.ts).
 *
 * @module
 */

import { basename } from "node:path";
import { messageOf, OperatorError } from "../base/errors.ts";
import { Sha256 } from "../host/hash.ts";
import { receiptPath } from "./film_name.ts";
import { findBreak } from "./film_structure.ts";
import {
  type Check,
  checkSignature,
  type KnownKeys,
  type ReadReceipt,
  readReceipt,
} from "./receipt_check.ts";

/** Bytes that are read at a time. */
const CHUNK_BYTES = 1024 * 1024;

export interface ExportReport {
  /** Absolute path of the film. */
  readonly film: string;
  readonly receipt: string;
  readonly checks: readonly Check[];
  /** False when a check found a fault. */
  readonly isWell: boolean;
}

export interface VerifyOptions {
  readonly keys: KnownKeys;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Checks a film and its receipt. Faults are the answer, not an error.
 *
 * @param path Absolute path of the film.
 *
 * @throws {OperatorError} "film-unreadable" if neither is there, or they may not be read.
 * @throws {DOMException} "AbortError" when the signal is aborted.
 */
export async function verifyExport(path: string, options: VerifyOptions): Promise<ExportReport> {
  const receiptBytes = await ifThere(receiptPath(path), (receipt) => Deno.readFile(receipt));
  const receipt = receiptBytes === undefined ? undefined : readReceipt(receiptBytes);
  const found = typeof receipt === "object" ? receipt : undefined;
  const film = await ifThere(path, (film) => Deno.open(film));
  using _film = film;
  const onFilm = film === undefined ? undefined : await tryFilm(film, found, options);
  if (receiptBytes === undefined && onFilm === undefined) {
    throw filmUnreadable(path, "neither the film nor its receipt is there");
  }
  const checks = [
    checkReceipt(receipt, path),
    ...onFilm ??
      [{ check: "film", result: "fault", detail: `there is no file "${path}"` } as const],
    ...(found === undefined ? [] : checkSignature(found, options.keys)),
    ...(found === undefined ? [] : checkName(found, path)),
  ];
  const isWell = checks.every(({ result }) => result !== "fault");
  return { film: path, receipt: receiptPath(path), checks, isWell };
}

function checkReceipt(receipt: ReadReceipt | string | undefined, path: string): Check {
  const file = basename(receiptPath(path));
  const fault = (detail: string): Check => ({ check: "receipt", result: "fault", detail });
  if (receipt === undefined) return fault(`there is no file "${file}"`);
  if (typeof receipt === "string") return fault(`"${file}": ${receipt}`);
  const { cameraId, start, end, frames } = receipt;
  const detail = `camera ${cameraId}, ${start} to ${end}, ${frames} frames`;
  return { check: "receipt", result: "ok", detail };
}

/** Another name is no fault, but good to know. */
function checkName({ film }: ReadReceipt, path: string): Check[] {
  if (film.name === basename(path)) return [];
  return [{ check: "name", result: "unsure", detail: `exported as "${film.name}"` }];
}

/** A film that a bad disk does not give back is a finding too. */
async function tryFilm(
  file: Deno.FsFile,
  receipt: ReadReceipt | undefined,
  options: VerifyOptions,
): Promise<Check[]> {
  try {
    return await checkFilm(file, receipt, options);
  } catch (error) {
    if (options.signal.aborted) throw error;
    return [{ check: "film", result: "fault", detail: `it can't be read: ${messageOf(error)}` }];
  }
}

/** Compares a film with its receipt; where they differ, says where as far as that can be told. */
async function checkFilm(
  file: Deno.FsFile,
  receipt: ReadReceipt | undefined,
  options: VerifyOptions,
): Promise<Check[]> {
  const { size } = await file.stat();
  const wanted = receipt?.film;
  const checks: Check[] = [];
  if (wanted !== undefined) {
    const sha256 = size < wanted.sizeBytes
      ? undefined
      : await hashStart(file, wanted.sizeBytes, options);
    const hasSameStart = sha256 === wanted.sha256;
    checks.push(checkSize(size, wanted.sizeBytes, hasSameStart));
    if (sha256 !== undefined) checks.push(checkHash(sha256, wanted.sha256));
    if (hasSameStart) return checks;
  }
  const found = await findBreak(file);
  const whole = "its boxes are whole, so what differs lies within one";
  if (found !== undefined) checks.push({ check: "film", result: "fault", detail: found });
  else if (wanted !== undefined) checks.push({ check: "film", result: "unsure", detail: whole });
  return checks;
}

function checkSize(sizeBytes: number, wantedBytes: number, hasSameStart: boolean): Check {
  const differenceBytes = sizeBytes - wantedBytes;
  if (differenceBytes === 0) return { check: "size", result: "ok", detail: `${sizeBytes} bytes` };
  const found = `${sizeBytes} bytes, ${wantedBytes} in the receipt:`;
  const detail = differenceBytes < 0
    ? `${found} ${-differenceBytes} are missing`
    : `${found} ${differenceBytes} too many${hasSameStart ? ", added at the end" : ""}`;
  return { check: "size", result: "fault", detail };
}

function checkHash(sha256: string, wanted: string): Check {
  if (sha256 === wanted) return { check: "sha256", result: "ok", detail: sha256 };
  const detail = `${shortened(sha256)}, but ${shortened(wanted)} in the receipt`;
  return { check: "sha256", result: "fault", detail };
}

/** Enough of a hash to see that it is another one. */
function shortened(sha256: string): string {
  return `${sha256.slice(0, 16)}...`;
}

/** SHA-256 of a file's first bytes. */
async function hashStart(
  file: Deno.FsFile,
  sizeBytes: number,
  { signal, onProgress }: VerifyOptions,
): Promise<string> {
  const hash = new Sha256();
  const buffer = new Uint8Array(CHUNK_BYTES);
  await file.seek(0, Deno.SeekMode.Start);
  for (let done = 0; done < sizeBytes;) {
    signal.throwIfAborted();
    const count = await file.read(buffer.subarray(0, Math.min(CHUNK_BYTES, sizeBytes - done)));
    if (count === null) break;
    hash.add(buffer.subarray(0, count));
    done += count;
    onProgress(done, sizeBytes);
  }
  return hash.hex();
}

/** Does something with a file; undefined if there is none. */
async function ifThere<T>(path: string, use: (path: string) => Promise<T>): Promise<T | undefined> {
  try {
    if ((await Deno.stat(path)).isDirectory) throw filmUnreadable(path, "it is a folder");
    return await use(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof OperatorError) throw error;
    throw filmUnreadable(path, messageOf(error));
  }
}

function filmUnreadable(path: string, reason: string): OperatorError {
  return new OperatorError("film-unreadable", `Cannot verify "${path}"`, {
    found: { reason },
    fix: ["name an exported film; its receipt lies beside it and has .json behind the name"],
  });
}
