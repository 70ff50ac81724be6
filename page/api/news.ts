/**
 * What the server tells without being asked, over the WebSocket `/stream`: read
 * from its text, as the page uses it.
 *
 * In:   a message's text.
 * Out:  news with times in milliseconds, or undefined for what is none.
 *
 * @module
 */

import type { Box, CameraStatus, Export, SeenEvent } from "./types.ts";

export interface Detection {
  readonly class: string;
  readonly score: number;
  readonly box: Box;
}

/** What was seen in one picture of a camera. */
export interface Sight {
  readonly camera: string;
  readonly atMs: number;
  readonly moving: readonly Box[];
  readonly detections: readonly Detection[];
}

export type News =
  | {
    readonly type: "status";
    readonly cameras: readonly (CameraStatus & { readonly id: string })[];
  }
  | { readonly type: "event"; readonly change: string; readonly event: SeenEvent }
  | { readonly type: "sight"; readonly sight: Sight }
  | {
    readonly type: "alert";
    readonly priority: string;
    readonly camera: string | null;
    readonly text: string;
    readonly atMs: number;
  }
  | {
    readonly type: "log";
    readonly atMs: number;
    readonly level: string;
    readonly category: string;
    readonly message: string;
  }
  | { readonly type: "export"; readonly export: Export };

// deno-lint-ignore no-explicit-any
type Json = any;

const READERS: Readonly<Record<string, (message: Json) => News>> = {
  status: ({ cameras }) => ({
    type: "status",
    cameras: cameras.map((camera: Json) => ({ ...camera, id: camera.id ?? camera.camera })),
  }),
  event: ({ change, event }) => ({ type: "event", change, event }),
  sight: ({ camera, at, moving, detections }) => ({
    type: "sight",
    sight: {
      camera,
      atMs: msOf(at),
      moving: moving ?? [],
      // Null where no detector looked.
      detections: detections ?? [],
    },
  }),
  alert: ({ priority, camera, text, at }) => ({
    type: "alert",
    priority,
    camera: camera ?? null,
    text,
    atMs: msOf(at),
  }),
  log: ({ at, level, category, message }) => ({
    type: "log",
    atMs: msOf(at),
    level,
    category,
    message,
  }),
  export: (message) => ({ type: "export", export: message.export }),
};

/** Reads a message; undefined for kinds that a newer server may have. */
export function readNews(text: string): News | undefined {
  try {
    const message = JSON.parse(text);
    return READERS[message.type]?.(message);
  } catch {
    return undefined;
  }
}

function msOf(at: string | number): number {
  return typeof at === "number" ? at : Date.parse(at);
}
