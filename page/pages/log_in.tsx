/**
 * The way in.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { logIn } from "../api/calls.ts";
import { problemText } from "../api/http.ts";
import { Mark } from "../app/icons.tsx";
import { session } from "../app/state.ts";

export function LogIn(): VNode {
  const user = useSignal("");
  const password = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Log in – Lookback";
    first.current?.focus();
  }, []);

  const send = async (event: Event) => {
    event.preventDefault();
    isBusy.value = true;
    problem.value = "";
    try {
      session.value = await logIn(user.value.trim(), password.value);
    } catch (error) {
      problem.value = problemText(error);
      isBusy.value = false;
    }
  };

  return (
    <main class="gate">
      <form class="card gate-card" onSubmit={send}>
        <h1>
          <Mark /> Lookback
        </h1>
        <label>
          Name
          <input
            ref={first}
            name="user"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={user.value}
            onInput={(event) => user.value = event.currentTarget.value}
          />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password.value}
            onInput={(event) => password.value = event.currentTarget.value}
          />
        </label>
        <p class="problem" role="alert">{problem.value}</p>
        <button type="submit" class="main" disabled={isBusy.value}>Log in</button>
      </form>
    </main>
  );
}
