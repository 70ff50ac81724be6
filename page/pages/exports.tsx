/**
 * Films and cases that were made, and the links given to others.
 *
 * @module
 */

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { caseUrl, getCases, getShares, removeShare } from "../api/calls.ts";
import type { Case, Share } from "../api/types.ts";
import { notifyProblem } from "../app/notices.tsx";
import { PageHead } from "../app/page_head.tsx";
import { hashOf } from "../app/routes.ts";
import { cameraName, nowMs } from "../app/state.ts";
import { useLoaded } from "../app/use_loaded.ts";
import { agoText, durationText, instantText } from "../base/time_text.ts";
import { ExportRow } from "../take/export_row.tsx";
import { exports, followExports, isUnderWay } from "../take/exports_state.ts";

/** Cases grow with their films, of which news come; this catches the rest. */
const REFRESH_MS = 5_000;

export function Exports(): VNode {
  useEffect(() => followExports((error) => notifyProblem("Cannot list the exports", error)), []);
  const all = exports.value;
  return (
    <>
      <PageHead title="Exports" />
      <Cases />
      <section aria-labelledby="films-title">
        <h2 id="films-title">Films</h2>
        {all === undefined && <p class="empty" role="status">One moment …</p>}
        {all?.length === 0 && (
          <p class="empty">
            No film was made yet. Open a camera, mark a stretch on its timeline, and take it with
            you.
          </p>
        )}
        <ul class="exports card-list">
          {all?.map((item) => <ExportRow key={item.id} item={item} />)}
        </ul>
      </section>
      <Shares />
    </>
  );
}

function Cases(): VNode | null {
  const { value, problem } = useLoaded(getCases, REFRESH_MS);
  if (problem.value !== "") return <p class="problem">Cannot list the cases: {problem}</p>;
  if (value.value === undefined || value.value.length === 0) return null;
  return (
    <section aria-labelledby="cases-title">
      <h2 id="cases-title">Cases</h2>
      <ul class="exports card-list">
        {value.value.map((item) => <CaseRow key={item.id} item={item} />)}
      </ul>
    </section>
  );
}

function CaseRow({ item }: { readonly item: Case }): VNode {
  const [fromMs, toMs] = [Date.parse(item.from), Date.parse(item.to)];
  const underWay = item.exports.filter(isUnderWay).length;
  const failed = item.exports.filter(({ state }) => state === "failed").length;
  return (
    <li class="export" data-case={item.id}>
      <div class="export-what">
        <strong>{item.title}</strong>
        <span>{item.exports.map(({ camera }) => cameraName(camera)).join(", ")}</span>
        <span class="nowrap">{instantText(fromMs)}</span>
        <span class="nowrap">{durationText(toMs - fromMs)}</span>
      </div>
      <div class="export-deeds">
        {underWay > 0 && <span class="state doubt">{underWay} of {item.exports.length} to do</span>}
        {failed > 0 && <span class="state bad">{failed} failed</span>}
        {underWay === 0 && (
          <a class="button main" href={caseUrl(item.id)} download="">Download the archive</a>
        )}
      </div>
    </li>
  );
}

function Shares(): VNode | null {
  const { value, problem, refresh } = useLoaded(getShares);
  if (problem.value !== "") return <p class="problem">Cannot list the links: {problem}</p>;
  if (value.value === undefined || value.value.length === 0) return null;
  const revoke = async ({ id }: Share) => {
    try {
      await removeShare(id);
      await refresh();
    } catch (error) {
      notifyProblem("Cannot revoke the link", error);
    }
  };
  return (
    <section aria-labelledby="shares-title">
      <h2 id="shares-title">Links given to others</h2>
      <ul class="exports card-list">
        {value.value.map((share) => {
          const [fromMs, toMs] = [Date.parse(share.from), Date.parse(share.to)];
          const expiresMs = Date.parse(share.expires);
          return (
            <li class="export" key={share.id}>
              <div class="export-what">
                <a href={hashOf("camera", share.camera, { at: fromMs })}>
                  {cameraName(share.camera)}
                </a>
                <span class="nowrap">{instantText(fromMs)}</span>
                <span class="nowrap">{durationText(toMs - fromMs)}</span>
                <span class="quiet nowrap">
                  {expiresMs > nowMs.peek() ? "expires" : "expired"}{" "}
                  {agoText(expiresMs, nowMs.peek())}
                </span>
              </div>
              <div class="export-deeds">
                <button type="button" onClick={() => revoke(share)}>Revoke</button>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
