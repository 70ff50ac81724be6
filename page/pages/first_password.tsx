/**
 * Before anything else: a password that somebody else gave is changed.
 *
 * @module
 */

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { getSession } from "../api/calls.ts";
import { session } from "../app/state.ts";
import { PasswordForm } from "./password_form.tsx";

export function FirstPassword(): VNode {
  useEffect(() => {
    document.title = "New password – Lookback";
  }, []);
  return (
    <main class="gate">
      <div class="card gate-card">
        <h1>A password of your own</h1>
        <p>
          {session.value?.user}, the password that you logged in with is known to others. Set one
          that only you know.
        </p>
        <PasswordForm onDone={goOn} />
      </div>
    </main>
  );
}

async function goOn(): Promise<void> {
  // The change may have ended the session; then the way in shows again.
  session.value = await getSession().catch(() => null);
}
