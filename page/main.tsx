/**
 * The page's beginning: who is logged in decides what shows.
 *
 * Rooms: `app` (shell, routes, state), `api` (the server's API), `base` (pure
 * helpers), `live` (live pictures), `recorded` (playing footage), `timeline`,
 * `take` (exports), `forms` (the settings' form), `pages`. Pure modules say so in
 * their headers and are tested under tests/page.
 *
 * Design: docs/design/page.md
 *
 * @module
 */

import { render, type VNode } from "preact";
import { Notices } from "./app/notices.tsx";
import { Shell } from "./app/shell.tsx";
import { session, startState, trouble } from "./app/state.ts";
import { startTheme } from "./app/theme.ts";
import { startSights } from "./live/sights.ts";
import { LogIn } from "./pages/log_in.tsx";
import { FirstPassword } from "./pages/first_password.tsx";

function Page(): VNode {
  return (
    <>
      <Inner />
      <Notices />
    </>
  );
}

function Inner(): VNode {
  const who = session.value;
  if (who === undefined) {
    return (
      <main class="gate">
        <p role="status">{trouble.value === "" ? "One moment …" : trouble.value}</p>
      </main>
    );
  }
  if (who === null) return <LogIn />;
  if (who.mustChangePassword) return <FirstPassword />;
  return <Shell />;
}

startTheme();
startSights();
startState();
render(<Page />, document.getElementById("page")!);
