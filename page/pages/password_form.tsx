/**
 * The form that sets a password of one's own.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { changePassword } from "../api/calls.ts";
import { problemText } from "../api/http.ts";

interface PasswordFormProps {
  /** What to do once it is set. */
  readonly onDone: () => void;
}

export function PasswordForm({ onDone }: PasswordFormProps): VNode {
  const old = useSignal("");
  const fresh = useSignal("");
  const again = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);

  const send = async (event: Event) => {
    event.preventDefault();
    if (fresh.value !== again.value) {
      problem.value = "The two new passwords differ";
      return;
    }
    isBusy.value = true;
    problem.value = "";
    try {
      await changePassword(old.value, fresh.value);
      old.value = fresh.value = again.value = "";
      onDone();
    } catch (error) {
      problem.value = problemText(error);
    } finally {
      isBusy.value = false;
    }
  };

  const field = (
    label: string,
    value: typeof old,
    { name, autocomplete }: { name: string; autocomplete: string },
  ) => (
    <label>
      {label}
      <input
        name={name}
        type="password"
        autocomplete={autocomplete as "new-password"}
        required
        value={value.value}
        onInput={(event) => value.value = event.currentTarget.value}
      />
    </label>
  );

  return (
    <form onSubmit={send} class="stack">
      {field("Password now", old, { name: "old", autocomplete: "current-password" })}
      {field("New password", fresh, { name: "new", autocomplete: "new-password" })}
      {field("New password again", again, { name: "again", autocomplete: "new-password" })}
      <p class="problem" role="alert">{problem.value}</p>
      <button type="submit" class="main" disabled={isBusy.value}>Set password</button>
    </form>
  );
}
