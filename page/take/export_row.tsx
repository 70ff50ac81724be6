/**
 * One export in a list: what of, how far, and what can be had.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { filmUrl, getReceipt, receiptUrl, removeExport } from "../api/calls.ts";
import type { Export } from "../api/types.ts";
import { notifyProblem } from "../app/notices.tsx";
import { hashOf } from "../app/routes.ts";
import { cameraName } from "../app/state.ts";
import { bytesText, durationText, instantText } from "../base/time_text.ts";
import { exportProblem, exports, isUnderWay } from "./exports_state.ts";

export function ExportRow({ item }: { readonly item: Export }): VNode {
  const receipt = useSignal<string | undefined>(undefined);
  const [fromMs, toMs] = [Date.parse(item.from), Date.parse(item.to)];
  const problem = exportProblem(item);
  const showReceipt = async () => {
    if (receipt.value !== undefined) {
      receipt.value = undefined;
      return;
    }
    try {
      const value = await getReceipt(item.id);
      receipt.value = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    } catch (error) {
      notifyProblem("Cannot show the receipt", error);
    }
  };
  return (
    <li class="export" data-export={item.id} data-state={item.state}>
      <div class="export-what">
        <a href={hashOf("camera", item.camera, { at: fromMs })}>{cameraName(item.camera)}</a>
        <span class="nowrap">{instantText(fromMs)}</span>
        <span class="nowrap">{durationText(toMs - fromMs)}</span>
        {item.bytes !== null && item.bytes !== undefined && (
          <span class="quiet nowrap">{bytesText(item.bytes)}</span>
        )}
        {item.by !== null && <span class="quiet">by {item.by}</span>}
      </div>
      <div class="export-deeds">
        <ExportState item={item} />
        {item.state === "done" && (
          <>
            <a class="button main" href={filmUrl(item.id)} download={item.file ?? ""}>Download</a>
            <button type="button" aria-expanded={receipt.value !== undefined} onClick={showReceipt}>
              Receipt
            </button>
          </>
        )}
        {item.by !== null && (
          <button
            type="button"
            class="bare"
            onClick={() => remove(item)}
          >
            {isUnderWay(item) ? "Cancel" : "Remove"}
          </button>
        )}
      </div>
      {problem !== "" && <p class="problem">{problem}</p>}
      {receipt.value !== undefined && (
        <div class="receipt">
          <pre tabIndex={0} aria-label="Receipt">{receipt.value}</pre>
          <a href={receiptUrl(item.id)} download={`${item.file ?? item.id}.receipt.json`}>
            Download the receipt
          </a>
        </div>
      )}
    </li>
  );
}

function ExportState({ item }: { readonly item: Export }): VNode {
  if (item.state !== "running") {
    const tone = item.state === "failed" ? "bad" : item.state === "done" ? "good" : "doubt";
    return <span class={`state ${tone}`}>{item.state}</span>;
  }
  return (
    <label class="export-progress">
      <span>{Math.floor(item.progress * 100)} %</span>
      <progress value={item.progress} max={1} aria-label="Progress of the export" />
    </label>
  );
}

async function remove(item: Export): Promise<void> {
  const isSure = isUnderWay(item) || confirm(`Remove the film ${item.file ?? item.id}?`);
  if (!isSure) return;
  try {
    await removeExport(item.id);
    exports.value = exports.peek()?.filter(({ id }) => id !== item.id);
  } catch (error) {
    notifyProblem("Cannot remove the export", error);
  }
}
