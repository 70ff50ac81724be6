import { rejects } from "node:assert/strict";
import { Journal } from "../../tools/service_test_journal.ts";

/** A journal of these pieces of text, which then says nothing more. */
function journalOf(...pieces: readonly string[]): Journal {
  return new Journal(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      },
    }),
  );
}

/** For what must not come, in milliseconds. */
const AT_ONCE = 20;

/** For what must come, in milliseconds. */
const PATIENCE_MS = 10_000;

Deno.test("Journal.waitFor() finds lines in any order, one that came in pieces too", async () => {
  const journal = journalOf("front: Reco", "rding\nyard: Recording\n");
  await journal.waitFor([/yard: Rec/, /front: Recording/], PATIENCE_MS);
});

Deno.test("Journal.waitFor() takes what it has found, and what came before, for old", async () => {
  const journal = journalOf("Started\nkilled\nStarted\n");
  await journal.waitFor([/killed/], PATIENCE_MS);
  await journal.waitFor([/Started/], PATIENCE_MS);
  await rejects(journal.waitFor([/Started/], AT_ONCE));
});

Deno.test("Journal.waitFor() names what has not come, and what has", async () => {
  const journal = journalOf("front: Recording\n");
  await rejects(journal.waitFor([/front/, /yard/], AT_ONCE), {
    message: "no /yard/ within 20 ms, but:\nfront: Recording",
  });
});
