/**
 * People who may log in.
 *
 * @module
 */

import { type Signal, useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { addUser, changeUser, getUsers, removeUser, resetPassword } from "../api/calls.ts";
import type { User } from "../api/types.ts";
import { notify, notifyProblem } from "../app/notices.tsx";
import { Once } from "../app/once.tsx";
import { session } from "../app/state.ts";
import { useLoaded } from "../app/use_loaded.ts";
import { type GrantDraft, GrantFields, NEW_GRANT, seenText } from "./grant_fields.tsx";

interface GivenPassword {
  readonly name: string;
  readonly password: string;
}

export function Users(): VNode {
  const { value, problem, refresh } = useLoaded(getUsers);
  const given = useSignal<GivenPassword | undefined>(undefined);
  return (
    <>
      <p class="problem" role="alert">{problem}</p>
      {given.value !== undefined && (
        <Once
          label={`Password of ${given.value.name}, shown this once; it is changed at the first log-in`}
          value={given.value.password}
          onDone={() => given.value = undefined}
        />
      )}
      <ul class="card-list">
        {value.value?.map((user) => (
          <UserRow key={user.name} user={user} given={given} refresh={refresh} />
        ))}
      </ul>
      <NewUser given={given} refresh={refresh} />
    </>
  );
}

interface UserRowProps {
  readonly user: User;
  readonly given: Signal<GivenPassword | undefined>;
  readonly refresh: () => Promise<void>;
}

function UserRow({ user, given, refresh }: UserRowProps): VNode {
  const draft = useSignal<GrantDraft | undefined>(undefined);
  const isSelf = user.name === session.value?.user;
  const reset = async () => {
    if (!confirm(`Give ${user.name} a new password? The old one ends at once.`)) return;
    try {
      given.value = { name: user.name, password: (await resetPassword(user.name)).password };
    } catch (error) {
      notifyProblem("Cannot give a new password", error);
    }
  };
  const remove = async () => {
    if (!confirm(`Remove ${user.name}?`)) return;
    try {
      await removeUser(user.name);
      await refresh();
    } catch (error) {
      notifyProblem(`Cannot remove ${user.name}`, error);
    }
  };
  return (
    <li class="export">
      <div class="export-what">
        <strong>{user.name}</strong>
        <span>{user.role}</span>
        <span class="quiet">{seenText(user.cameras)}</span>
        {user.mustChangePassword === true && <span class="state doubt">new password due</span>}
        {isSelf && <span class="quiet">(you)</span>}
      </div>
      <div class="export-deeds">
        <button
          type="button"
          aria-expanded={draft.value !== undefined}
          onClick={() =>
            draft.value = draft.value === undefined
              ? { role: user.role, cameras: user.cameras }
              : undefined}
        >
          Change
        </button>
        <button type="button" onClick={reset}>New password</button>
        <button type="button" class="bare" disabled={isSelf} onClick={remove}>Remove</button>
      </div>
      {draft.value !== undefined && (
        <ChangeUser user={user} draft={draft as Signal<GrantDraft | undefined>} refresh={refresh} />
      )}
    </li>
  );
}

function ChangeUser(
  { user, draft, refresh }: {
    readonly user: User;
    readonly draft: Signal<GrantDraft | undefined>;
    readonly refresh: () => Promise<void>;
  },
): VNode {
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await changeUser(user.name, draft.value!);
      draft.value = undefined;
      await refresh();
    } catch (error) {
      notifyProblem(`Cannot change ${user.name}`, error);
    }
  };
  return (
    <form class="export-form" onSubmit={save}>
      <GrantFields draft={draft as Signal<GrantDraft>} />
      <button type="submit" class="main">Save</button>
    </form>
  );
}

function NewUser(
  { given, refresh }: {
    readonly given: Signal<GivenPassword | undefined>;
    readonly refresh: () => Promise<void>;
  },
): VNode {
  const name = useSignal("");
  const draft = useSignal<GrantDraft>(NEW_GRANT);
  const add = async (event: Event) => {
    event.preventDefault();
    try {
      const made = await addUser({ name: name.value.trim(), ...draft.value });
      given.value = { name: made.name, password: made.password };
      notify(`${made.name} may log in`, { tone: "good" });
      name.value = "";
      draft.value = NEW_GRANT;
      await refresh();
    } catch (error) {
      notifyProblem("Cannot add the user", error);
    }
  };
  return (
    <section class="card" aria-labelledby="new-user-title">
      <h2 id="new-user-title">Somebody new</h2>
      <form class="export-form" onSubmit={add}>
        <label>
          Name
          <input
            required
            autocapitalize="none"
            autocomplete="off"
            value={name.value}
            onInput={(event) => name.value = event.currentTarget.value}
          />
        </label>
        <GrantFields draft={draft} />
        <button type="submit" class="main">Add</button>
      </form>
    </section>
  );
}
