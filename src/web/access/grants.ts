/**
 * Ends what goes on for long when the log-in or token behind it ends: a live view
 * that began with a right does not outlast it.
 *
 * @module
 */

interface Grant {
  readonly controller: AbortController;
  readonly isValid: () => boolean;
}

export class Grants {
  readonly #grants = new Map<string, Grant>();

  /** Aborted when the grant ends. One for all that goes on under it. */
  signal(grantId: string, isValid: () => boolean): AbortSignal {
    const found = this.#grants.get(grantId);
    if (found !== undefined) return found.controller.signal;
    const controller = new AbortController();
    this.#grants.set(grantId, { controller, isValid });
    return controller.signal;
  }

  /** Ends those that are no longer valid. */
  check(): void {
    for (const [grantId, grant] of this.#grants) {
      if (!grant.isValid()) this.#end(grantId, grant);
    }
  }

  endAll(): void {
    for (const [grantId, grant] of this.#grants) this.#end(grantId, grant);
  }

  get size(): number {
    return this.#grants.size;
  }

  #end(grantId: string, { controller }: Grant): void {
    this.#grants.delete(grantId);
    controller.abort(new DOMException("The log-in has ended", "AbortError"));
  }
}
