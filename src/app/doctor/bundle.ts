/**
 * One small archive for a bug report: what the doctor found, versions, the
 * settings without secrets, what is recorded in sum, and the last log lines.
 *
 * In:   findings and settings; what is not given is left out.
 * Out:  the bytes of a .tar.gz.
 * Not here: writing it (cli/doctor.ts), footage, frames, host names.
 *
 * Every text is masked where it is made, and here once more: the passwords that
 * the settings hold are looked for literally.
 *
 * @module
 */

import { createTarGzip } from "nanotar";
import { OperatorError } from "../../base/errors.ts";
import { maskSecrets } from "../../base/secrets.ts";
import type { CameraSource } from "../../model/camera.ts";
import { Reader } from "../../store/reader.ts";

export interface BundleParts {
  /** The doctor's report as it is printed with `--json`. */
  readonly report: unknown;
  readonly versions: unknown;
  /** The settings in effect as YAML, masked; null where they can't be read. */
  readonly settingsYaml: string | null;
  /** The storage root; null where the settings can't be read. */
  readonly root: string | null;
  /** The last lines of the log; null where there is none. */
  readonly log: readonly string[] | null;
  /** Sources whose passwords must not be in any of it. */
  readonly sources: readonly CameraSource[];
  readonly nowMs: number;
}

/** Folder inside the archive. */
const FOLDER = "lookback-doctor";

/** A shorter password would be found in half of all words. */
const MIN_SECRET_LENGTH = 4;

/** Packs the archive. */
export async function packBundle(parts: BundleParts): Promise<Uint8Array<ArrayBuffer>> {
  const scrub = scrubber(parts.sources);
  const json = (value: unknown) =>
    JSON.stringify(value, (_, part) => typeof part === "string" ? scrub(part) : part, 2) + "\n";
  const files: { readonly name: string; readonly text: string }[] = [
    { name: "doctor.json", text: json(parts.report) },
    { name: "versions.json", text: json(parts.versions) },
  ];
  const { settingsYaml, root, log } = parts;
  if (settingsYaml !== null) files.push({ name: "settings.yaml", text: scrub(settingsYaml) });
  if (root !== null) files.push({ name: "database.json", text: json(summariseDatabase(root)) });
  if (log !== null) {
    files.push({
      name: "log.txt",
      text: log.map((line) => `${scrub(line)}\n`).join(""),
    });
  }
  const entries = files.map(({ name, text }) => ({ name: `${FOLDER}/${name}`, data: text }));
  const attrs = { mode: "600", uid: 0, gid: 0, mtime: parts.nowMs };
  return new Uint8Array(await createTarGzip(entries, { attrs }));
}

/** What is recorded, in sum; or why that can't be read. */
function summariseDatabase(root: string): unknown {
  try {
    using reader = new Reader(root);
    return { cameras: reader.cameras() };
  } catch (error) {
    if (error instanceof OperatorError) return { code: error.code, problem: error.toText() };
    throw error;
  }
}

/** Puts "***" in place of the sources' passwords, and of whatever looks like one. */
function scrubber(sources: readonly CameraSource[]): (text: string) => string {
  const secrets = sources.flatMap(secretsOf)
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    // The longest first: one may be a part of another.
    .toSorted((left, right) => right.length - left.length);
  return (text) =>
    maskSecrets(secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text));
}

/** The password of a source, as it stands in the URL and as it is meant. */
function secretsOf(source: CameraSource): string[] {
  if (source.kind !== "rtsp" && source.kind !== "http") return [];
  const password = /^[a-z]+:\/\/[^:@]*:([^]*)@/i.exec(source.url)?.[1];
  if (password === undefined) return [];
  return [...new Set([password, decoded(password)])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
