/**
 * How everything does: health, disk, cameras, log.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { getLogs, getSystem } from "../api/calls.ts";
import { onNews } from "../api/news_stream.ts";
import type { LogLine, SystemFacts } from "../api/types.ts";
import { PageHead } from "../app/page_head.tsx";
import { hashOf } from "../app/routes.ts";
import { cameras, may, nowMs } from "../app/state.ts";
import { useLoaded } from "../app/use_loaded.ts";
import { StateOf } from "../app/camera_state.tsx";
import { classes } from "../base/class_names.ts";
import {
  agoText,
  bytesText,
  clockText,
  instantText,
  rateText,
  shareText,
} from "../base/time_text.ts";

const REFRESH_MS = 5_000;

export function System(): VNode {
  const { value, problem } = useLoaded(getSystem, REFRESH_MS);
  const facts = value.value;
  return (
    <>
      <PageHead title="System">
        {facts !== undefined && (
          <p class="quiet">
            Lookback {facts.version}, started {agoText(Date.parse(facts.started), nowMs.value)}
          </p>
        )}
      </PageHead>
      <p class="problem" role="alert">{problem}</p>
      {facts !== undefined && (
        <div class="columns">
          <Health facts={facts} />
          <Disk facts={facts} />
        </div>
      )}
      <CameraTable facts={facts} />
      {may("administrator") && <Log />}
    </>
  );
}

function Health({ facts }: { readonly facts: SystemFacts }): VNode {
  const tones = { ok: "good", warning: "doubt", fault: "bad" } as const;
  return (
    <section class="card" aria-labelledby="health-title">
      <h2 id="health-title">Health</h2>
      <ul class="health">
        {facts.health.map(({ component, state, detail }) => (
          <li key={component}>
            <span class={classes("state", tones[state])}>{state}</span>
            <span>
              <strong>{component}</strong> <span class="quiet">{detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Disk({ facts }: { readonly facts: SystemFacts }): VNode {
  const { totalBytes, freeBytes, forecastDays } = facts.disk;
  const used = totalBytes - freeBytes;
  return (
    <section class="card" aria-labelledby="disk-title">
      <h2 id="disk-title">Disk</h2>
      <meter
        min={0}
        max={totalBytes}
        high={totalBytes * 0.9}
        value={used}
        aria-label="Used of the disk"
      />
      <dl class="facts">
        <div>
          <dt>Free</dt>
          <dd>{bytesText(freeBytes)} of {bytesText(totalBytes)}</dd>
        </div>
        <div>
          <dt>Footage reaches back</dt>
          <dd>
            {forecastDays === null ? "not known yet" : `about ${forecastDays.toFixed(1)} days`}
          </dd>
        </div>
        <div>
          <dt>Folder</dt>
          <dd class="path">{facts.root}</dd>
        </div>
      </dl>
    </section>
  );
}

function CameraTable({ facts }: { readonly facts: SystemFacts | undefined }): VNode {
  const numbers = new Map(facts?.cameras.map((camera) => [camera.id, camera]) ?? []);
  return (
    <section class="card" aria-labelledby="cameras-title">
      <h2 id="cameras-title">Cameras</h2>
      <div class="table-frame" tabIndex={0} role="region" aria-label="Cameras, as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Camera</th>
              <th scope="col">State</th>
              <th scope="col">Picture</th>
              <th scope="col" class="number">Rate</th>
              <th scope="col" class="number">24 h</th>
              <th scope="col" class="number">Uses</th>
              <th scope="col" class="number">Reaches back</th>
              <th scope="col" class="number">Restarts</th>
            </tr>
          </thead>
          <tbody>
            {cameras.value?.map((camera) => {
              const more = numbers.get(camera.id);
              const { stream, coverage24h } = camera;
              return (
                <tr key={camera.id}>
                  <th scope="row">
                    <a href={hashOf("camera", camera.id)}>{camera.name}</a>
                  </th>
                  <td data-label="State">
                    <StateOf camera={camera} />
                  </td>
                  <td class="nowrap" data-label="Picture">
                    {stream === null ? "–" : `${stream.width} × ${stream.height} ${stream.codec}`}
                  </td>
                  <td class="number nowrap" data-label="Rate">
                    {stream === null
                      ? "–"
                      : `${camera.fps.toFixed(1)} fps, ${rateText(camera.bitsPerSecond)}`}
                  </td>
                  <td class="number nowrap" data-label="24 h">
                    {coverage24h === null ? "–" : shareText(coverage24h)}
                  </td>
                  <td class="number nowrap" data-label="Uses">
                    {textOf(more?.usedBytes, bytesText)}
                  </td>
                  <td class="number nowrap" data-label="Reaches back">
                    {textOf(more?.forecastDays, (days) => `${days.toFixed(1)} d`)}
                  </td>
                  <td class="number" data-label="Restarts">{textOf(more?.restarts, String)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function textOf(value: number | null | undefined, text: (value: number) => string): string {
  return value === null || value === undefined ? "–" : text(value);
}

const LEVELS = ["debug", "info", "warning", "error"] as const;

/** More would slow the page down, and the file has them all. */
const MOST_LINES = 300;

function Log(): VNode {
  const level = useSignal<string>("info");
  const lines = useSignal<readonly LogLine[]>([]);
  const problem = useSignal("");
  useEffect(() => {
    let isGone = false;
    getLogs(level.value, MOST_LINES).then(
      (found) => {
        if (!isGone) lines.value = found.toReversed();
      },
      (error) => problem.value = String(error.message),
    );
    const unsubscribe = onNews((news) => {
      if (news.type !== "log" || !isAtLeast(news.level, level.peek())) return;
      const { atMs, level: own, category, message } = news;
      const line = { at: new Date(atMs).toISOString(), level: own, category, message };
      lines.value = [line, ...lines.peek()].slice(0, MOST_LINES);
    });
    return () => {
      isGone = true;
      unsubscribe();
    };
  }, [level.value]);
  return (
    <section class="card" aria-labelledby="log-title">
      <div class="card-head">
        <h2 id="log-title">Log</h2>
        <label>
          From
          <select
            value={level.value}
            onChange={(event) => level.value = event.currentTarget.value}
          >
            {LEVELS.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
      </div>
      <p class="problem" role="alert">{problem}</p>
      <div class="log" tabIndex={0} role="region" aria-label="Lines of the log">
        {lines.value.length === 0 && <p class="quiet">Nothing yet.</p>}
        <ol>
          {lines.value.map((line, index) => (
            <li key={`${line.at}/${lines.value.length - index}`} class={line.level}>
              <time dateTime={line.at} title={instantText(Date.parse(line.at))}>
                {clockText(Date.parse(line.at))}
              </time>
              <span class="log-level">{line.level}</span>
              <span class="quiet">{line.category}</span>
              <span>{line.message}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

function isAtLeast(level: string, least: string): boolean {
  const grades: readonly string[] = ["trace", ...LEVELS, "fatal"];
  return grades.indexOf(level) >= grades.indexOf(least);
}
