import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { EarlySync, SYNC_EVERY_BYTES } from "../../src/footage/early_sync.ts";

/** A file whose syncs end when they are told to. */
function slowFile() {
  const running: PromiseWithResolvers<void>[] = [];
  return {
    running,
    syncData: (): Promise<void> => {
      const sync = Promise.withResolvers<void>();
      running.push(sync);
      return sync.promise;
    },
  };
}

Deno.test("EarlySync begins when there is enough, one sync at a time", async () => {
  const file = slowFile();
  const sync = new EarlySync(file);
  const begunAt = (writtenBytes: number) => {
    sync.after(writtenBytes);
    return file.running.length;
  };
  deepStrictEqual([SYNC_EVERY_BYTES - 1, SYNC_EVERY_BYTES].map(begunAt), [0, 1]);
  deepStrictEqual([3, 5].map((times) => begunAt(times * SYNC_EVERY_BYTES)), [1, 1]);
  file.running[0]!.resolve();
  await sync.idle();
  deepStrictEqual([5.5, 5.9, 7].map((times) => begunAt(times * SYNC_EVERY_BYTES)), [2, 2, 2]);
  file.running[1]!.resolve();
  await sync.idle();
  sync.requireGood();
});

Deno.test("EarlySync.idle() waits for the sync that is running, also where it fails", async () => {
  const file = slowFile();
  const sync = new EarlySync(file);
  sync.after(SYNC_EVERY_BYTES);
  let isIdle = false;
  const idle = sync.idle().then(() => isIdle = true);
  await Promise.resolve();
  strictEqual(isIdle, false);
  file.running[0]!.reject(new Error("the disk is full"));
  await idle;
  throws(() => sync.requireGood(), /the disk is full/);
  sync.after(9 * SYNC_EVERY_BYTES);
  strictEqual(file.running.length, 1, "none is begun behind one that failed");
});
