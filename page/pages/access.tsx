/**
 * Who may do what: people, tokens of programs, and the trail of what was done.
 *
 * @module
 */

import type { VNode } from "preact";
import { PageHead } from "../app/page_head.tsx";
import { route } from "../app/router.ts";
import { hashOf } from "../app/routes.ts";
import { Audit } from "./access_audit.tsx";
import { Tokens } from "./access_tokens.tsx";
import { Users } from "./access_users.tsx";

const PARTS: readonly (readonly [id: string, label: string, part: () => VNode])[] = [
  ["users", "People", Users],
  ["tokens", "Tokens", Tokens],
  ["audit", "What was done", Audit],
];

export function Access(): VNode {
  const [id, , Part] = PARTS.find(([id]) => id === route.value.id) ?? PARTS[0]!;
  return (
    <>
      <PageHead title="Access">
        <nav class="tabs" aria-label="Parts of this page">
          {PARTS.map(([other, label]) => (
            <a
              key={other}
              href={hashOf("access", other)}
              {...(other === id ? { "aria-current": "page" as const } : {})}
            >
              {label}
            </a>
          ))}
        </nav>
      </PageHead>
      <Part key={id} />
    </>
  );
}
