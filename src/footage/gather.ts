/**
 * Gathers what a request needs: batches out of the index, their frames out of
 * the JSON log, and what their recording files hold.
 *
 * @module
 */

import { join } from "node:path";
import { InvariantError, messageOf } from "../base/errors.ts";
import type { Batch } from "../model/batch.ts";
import type { GapCause } from "../model/ledger.ts";
import type { SourcedFragment } from "./cut_plan.ts";
import type { FootageIndex } from "./footage_index.ts";
import { readBatchFrames } from "./frame_reader.ts";
import { type BatchWithFrames, type FootagePlan, planFootage, type Segment } from "./plan.ts";
import { indexRecording, type RecordingIndex } from "./recording_index.ts";
import type { FilmSource } from "./receipt.ts";
import type { FootageRequest } from "./request.ts";
import { keyBefore, type SourcedSegment, videoOf } from "./stretches.ts";

/** A batch that has a row but can't be used. */
export interface BatchProblem {
  readonly batch: Batch;
  readonly cause: GapCause;
  readonly detail: string;
}

export interface Gathered {
  readonly plan: FootagePlan;
  /** The plan's segments with their samples, in the same order. */
  readonly segments: readonly SourcedSegment[];
  /** Every frame of every batch that was read, for looking up what lies before the window. */
  readonly batches: readonly BatchWithFrames[];
  /** A batch before the window that the first frames are decoded from. */
  readonly lead: Batch | undefined;
  /** Absolute paths; samples name them by their place in this list. */
  readonly sources: readonly string[];
  readonly problems: readonly BatchProblem[];
}

interface Loaded extends BatchWithFrames {
  readonly recording: RecordingIndex | typeof NO_RECORDING;
}

/** Stands for a recording that was not looked at. */
const NO_RECORDING = { init: undefined, fragments: [] } as const;

/** Batches that are read in one go, some milliseconds each; then whatever else waits has its turn. */
const TURN_BATCHES = 32;

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * @param request `batches` are those that share time with the window, in order. For a film of
 * stills ("frames") the recordings are not looked at: it must be possible without them.
 */
export async function gatherFootage(
  index: FootageIndex,
  request: FootageRequest & { readonly source: FilmSource; readonly batches: readonly Batch[] },
): Promise<Gathered> {
  const { window } = request;
  const problems: BatchProblem[] = [];
  const loaded: Loaded[] = [];
  for (const [number, batch] of request.batches.entries()) {
    if (number % TURN_BATCHES === TURN_BATCHES - 1) await turnOfOthers();
    const found = load(index.root, batch, request.source);
    if ("cause" in found) problems.push(found);
    else loaded.push(found);
  }
  const plan = planFootage(loaded, window);
  if (request.source === "frames") {
    return { plan, segments: [], batches: loaded, lead: undefined, sources: [], problems };
  }
  const lead = leadBatch(index, plan.segments[0], loaded);
  if (lead !== undefined) loaded.unshift(lead);
  const sources = loaded.map(({ batch }) => join(index.root, batch.recordingPath));
  const segments = plan.segments.map((segment, number) =>
    sourced(segment, { loaded, lead: number === 0 ? lead : undefined })
  );
  return { plan, segments, batches: loaded, lead: lead?.batch, sources, problems };
}

function load(root: string, batch: Batch, source: FilmSource): Loaded | BatchProblem {
  const read = readBatchFrames(root, batch);
  if (!read.ok) return { batch, cause: "recording-damaged", detail: read.problem };
  if (source === "frames") return { batch, frames: read.frames, recording: NO_RECORDING };
  try {
    const recording = indexRecording(join(root, batch.recordingPath), batch.recordingBytes);
    return { batch, frames: read.frames, recording };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return {
        batch,
        cause: "recording-missing",
        detail: `there is no file "${batch.recordingPath}"`,
      };
    }
    // Unreadable for whatever reason: the other batches are delivered all the same.
    return { batch, cause: "recording-damaged", detail: messageOf(error) };
  }
}

/**
 * With open GOPs the first frames of a batch are shown before its key frame and
 * need the batch before it.
 */
function leadBatch(
  index: FootageIndex,
  segment: Segment | undefined,
  loaded: readonly Loaded[],
): Loaded | undefined {
  const first = loaded.find(({ batch }) => batch === segment?.batches[0]);
  if (segment === undefined || first === undefined) return undefined;
  const samples = first.recording.fragments.flatMap(({ video }) => video);
  if (keyBefore(samples, segment.frames[0]!.pts) !== undefined) return undefined;
  const { batch } = first;
  const before = index.batchEndingBefore(batch.cameraId, batch.startingFrameId);
  const isJoined = before?.run === batch.run && before.endingFrameId + 1 === batch.startingFrameId;
  if (before === undefined || !isJoined) return undefined;
  const found = load(index.root, before, "video");
  return "cause" in found ? undefined : found;
}

function sourced(
  segment: Segment,
  from: { readonly loaded: readonly Loaded[]; readonly lead: Loaded | undefined },
): SourcedSegment {
  const batches = new Set(segment.batches);
  const parts = from.loaded.map((each, source) => ({ each, source }))
    .filter(({ each }) => each === from.lead || batches.has(each.batch));
  const fragments = parts.flatMap(({ each, source }): SourcedFragment[] =>
    each.recording.fragments.map((fragment) => ({ ...fragment, source }))
  );
  const { init } = parts[0]!.each.recording;
  if (init === undefined) throw new InvariantError("Cannot cut recordings that were not looked at");
  return { init, fragments, frames: segment.frames };
}

/**
 * The segments with the first one begun at the key frame that its first frame
 * is decoded from.
 */
export function fromKeyFrame(gathered: Gathered): readonly SourcedSegment[] {
  const [first, ...rest] = gathered.segments;
  if (first === undefined) return [];
  const samples = videoOf(first.fragments);
  const key = keyBefore(samples, first.frames[0]!.pts);
  if (key === undefined) return gathered.segments;
  const keyPts = samples[key]!.pts;
  const firstId = first.frames[0]!.frameId;
  const { run } = first.frames[0]!;
  const earlier = gathered.batches.flatMap(({ frames }) => frames).filter((frame) =>
    frame.run === run && frame.frameId < firstId && frame.pts >= keyPts
  );
  return [{ ...first, frames: [...earlier, ...first.frames] }, ...rest];
}
