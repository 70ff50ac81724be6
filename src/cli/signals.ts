/**
 * The signals that a recording process listens for: SIGINT and SIGTERM stop it
 * in good order (a second one at once), SIGHUP makes it read its settings again.
 *
 * @module
 */

export interface SignalActions {
  readonly stop: () => void;
  readonly isStopping: () => boolean;
  /** Runs one at a time. */
  readonly reload: () => Promise<void>;
}

/** Listens until disposed. */
export function listen(actions: SignalActions): Disposable {
  const stop = () => {
    if (actions.isStopping()) Deno.exit(1);
    actions.stop();
  };
  let reloading = Promise.resolve();
  const reload = () => {
    reloading = reloading.then(actions.reload);
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  Deno.addSignalListener("SIGHUP", reload);
  return {
    [Symbol.dispose]() {
      Deno.removeSignalListener("SIGINT", stop);
      Deno.removeSignalListener("SIGTERM", stop);
      Deno.removeSignalListener("SIGHUP", reload);
    },
  };
}
