/**
 * One's own account: the password.
 *
 * @module
 */

import type { VNode } from "preact";
import { notify } from "../app/notices.tsx";
import { session } from "../app/state.ts";
import { PageHead } from "../app/page_head.tsx";
import { PasswordForm } from "./password_form.tsx";

export function Account(): VNode {
  const who = session.value!;
  const sees = who.cameras === "all" ? "all cameras" : who.cameras.join(", ") || "no camera";
  return (
    <>
      <PageHead title="Your account" />
      <div class="card narrow">
        <p>
          <strong>{who.user}</strong>, {who.role}, sees {sees}.
        </p>
        <PasswordForm
          onDone={() => notify("The new password counts from now on", { tone: "good" })}
        />
      </div>
    </>
  );
}
