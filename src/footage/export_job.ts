/**
 * An export from request to finished file: first the survey (what there is),
 * then, if the person goes on, the film and its receipt.
 *
 * Design: docs/design/export.md
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { OperatorError } from "../base/errors.ts";
import { isoUtc, type UnixMs } from "../base/units.ts";
import { ensureFolder, removeIfThere, writeFileDurably } from "../host/durable.ts";
import { buildMovie, type Movie } from "../media/movie.ts";
import type { Batch } from "../model/batch.ts";
import type { LoggedFrame } from "../model/frame.ts";
import { planCut } from "./cut_plan.ts";
import { receiptPath, workPath } from "./film_name.ts";
import type { FootageIndex } from "./footage_index.ts";
import { type ExplainedGap, explainGap } from "./gap_cause.ts";
import { surroundingsOf } from "./gap_surroundings.ts";
import { fromKeyFrame, type Gathered, gatherFootage } from "./gather.ts";
import type { Hole } from "./plan.ts";
import {
  type CutMode,
  type FilmSource,
  makeReceipt,
  type Receipt,
  type ReceiptSigner,
  receiptText,
  signReceipt,
} from "./receipt.ts";
import { recodeFilm } from "./recoded_film.ts";
import type { RecodeChange } from "./recoded_plan.ts";
import type { FootageRequest } from "./request.ts";
import { readSights, type Sights } from "./sights.ts";
import { filmStills } from "./stills_film.ts";
import { cutStrictly } from "./strict_cut.ts";
import { type GapPolicy, type ShownStretch, toStretches } from "./stretches.ts";
import { writeMovie, type WriteProgress } from "./write_movie.ts";

/** Frames of one film at most. Each takes 0.8 kB of memory while its film is made. */
const MAX_FRAMES = 1_000_000;

/** What there is for a request. */
export interface Survey {
  /** The storage root. */
  readonly root: string;
  readonly source: FilmSource;
  readonly request: FootageRequest;
  readonly gathered: Gathered;
  readonly gaps: readonly ExplainedGap[];
  /** Frames inside the window. */
  readonly frames: number;
  /** Bytes of the recordings that hold them: about what the film will have. */
  readonly recordedBytes: number;
  /** Reads what was seen in these frames. */
  readonly sights: () => Sights;
}

export interface ExportOptions {
  readonly mode: CutMode;
  /** Another rate, something burnt in: every frame is then encoded (default: neither). */
  readonly change?: RecodeChange;
  readonly gapPolicy: GapPolicy;
  /** Absolute path of the MP4; the receipt gets ".json" behind it. The caller has taken the name. */
  readonly path: string;
  /** Null makes a receipt without signature. */
  readonly signer: ReceiptSigner | null;
  readonly ffmpegPath: string;
  readonly nowMs: UnixMs;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: WriteProgress) => void;
}

/** Looks up what there is for a request; writes nothing. */
export async function surveyFootage(
  index: FootageIndex,
  request: FootageRequest,
  at: {
    readonly source: FilmSource;
    readonly nowMs: UnixMs;
    /** True while a Lookback records this root. */
    readonly isRecording: boolean;
  },
): Promise<Survey> {
  const batches = index.batchesIn(request.cameraId, request.window);
  requireReasonable(batches);
  const gathered = await gatherFootage(index, { ...request, source: at.source, batches });
  const { plan } = gathered;
  const answering = plan.segments.flatMap(({ batches }) => batches);
  return {
    root: index.root,
    source: at.source,
    request,
    gathered,
    gaps: plan.holes.flatMap((hole) => explainHole(hole, { index, request, gathered, ...at })),
    frames: plan.segments.reduce((sum, { frames }) => sum + frames.length, 0),
    recordedBytes: answering.reduce((sum, { recordingBytes }) => sum + recordingBytes, 0),
    sights: () => readSights(index, request),
  };
}

/** The batches that a film is made from: those that answer, and one that they are decoded from. */
export function batchesUsed({ gathered: { plan, lead } }: Survey): Batch[] {
  const answering = plan.segments.flatMap(({ batches }) => batches);
  return lead === undefined ? answering : [lead, ...answering];
}

/** Refuses what would not fit into the memory of a small box. */
function requireReasonable(batches: readonly Batch[]): void {
  const frames = batches.reduce((sum, { frameCount }) => sum + frameCount, 0);
  if (frames <= MAX_FRAMES) return;
  throw new OperatorError("export-failed", `Cannot export ${frames} frames in one film`, {
    found: { limit: `${MAX_FRAMES} frames, 11 hours at 25 a second` },
    fix: ["export it in parts, for example of 6 hours each"],
  });
}

function explainHole(
  { window, before, after }: Hole,
  known: {
    readonly index: FootageIndex;
    readonly request: FootageRequest;
    readonly gathered: Gathered;
    readonly nowMs: UnixMs;
    readonly isRecording: boolean;
  },
): ExplainedGap[] {
  const { index, request: { cameraId }, gathered } = known;
  const damaged = gathered.problems.find(({ batch }) =>
    batch.startMs < window.toMs && batch.endMs > window.fromMs
  );
  if (damaged !== undefined) return [{ window, cause: damaged.cause, detail: damaged.detail }];
  const hole = { window, runBefore: before?.run, runAfter: after?.run };
  return explainGap(window, surroundingsOf(index, { cameraId, hole }, known));
}

/** What goes into a film and what it shows. */
interface Cut {
  readonly movie: Movie;
  readonly sources: readonly string[];
  readonly frames: readonly LoggedFrame[];
  readonly hiddenBefore: number;
  readonly hiddenAfter: number;
  readonly encodedFrames: number;
  /** Recorded frames that the film shows, where those are not all. */
  readonly shownFrames?: number;
}

/**
 * Makes the film and its receipt. Both are durable when it resolves; when it
 * throws, neither has its name.
 *
 * @param survey With at least one frame.
 *
 * @throws {OperatorError} "export-failed".
 * @throws {DOMException} "AbortError" when the signal is aborted.
 */
export async function exportFootage(survey: Survey, options: ExportOptions): Promise<Receipt> {
  await ensureFolder(dirname(options.path));
  const made = survey.source === "frames"
    ? await stillsFilm(survey, options)
    : await recordedFilm(survey, options);
  const { gathered: { problems }, request, gaps } = survey;
  const unsigned = makeReceipt({
    ...made,
    request,
    gaps,
    problems,
    batches: batchesUsed(survey),
    mode: options.mode,
    source: survey.source,
    gapPolicy: options.gapPolicy,
    ...(options.change === undefined ? {} : { change: options.change }),
  }, {
    name: basename(options.path),
    sizeBytes: made.sizeBytes,
    sha256: made.sha256,
    createdMs: options.nowMs,
    version: options.version,
  });
  const receipt = signReceipt(unsigned, options.signer);
  try {
    const bytes = new TextEncoder().encode(receiptText(receipt));
    await writeFileDurably(receiptPath(options.path), bytes);
  } catch (error) {
    // A film without its receipt is not an export.
    await removeIfThere(options.path);
    throw error;
  }
  return receipt;
}

async function stillsFilm(survey: Survey, options: ExportOptions) {
  const frames = survey.gathered.plan.segments.flatMap((segment) => segment.frames);
  const film = await filmStills(frames, { ...options, root: survey.root });
  return { ...film, frames, hiddenBefore: 0, hiddenAfter: 0, encodedFrames: frames.length };
}

async function recordedFilm(survey: Survey, options: ExportOptions) {
  const { gathered } = survey;
  const segments = options.mode === "keyframe" ? fromKeyFrame(gathered) : gathered.segments;
  const stretches = toStretches(segments, options.gapPolicy);
  const folder = workPath(options.path);
  try {
    const cut = options.change === undefined
      ? await cutOf(stretches, { folder, gathered, options })
      : await recode(stretches, { folder, survey, options, change: options.change });
    const sha256 = await writeMovie(cut.movie, {
      path: options.path,
      sources: cut.sources,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    return { ...cut, sha256, sizeBytes: cut.movie.totalBytes, framesWithoutStill: 0 };
  } finally {
    await removeIfThere(folder, "with-content");
  }
}

async function recode(
  stretches: readonly ShownStretch[],
  work: {
    readonly folder: string;
    readonly survey: Survey;
    readonly options: ExportOptions;
    readonly change: RecodeChange;
  },
): Promise<Cut> {
  const { folder, survey, options, change } = work;
  requireDecodable(stretches);
  const film = await recodeFilm(stretches, {
    ...options,
    ...change,
    folder,
    sources: survey.gathered.sources,
    sights: change.overlay?.items.includes("boxes") ? survey.sights() : new Map(),
  });
  const frames = stretches.flatMap((stretch) => stretch.frames);
  return { ...film, frames, hiddenBefore: 0, hiddenAfter: 0 };
}

function requireDecodable(stretches: readonly ShownStretch[]): void {
  if (stretches.length > 0) return;
  throw new OperatorError("no-footage", "Cannot cut: no frame of this time can be decoded", {
    fix: ["ask for a little more time before it: no key frame was recorded with these frames"],
  });
}

/** A film has one codec: players that meet another one in a track stop without a word. */
export function requireOneCodec(stretches: readonly ShownStretch[]): void {
  requireDecodable(stretches);
  const first = stretches[0]!;
  const other = stretches.find(({ init }) => init.video.codec !== first.init.video.codec);
  if (other === undefined) return;
  const changedAt = isoUtc(other.frames[0]!.atMs);
  throw new OperatorError("export-failed", "Cannot put two codecs into one film", {
    found: { codecs: `${first.init.video.codec}, then ${other.init.video.codec}`, from: changedAt },
    fix: [`export the time before ${changedAt} and the time from then on by themselves`],
  });
}

async function cutOf(
  stretches: readonly ShownStretch[],
  work: { readonly folder: string; readonly gathered: Gathered; readonly options: ExportOptions },
): Promise<Cut> {
  const { folder, gathered: { sources }, options: { mode, ffmpegPath, signal } } = work;
  requireOneCodec(stretches);
  const frames = stretches.flatMap((stretch) => stretch.frames);
  const createdMs = frames[0]!.atMs;
  if (mode !== "strict") {
    const { tracks, chunks, ...hidden } = planCut(stretches);
    const movie = buildMovie({ tracks, chunks, createdMs });
    return { movie, sources, frames, encodedFrames: 0, ...hidden };
  }
  await ensureFolder(folder);
  const strict = await cutStrictly(stretches, { folder, sources, ffmpegPath, signal });
  const { tracks, chunks, ...hidden } = planCut(strict.stretches);
  const movie = buildMovie({ tracks, chunks, createdMs });
  return {
    movie,
    sources: strict.sources,
    frames,
    encodedFrames: strict.encodedFrames,
    ...hidden,
  };
}
