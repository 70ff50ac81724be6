/**
 * What is recorded, as the web server asks for it: joins the index, the recordings
 * and the stills below the storage root with src/web. Reads only.
 *
 * In:   the storage root, and the cameras of the settings.
 * Out:  {@linkcode ArchiveDoor}. Files are found by the ids of rows and by instants,
 *       never by names that somebody gives.
 *
 * Design: docs/design/web.md
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { logger } from "../../base/log.ts";
import { type UnixMs, unixMs } from "../../base/units.ts";
import { pictureAt } from "../../footage/picture.ts";
import { GAP_TOLERANCE_MS } from "../../footage/plan.ts";
import { sizeOf } from "../../host/files.ts";
import { holdFolders } from "../../host/folder_lock.ts";
import { EncoderPlaces } from "../../live/encoder_places.ts";
import type { Batch } from "../../model/batch.ts";
import type { TimeWindow } from "../../model/window.ts";
import type { TimelineReader } from "../../store/timeline_reader.ts";
import type {
  ArchiveCamera,
  ArchiveDoor,
  ByteBody,
  RecordedRendition,
  RecordedStretch,
  StillPicture,
  Timeline,
} from "../../web/doors.ts";
import { turnOfOthers } from "./turns.ts";
import { camerasOf, lastDayCoverage, type SetUpCamera } from "./cameras.ts";
import { FilmShelf } from "./film.ts";
import { GroupIndex } from "./groups.ts";
import { KeptIndex } from "./kept_index.ts";
import { Places } from "./places.ts";
import { continues, recordedIn } from "./recorded.ts";
import { Renditions } from "./renditions.ts";
import { StillFinder } from "./stills.ts";
import { Timelines } from "./timeline.ts";

const log = logger("web");

/** Pictures that are decoded at once, each by an ffmpeg, and those that wait for that. */
const PICTURES_AT_ONCE = 2;
const PICTURES_WAITING = 16;

/** How long what is said of cameras is believed, in milliseconds. */
const CAMERAS_MS = 2_000;

/** How long a share of 24 hours is believed, in milliseconds. */
const COVERAGE_MS = 60_000;

/** Bytes of a recording that are read at once. */
const PIECE_BYTES = 256 * 1024;

export interface WebArchiveParts {
  /** The storage root. Absolute. */
  readonly root: string;
  /** As the settings are now. */
  readonly settings: () => {
    readonly cameras: readonly SetUpCamera[];
    readonly ffmpegPath: string;
    /** JPEG quality of single pictures, 1 to 100. */
    readonly quality: number;
  };
  readonly clock: Clock;
  /** For recordings in other sizes; without it there are none. */
  readonly encoders?: EncoderPlaces;
}

export class WebArchive implements ArchiveDoor, Disposable {
  readonly #parts: WebArchiveParts;
  readonly #index: KeptIndex;
  readonly #stills: StillFinder;
  readonly #groups: GroupIndex;
  readonly #films: FilmShelf;
  readonly #timelines: Timelines;
  readonly #renditions: Renditions;
  readonly #pictures = new Places(PICTURES_AT_ONCE, PICTURES_WAITING);
  #cameras: { readonly list: readonly ArchiveCamera[]; readonly atMs: number } | undefined;
  /** Shares that were worked out, by camera. */
  readonly #coverage = new Map<string, { readonly share: number | null; readonly atMs: number }>();

  /** Opens nothing: the database may come later. */
  constructor(parts: WebArchiveParts) {
    const { root, clock, encoders = new EncoderPlaces(0) } = parts;
    this.#parts = parts;
    this.#index = new KeptIndex(root, clock);
    this.#stills = new StillFinder(root, clock);
    this.#groups = new GroupIndex(root);
    this.#films = new FilmShelf(this.#index);
    this.#timelines = new Timelines(this.#index, clock);
    this.#renditions = new Renditions({
      ...{ root, clock, groups: this.#groups, places: encoders },
      ffmpegPath: () => parts.settings().ffmpegPath,
      batchBefore: (batch) => this.#batchBefore(batch),
    });
  }

  get hasRenditions(): boolean {
    return this.#renditions.hasAny;
  }

  cameras(): readonly ArchiveCamera[] {
    const nowMs = this.#parts.clock.monotonic();
    if (this.#cameras === undefined || nowMs - this.#cameras.atMs >= CAMERAS_MS) {
      this.#cameras = { list: this.#listCameras(), atMs: nowMs };
    }
    return this.#cameras.list;
  }

  hasCamera(cameraId: string): boolean {
    return this.#parts.settings().cameras.some(({ id }) => id === cameraId) ||
      this.cameras().some((camera) => camera.cameraId === cameraId);
  }

  async coverage24h(cameraId: string): Promise<number | null> {
    const { clock } = this.#parts;
    const atMs = clock.monotonic();
    const known = this.#coverage.get(cameraId);
    if (known !== undefined && atMs - known.atMs < COVERAGE_MS) return known.share;
    if (!this.cameras().some((camera) => camera.cameraId === cameraId && camera.lastMs !== null)) {
      return null;
    }
    await turnOfOthers();
    const share = this.#index.ask((reader) => lastDayCoverage(reader, cameraId, clock.now()));
    this.#coverage.set(cameraId, { share, atMs });
    return share;
  }

  async timeline(cameraId: string, window: TimeWindow, buckets: number): Promise<Timeline> {
    return await this.#timelines.timelineOf({ cameraId, window, buckets });
  }

  async still(cameraId: string, atMs: UnixMs | undefined): Promise<StillPicture | undefined> {
    const nowMs = this.#parts.clock.now();
    const askedMs = unixMs(Math.min(atMs ?? nowMs, nowMs));
    const batch = this.#index.ask((reader) => footageAt(reader, cameraId, askedMs));
    // Names have the time of a clock that was wrong; the row knows how wrong.
    const shiftMs = batch?.shiftMs ?? 0;
    const writtenMs = unixMs(askedMs - shiftMs);
    const footageMs = batch === undefined || batch.endMs > askedMs
      ? writtenMs
      : unixMs(batch.endMs - shiftMs);
    return await this.#stills.find({ cameraId, writtenMs, shiftMs, footageMs });
  }

  async picture(
    cameraId: string,
    atMs: UnixMs,
    signal: AbortSignal,
  ): Promise<StillPicture | undefined> {
    const { ffmpegPath, quality } = this.#parts.settings();
    return await this.#pictures.take(signal, () =>
      this.#index.use(async (reader) => {
        using _hold = await holdFolders(foldersNear(reader, cameraId, atMs));
        const picture = await pictureAt(reader, { cameraId, atMs }, {
          ffmpegPath,
          quality,
          signal,
        });
        return picture && { jpeg: picture.jpeg, atMs: picture.frame.atMs };
      }));
  }

  async recorded(cameraId: string, window: TimeWindow): Promise<RecordedStretch> {
    const nowMs = this.#parts.clock.now();
    return await this.#index.use((reader) =>
      recordedIn(reader, this.#groups, { cameraId, window, nowMs })
    );
  }

  rendition(batchId: string, name: string): RecordedRendition | undefined {
    const batch = this.#batch(batchId);
    return batch === undefined ? undefined : this.#renditions.of(batch, name);
  }

  async batchFile(
    batchId: string,
  ): Promise<{ readonly cameraId: string; readonly body: ByteBody } | undefined> {
    const batch = this.#batch(batchId);
    if (batch === undefined) return undefined;
    const { root } = this.#parts;
    // Rows go before files, and a file may be lost or torn: then there is nothing to give.
    if (await sizeOf(join(root, batch.recordingPath)) < batch.recordingBytes) return undefined;
    return { cameraId: batch.cameraId, body: fileBody(root, batch) };
  }

  async film(
    cameraId: string,
    window: TimeWindow,
    gaps: "keep" | "join",
  ): Promise<ByteBody | undefined> {
    return await this.#films.film({
      cameraId,
      window,
      policy: gaps === "keep" ? "keep" : "collapse",
    });
  }

  /** Ends encoders; no process is left when it resolves. */
  async close(): Promise<void> {
    await this.#renditions.close();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#index[Symbol.dispose]();
  }

  #batch(batchId: string): Batch | undefined {
    const number = Number(batchId);
    if (!Number.isSafeInteger(number)) return undefined;
    return this.#index.ask((reader) => reader.batch(number));
  }

  #batchBefore(batch: Batch): Batch | undefined {
    const { cameraId, startMs } = batch;
    // It may end some milliseconds after this one begins.
    const atMs = unixMs(startMs + GAP_TOLERANCE_MS);
    const before = this.#index.ask((reader) => reader.batchBefore(cameraId, atMs));
    return before !== undefined && continues(before, batch) ? before : undefined;
  }

  #listCameras(): readonly ArchiveCamera[] {
    const { cameras } = this.#parts.settings();
    try {
      return this.#index.ask((reader) => camerasOf(reader, cameras));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      // Live pictures need no database: cameras are listed without what is recorded.
      log.warning("Cannot say what is recorded: {reason}", { reason: messageOf(error) });
      return camerasOf(undefined, cameras);
    }
  }
}

/** The batch that spans an instant, or the last one before it. */
function footageAt(reader: TimelineReader, cameraId: string, atMs: UnixMs): Batch | undefined {
  const next = reader.batchFrom(cameraId, atMs);
  return next !== undefined && next.startMs <= atMs ? next : reader.batchBefore(cameraId, atMs);
}

/** Folders of the recordings that a picture may come from, and of the one they are decoded from. */
function foldersNear(reader: TimelineReader, cameraId: string, atMs: UnixMs): string[] {
  const batches = [reader.batchFrom(cameraId, atMs), reader.batchBefore(cameraId, atMs)];
  return batches.filter((batch) => batch !== undefined)
    .map(({ recordingPath }) => dirname(join(reader.root, recordingPath)));
}

/** A recording as it lies on the disk. An open file stays whole when its name is deleted. */
function fileBody(root: string, { recordingPath, recordingBytes, seals }: Batch): ByteBody {
  return {
    totalBytes: recordingBytes,
    etag: `"${seals?.recordingSha256.slice(0, 27) ?? `${recordingPath}-${recordingBytes}`}"`,
    read: (from, to, signal) =>
      ReadableStream.from(piecesOf(join(root, recordingPath), { from, to, signal })),
  };
}

async function* piecesOf(
  path: string,
  { from, to, signal }: {
    readonly from: number;
    readonly to: number;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  await file.seek(from, Deno.SeekMode.Start);
  for (let left = to - from; left > 0;) {
    signal.throwIfAborted();
    const piece = new Uint8Array(Math.min(left, PIECE_BYTES));
    const count = await file.read(piece);
    if (count === null) throw new Error(`Cannot read "${path}": it became shorter`);
    left -= count;
    yield piece.subarray(0, count);
  }
}
