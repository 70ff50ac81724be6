/**
 * What somebody may do and see, as fields: a role and cameras.
 *
 * @module
 */

import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import type { Role } from "../api/types.ts";
import { cameraName, cameras } from "../app/state.ts";

const ROLES: readonly (readonly [Role, string])[] = [
  ["viewer", "viewer: watches and plays"],
  ["operator", "operator: makes films and links too"],
  ["administrator", "administrator: everything"],
];

export interface GrantDraft {
  readonly role: Role;
  readonly cameras: "all" | readonly string[];
}

export const NEW_GRANT: GrantDraft = { role: "viewer", cameras: "all" };

export function GrantFields({ draft }: { readonly draft: Signal<GrantDraft> }): VNode {
  const { role, cameras: seen } = draft.value;
  const known = cameras.value?.map(({ id }) => id) ?? [];
  // Cameras that are gone may still be in the list.
  const all = [...new Set([...known, ...(seen === "all" ? [] : seen)])];
  const set = (change: Partial<GrantDraft>) => draft.value = { ...draft.value, ...change };
  return (
    <>
      <label>
        Role
        <select
          value={role}
          onChange={(event) => set({ role: event.currentTarget.value as Role })}
        >
          {ROLES.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
        </select>
      </label>
      <fieldset>
        <legend>Cameras</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={seen === "all"}
            onChange={(event) => set({ cameras: event.currentTarget.checked ? "all" : [] })}
          />
          all, and those to come
        </label>
        {seen !== "all" && all.map((id) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={seen.includes(id)}
              onChange={(event) =>
                set({
                  cameras: event.currentTarget.checked
                    ? [...seen, id]
                    : seen.filter((other) => other !== id),
                })}
            />
            {cameraName(id)}
          </label>
        ))}
      </fieldset>
    </>
  );
}

/** "all cameras", "Front, Yard". */
export function seenText(seen: "all" | readonly string[]): string {
  if (seen === "all") return "all cameras";
  return seen.length === 0 ? "no camera" : seen.map(cameraName).join(", ");
}
