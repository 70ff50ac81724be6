/**
 * What there is for an export: as it was understood, frames, size, coverage, gaps.
 *
 * @module
 */

import type { VNode } from "preact";
import type { ExportPreview } from "../api/types.ts";
import { bytesText, clockText, durationText, shareText } from "../base/time_text.ts";

interface PreviewFactsProps {
  readonly preview: ExportPreview | undefined;
  readonly problem: string;
}

/** More gaps than this are counted, not listed. */
const MOST_GAPS = 6;

export function PreviewFacts({ preview, problem }: PreviewFactsProps): VNode {
  return (
    <div class="preview-facts" aria-live="polite">
      {problem !== "" && <p class="problem">{problem}</p>}
      {preview === undefined && problem === "" && <p class="quiet">Looking what there is …</p>}
      {preview !== undefined && <Facts preview={preview} />}
    </div>
  );
}

function Facts({ preview }: { readonly preview: ExportPreview }): VNode {
  const { understood, frames, bytes, gaps, coverage } = preview;
  const lines = typeof understood === "string" ? [understood] : understood;
  return (
    <>
      <dl class="facts">
        <Fact name="Coverage" value={shareText(coverage)} />
        <Fact name="Frames" value={frames.toLocaleString("en")} />
        <Fact name="Size" value={`about ${bytesText(bytes)}`} />
      </dl>
      {gaps.length > 0 && (
        <ul class="gaps">
          {gaps.slice(0, MOST_GAPS).map((gap) => (
            <li key={gap.from}>
              {clockText(Date.parse(gap.from))}: {durationText(
                Date.parse(gap.to) - Date.parse(gap.from),
              )} missing, {gap.cause}
              {gap.detail !== "" && gap.detail !== gap.cause && ` (${gap.detail})`}
            </li>
          ))}
          {gaps.length > MOST_GAPS && <li>and {gaps.length - MOST_GAPS} more</li>}
        </ul>
      )}
      {lines.length > 0 && (
        <details>
          <summary>As it was understood</summary>
          <pre tabIndex={0}>{lines.join("\n")}</pre>
        </details>
      )}
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
