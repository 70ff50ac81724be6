// deno-lint-ignore-file camelcase -- the names are those of the JSON that leaves the box
/**
 * A case as one ZIP archive: every film with its receipt, and a manifest that names
 * them all with their hashes. Nothing is written: the archive is read out of the
 * films, and any range of it by itself.
 *
 * In:   the facts of a case whose exports have ended. Out: a body of known length.
 * Not here: the archive's layout (footage/stored_zip.ts).
 *
 * @module
 */

import { join } from "node:path";
import { crc32 } from "node:zlib";
import { messageOf } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { isoUtc } from "../../base/units.ts";
import { fileAt, receiptPath } from "../../footage/film_name.ts";
import { layOutZip, type ZipEntry } from "../../footage/stored_zip.ts";
import { Sha256 } from "../../host/hash.ts";
import type { CaseFacts, NamedBody } from "../../web/doors.ts";
import { bodyOf, type BodyPart, fileBody } from "./file_body.ts";

const log = logger("web", "exports");

/** Files whose sums are remembered; each is read once to know them. */
const MOST_KNOWN = 500;

interface Sums {
  readonly crc32: number;
  readonly sha256: string;
}

interface ArchivedFile {
  readonly entry: ZipEntry;
  readonly sha256: string;
  readonly part: BodyPart;
}

export class CaseArchives {
  readonly #folder: string;
  /** By path, length and time of change. */
  readonly #sums = new Map<string, Promise<Sums>>();

  /** @param folder Holds the films. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads a film and its receipt, so that the archive need not. */
  async prepare(file: string): Promise<void> {
    try {
      await this.#archived(file);
      await this.#archived(receiptPath(file));
    } catch (error) {
      // Asked for again with the archive, which then says what is wrong.
      log.warning("Cannot read {file} for its case: {reason}", { file, reason: messageOf(error) });
    }
  }

  /** Reads every film once, if it was not read before; undefined where there is none. */
  async open(facts: CaseFacts): Promise<NamedBody | undefined> {
    const files: ArchivedFile[] = [];
    for (const { file, state } of facts.exports) {
      if (state !== "done" || file === null) continue;
      files.push(...await this.#archived(file), ...await this.#archived(receiptPath(file)));
    }
    if (files.length === 0) return undefined;
    const manifest = manifestFile(facts, files);
    return { name: archiveName(facts), body: zipBody([manifest, ...files]) };
  }

  async #archived(name: string): Promise<readonly ArchivedFile[]> {
    const path = join(this.#folder, name);
    const found = await fileAt(path);
    if (found === undefined || !found.isFile) return [];
    const { size: sizeBytes, mtime } = found;
    const modifiedMs = mtime?.getTime() ?? 0;
    const sums = await this.#sumsOf(path, `${path} ${sizeBytes} ${modifiedMs}`);
    const entry = { name, sizeBytes, crc32: sums.crc32, modifiedMs };
    return [{ entry, sha256: sums.sha256, part: { path, offset: 0, sizeBytes } }];
  }

  #sumsOf(path: string, key: string): Promise<Sums> {
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const sums = readSums(path);
    this.#sums.set(key, sums);
    // What could not be read is tried again.
    sums.catch(() => this.#sums.delete(key));
    if (this.#sums.size > MOST_KNOWN) this.#sums.delete(this.#sums.keys().next().value!);
    return sums;
  }
}

async function readSums(path: string): Promise<Sums> {
  const body = await fileBody(path);
  const sha256 = new Sha256();
  let sum = 0;
  const bytes = body?.read(0, body.totalBytes, new AbortController().signal) ?? [];
  for await (const piece of bytes) {
    sha256.add(piece);
    sum = crc32(piece, sum);
  }
  return { crc32: sum, sha256: sha256.hex() };
}

/** Says what is in the archive and what is not, for people and programs. */
function manifestFile(facts: CaseFacts, files: readonly ArchivedFile[]): ArchivedFile {
  const { caseId, title, window, createdMs, by } = facts;
  const hashOf = (name: string) => files.find(({ entry }) => entry.name === name)?.sha256 ?? null;
  const manifest = {
    format: "lookback-case-1",
    case_id: caseId,
    title,
    start: isoUtc(window.fromMs),
    end: isoUtc(window.toMs),
    created: isoUtc(createdMs),
    created_by: by,
    cameras: facts.exports.map(({ cameraId, state, file, error }) => ({
      camera_id: cameraId,
      ...(state === "done" && file !== null && hashOf(file) !== null
        ? {
          film: file,
          film_sha256: hashOf(file),
          receipt: receiptPath(file),
          receipt_sha256: hashOf(receiptPath(file)),
        }
        : { film: null, missing_because: error?.text ?? "the film was removed" }),
    })),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  const sha256 = new Sha256();
  sha256.add(bytes);
  const entry = {
    name: "manifest.json",
    sizeBytes: bytes.length,
    crc32: crc32(bytes),
    modifiedMs: createdMs,
  };
  return { entry, sha256: sha256.hex(), part: { bytes } };
}

function zipBody(files: readonly ArchivedFile[]): NamedBody["body"] {
  const { pieces } = layOutZip(files.map(({ entry }) => entry));
  const parts = pieces.map((piece): BodyPart =>
    piece.kind === "bytes" ? { bytes: piece.bytes } : files[piece.index]!.part
  );
  const identity = files.map(({ entry, sha256 }) => `${entry.name} ${sha256} ${entry.modifiedMs}`)
    .join("\n");
  return bodyOf(parts, identity);
}

function archiveName({ title, caseId }: CaseFacts): string {
  const plain = title.normalize("NFKD").replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return `${plain.slice(0, 60) || caseId}.zip`;
}
