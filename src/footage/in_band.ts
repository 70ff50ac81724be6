/**
 * Puts parameter sets in front of the first frame of a copied piece, so that a
 * decoder that comes from an encoded piece takes up the recording's own again.
 *
 * @module
 */

import { join } from "node:path";
import { joined } from "../base/bytes.ts";
import { readRange } from "../host/durable.ts";
import { MalformedMedia } from "../media/boxes.ts";
import type { Sample } from "../media/fragment.ts";
import { hevcParameterSets } from "../media/parameter_sets.ts";
import type { SourcedFragment } from "./cut_plan.ts";
import type { ShownStretch } from "./stretches.ts";

/**
 * @param place `sources` gets one more entry: a file in `folder` with the changed frame.
 */
export async function withParameterSets(
  part: ShownStretch,
  place: { readonly entry: Uint8Array; readonly sources: string[]; readonly folder: string },
): Promise<ShownStretch> {
  const { fragment, sample } = sampleAt(part, part.used[0]!);
  const sets = hevcParameterSets(place.entry);
  using file = await Deno.open(place.sources[fragment.source]!);
  const frame = await readRange(file, sample);
  if (frame === undefined) throw new MalformedMedia("Cannot read the first copied frame");
  const bytes = joined([sets, frame]);
  const path = join(place.folder, `first-${place.sources.length}.bin`);
  await Deno.writeFile(path, bytes);
  const changed = { ...sample, offset: 0, sizeBytes: bytes.length };
  const source = place.sources.push(path) - 1;
  return { ...part, fragments: replaced(part.fragments, { fragment, sample, changed, source }) };
}

function sampleAt(
  part: ShownStretch,
  index: number,
): { readonly fragment: SourcedFragment; readonly sample: Sample } {
  let before = 0;
  for (const fragment of part.fragments) {
    const sample = fragment.video[index - before];
    if (sample !== undefined) return { fragment, sample };
    before += fragment.video.length;
  }
  throw new RangeError(`Cannot find sample ${index}`);
}

/** The fragments with one sample taken from another source: its fragment is divided around it. */
function replaced(
  fragments: readonly SourcedFragment[],
  change: {
    readonly fragment: SourcedFragment;
    readonly sample: Sample;
    readonly changed: Sample;
    readonly source: number;
  },
): SourcedFragment[] {
  return fragments.flatMap((fragment) => {
    if (fragment !== change.fragment) return [fragment];
    const at = fragment.video.indexOf(change.sample);
    const { source, video, audio } = fragment;
    return [
      { source, video: video.slice(0, at), audio },
      { source: change.source, video: [change.changed], audio: [] },
      { source, video: video.slice(at + 1), audio: [] },
    ];
  });
}
