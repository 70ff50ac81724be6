/**
 * The trail: log-ins, exports and changes.
 *
 * @module
 */

import type { VNode } from "preact";
import { getAudit } from "../api/calls.ts";
import { useLoaded } from "../app/use_loaded.ts";
import { instantText } from "../base/time_text.ts";

/** The file keeps all. */
const NEWEST = 500;

export function Audit(): VNode {
  const { value, problem } = useLoaded(() => getAudit(NEWEST));
  const entries = value.value?.toSorted((a, b) => b.at.localeCompare(a.at));
  return (
    <section class="card" aria-label="What was done">
      <p class="problem" role="alert">{problem}</p>
      <div class="table-frame" tabIndex={0} role="region" aria-label="What was done, as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Of what</th>
              <th scope="col">More</th>
            </tr>
          </thead>
          <tbody>
            {entries?.map((entry, index) => (
              <tr key={`${entry.at}/${entries.length - index}`}>
                <td class="nowrap" data-label="When">{instantText(Date.parse(entry.at))}</td>
                <td data-label="Who">{entry.actor}</td>
                <td data-label="What">{entry.action}</td>
                <td data-label="Of what">{entry.subject}</td>
                <td class="quiet" data-label="More">{entry.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
