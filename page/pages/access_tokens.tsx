/**
 * Tokens, with which programs use the API.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { addToken, getTokens, removeToken } from "../api/calls.ts";
import type { Token } from "../api/types.ts";
import { notifyProblem } from "../app/notices.tsx";
import { Once } from "../app/once.tsx";
import { nowMs } from "../app/state.ts";
import { useLoaded } from "../app/use_loaded.ts";
import { agoText } from "../base/time_text.ts";
import { type GrantDraft, GrantFields, NEW_GRANT, seenText } from "./grant_fields.tsx";

const DAY_MS = 86_400_000;

export function Tokens(): VNode {
  const { value, problem, refresh } = useLoaded(getTokens);
  const given = useSignal<string | undefined>(undefined);
  const name = useSignal("");
  const days = useSignal("");
  const draft = useSignal<GrantDraft>(NEW_GRANT);
  const add = async (event: Event) => {
    event.preventDefault();
    try {
      const lastsMs = Number(days.value) * DAY_MS;
      const expires = days.value === "" ? {} : {
        expires: new Date(Date.now() + lastsMs).toISOString(),
      };
      const made = await addToken({ name: name.value.trim(), ...draft.value, ...expires });
      given.value = made.token;
      name.value = days.value = "";
      await refresh();
    } catch (error) {
      notifyProblem("Cannot make the token", error);
    }
  };
  return (
    <>
      <p class="problem" role="alert">{problem}</p>
      {given.value !== undefined && (
        <Once
          label="The token, shown this once"
          value={given.value}
          onDone={() => given.value = undefined}
        />
      )}
      {value.value?.length === 0 && <p class="empty">No program has a token.</p>}
      <ul class="card-list">
        {value.value?.map((token) => <TokenRow key={token.id} token={token} refresh={refresh} />)}
      </ul>
      <section class="card" aria-labelledby="new-token-title">
        <h2 id="new-token-title">A new token</h2>
        <form class="export-form" onSubmit={add}>
          <label>
            What it is for
            <input
              required
              value={name.value}
              onInput={(event) => name.value = event.currentTarget.value}
            />
          </label>
          <label>
            Days until it ends
            <input
              type="number"
              min={1}
              placeholder="never"
              value={days.value}
              onInput={(event) => days.value = event.currentTarget.value}
            />
          </label>
          <GrantFields draft={draft} />
          <button type="submit" class="main">Make the token</button>
        </form>
      </section>
    </>
  );
}

function TokenRow(
  { token, refresh }: { readonly token: Token; readonly refresh: () => Promise<void> },
): VNode {
  const remove = async () => {
    if (!confirm(`Take back the token "${token.name}"? Its program is locked out at once.`)) return;
    try {
      await removeToken(token.id);
      await refresh();
    } catch (error) {
      notifyProblem("Cannot take the token back", error);
    }
  };
  const { expires } = token;
  return (
    <li class="export">
      <div class="export-what">
        <strong>{token.name}</strong>
        <span>{token.role}</span>
        <span class="quiet">{seenText(token.cameras)}</span>
        <span class="quiet">
          {expires === null || expires === undefined
            ? "never ends"
            : `ends ${agoText(Date.parse(expires), nowMs.peek())}`}
        </span>
      </div>
      <div class="export-deeds">
        <button type="button" onClick={remove}>Take back</button>
      </div>
    </li>
  );
}
