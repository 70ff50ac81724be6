/**
 * Says where the lines of a recording without a row are. Lines of frames that are
 * missing are made from the recording (not what was seen in them): in the log itself,
 * or, where nothing below the storage root may be written, in a folder beside the new
 * database.
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import { ensureFolder, syncFile, syncFolder, writeAll } from "../host/durable.ts";
import { sha256OfText } from "../host/hash.ts";
import { frameLogPath } from "../model/paths.ts";
import { completeLog, type KnownPart, type LogPart } from "./log_completion.ts";
import { LogIndex } from "./log_index.ts";
import type { Orphan } from "./orphan.ts";
import type { RepairNotes } from "./repair_notes.ts";

export interface LogPlacerParts {
  readonly root: string;
  /** Absolute: where lines go that are missing; null to complete the logs of the root. */
  readonly sideFolder: string | null;
}

export class LogPlacer {
  readonly #parts: LogPlacerParts;
  readonly #index: LogIndex;

  constructor(parts: LogPlacerParts) {
    this.#parts = parts;
    this.#index = new LogIndex(parts.root);
  }

  /** @param known Parts of logs that rows name. */
  async place(
    { scan: { label }, recorded }: Orphan,
    { known, notes }: { readonly known: readonly KnownPart[]; readonly notes: RepairNotes },
  ): Promise<LogPart> {
    const { root, sideFolder } = this.#parts;
    const { cameraId, run, startingFrameId } = label;
    const framesPath = frameLogPath(cameraId, recorded.frames[0]!.atMs);
    const wanted = { cameraId, run, startingFrameId, frameCount: recorded.frames.length };
    const found = await this.#index.find(framesPath, wanted);
    if (found !== undefined) return found;
    if (sideFolder !== null) {
      return await appendAside(root, { sideFolder, framesPath, text: recorded.lines.join("") });
    }
    this.#index.forget(framesPath);
    return await completeLog(root, { label, recorded, known, notes });
  }
}

/**
 * Paths in rows are relative to the storage root: this one leads out of it, and
 * counts while both stay where they are.
 */
async function appendAside(
  root: string,
  what: { readonly sideFolder: string; readonly framesPath: string; readonly text: string },
): Promise<LogPart> {
  const path = join(what.sideFolder, what.framesPath);
  await ensureFolder(dirname(path));
  const bytes = new TextEncoder().encode(what.text);
  using file = await Deno.open(path, { append: true, create: true });
  const { size } = await file.stat();
  await writeAll(file, bytes);
  await syncFile(file, path);
  await syncFolder(dirname(path));
  return {
    framesPath: relative(root, path),
    framesOffset: size,
    framesBytes: bytes.length,
    framesSha256: sha256OfText(what.text),
  };
}
