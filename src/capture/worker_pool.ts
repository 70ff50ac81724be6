/**
 * The Workers that record, on the main thread: gives each camera a place in one
 * of them. Usually a Worker has one camera; where the settings let several share
 * one, a box with many cameras needs less memory and fewer wake-ups.
 *
 * Cameras of one Worker also share its end: when one of them can't go on there,
 * or the Worker itself fails, it is ended, and each gets a place in another.
 *
 * Design: docs/design/workers.md, "Several cameras in one Worker"
 *
 * @module
 */

import { unreachable } from "../base/errors.ts";
import type { LogRecordMessage } from "../base/log.ts";
import type { FromCamera, FromWorker, ToCamera, ToWorker } from "./messages.ts";

/** Who wants a place. */
export interface Guest {
  readonly cameraId: string;
  /** How many cameras may be in its Worker, itself included. */
  readonly camerasPerWorker: number;
  readonly onMessage: (message: FromCamera) => void;
  /** The Worker is gone, and with it all that the camera had there. */
  readonly onGone: (reason: string) => void;
}

/** A camera's place in a Worker. */
export interface Place {
  readonly post: (message: ToCamera, ports?: readonly MessagePort[]) => void;
  /** Gives the place up; the last camera that leaves ends the Worker. */
  readonly leave: () => void;
}

interface Shared {
  readonly worker: Worker;
  readonly guests: Map<string, Guest>;
}

export class WorkerPool {
  readonly #onLog: (record: LogRecordMessage) => void;
  readonly #shared = new Set<Shared>();

  constructor(onLog: (record: LogRecordMessage) => void) {
    this.#onLog = onLog;
  }

  /** How many Workers there are. */
  get size(): number {
    return this.#shared.size;
  }

  /** A place for a camera that has none: in the oldest Worker that has room, else in a new one. */
  place(guest: Guest): Place {
    const { cameraId } = guest;
    const shared = this.#withRoom(guest) ?? this.#start();
    shared.guests.set(cameraId, guest);
    return {
      post: (message, ports = []) => {
        const addressed: ToWorker = { cameraId, message };
        if (shared.guests.get(cameraId) === guest) shared.worker.postMessage(addressed, [...ports]);
      },
      leave: () => {
        if (shared.guests.get(cameraId) !== guest) return;
        shared.guests.delete(cameraId);
        if (shared.guests.size === 0) this.#end(shared);
      },
    };
  }

  #withRoom({ cameraId, camerasPerWorker }: Guest): Shared | undefined {
    return [...this.#shared].find(({ guests }) =>
      !guests.has(cameraId) && guests.size < camerasPerWorker &&
      [...guests.values()].every((other) => guests.size < other.camerasPerWorker)
    );
  }

  #start(): Shared {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const shared: Shared = { worker, guests: new Map() };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(shared, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(shared, event.message);
    };
    this.#shared.add(shared);
    return shared;
  }

  #take(shared: Shared, data: FromWorker): void {
    switch (data.type) {
      case "log":
        return this.#onLog(data.record);
      case "camera": {
        const { cameraId, message } = data;
        shared.guests.get(cameraId)?.onMessage(message);
        // What it left behind (a child, a timer, an open file) ends only with the Worker.
        if (message.type === "failed") {
          this.#fail(shared, `"${cameraId}" failed in the same Worker: ${message.reason}`);
        }
        return;
      }
      default:
        unreachable(data);
    }
  }

  #fail(shared: Shared, reason: string): void {
    const guests = [...shared.guests.values()];
    shared.guests.clear();
    this.#end(shared);
    for (const guest of guests) guest.onGone(reason);
  }

  #end(shared: Shared): void {
    shared.worker.terminate();
    this.#shared.delete(shared);
  }
}
