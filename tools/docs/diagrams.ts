/**
 * The diagrams of the guide, as text.
 *
 * @module
 */

import type { Diagram } from "./diagram.ts";

const overview: Diagram = {
  name: "overview",
  cell: [150, 74],
  boxes: [
    { id: "front", text: ["Camera", "front"], at: [0, 0] },
    { id: "yard", text: ["Camera", "yard"], at: [0, 1] },
    { id: "more", text: ["Camera", "as many as you like"], at: [0, 2] },
    {
      id: "lookback",
      text: ["Lookback", "on your box", "records, looks,", "finds, hands out"],
      at: [1.15, 0],
      size: [1, 3],
      look: "strong",
    },
    {
      id: "disk",
      text: ["Storage root", "on your disk", "video, pictures,", "what was seen"],
      at: [2.3, 0],
      size: [1, 1.35],
      look: "store",
    },
    { id: "you", text: ["You", "browser or terminal"], at: [2.3, 1.62], look: "person" },
    { id: "others", text: ["Your home", "alerts, MQTT, programs"], at: [2.3, 2.3], look: "person" },
  ],
  arrows: [
    { from: "front", to: "lookback", text: "video" },
    { from: "yard", to: "lookback", text: "video" },
    { from: "more", to: "lookback", text: "video" },
    { from: "lookback", to: "disk" },
    { from: "lookback", to: "you" },
    { from: "lookback", to: "others" },
  ],
};

const frame: Diagram = {
  name: "frame",
  cell: [138, 84],
  boxes: [
    { id: "camera", text: ["Camera", "sends video"], at: [0, 0.5] },
    { id: "ffmpeg", text: ["ffmpeg", "hands on,", "decodes nothing"], at: [1, 0.5] },
    {
      id: "worker",
      text: ["Worker", "time, numbers,", "list of pictures"],
      at: [2, 0.5],
      look: "strong",
    },
    {
      id: "file",
      text: ["Recording", "one file in 10 s,", "then never changed"],
      at: [3, 0],
      look: "store",
    },
    {
      id: "writer",
      text: ["Writer", "the only one", "for the database"],
      at: [3, 1],
      look: "strong",
    },
    { id: "ledger", text: ["Ledger, database", "a row for each file"], at: [4, 1], look: "store" },
    { id: "still", text: ["Stills", "a photo a second"], at: [4, 0], look: "store" },
  ],
  arrows: [
    { from: "camera", to: "ffmpeg" },
    { from: "ffmpeg", to: "worker" },
    { from: "worker", to: "file", text: "first" },
    { from: "worker", to: "writer", text: "then" },
    { from: "writer", to: "ledger" },
    { from: "file", to: "still" },
  ],
};

const exported: Diagram = {
  name: "export",
  cell: [138, 84],
  boxes: [
    { id: "you", text: ["You", "camera, time,", "duration"], at: [0, 0.5], look: "person" },
    { id: "window", text: ["Window", "from … to, in", "milliseconds"], at: [1, 0.5] },
    {
      id: "plan",
      text: ["Plan", "what there is,", "what is missing, why"],
      at: [2, 0.5],
      look: "strong",
    },
    {
      id: "index",
      text: ["Database", "which files"],
      at: [2, -0.55],
      size: [1, 0.7],
      look: "store",
    },
    {
      id: "files",
      text: ["Recordings", "the bytes"],
      at: [2, 1.85],
      size: [1, 0.7],
      look: "store",
    },
    { id: "cut", text: ["Cut", "bytes are copied"], at: [3, 0.5] },
    { id: "film", text: ["MP4", "plays everywhere"], at: [4, 0], look: "store" },
    { id: "receipt", text: ["Receipt", "signed"], at: [4, 1], look: "store" },
  ].map((box) => ({ ...box, at: [box.at[0]!, box.at[1]! + 0.55] as const })) as Diagram["boxes"],
  arrows: [
    { from: "you", to: "window" },
    { from: "window", to: "plan" },
    { from: "index", to: "plan", isDashed: true },
    { from: "files", to: "plan", isDashed: true },
    { from: "plan", to: "cut" },
    { from: "cut", to: "film" },
    { from: "cut", to: "receipt" },
  ],
};

const workers: Diagram = {
  name: "workers",
  cell: [146, 62],
  boxes: [
    { id: "a", text: ["Worker of camera front"], at: [0, 0], size: [2, 2], look: "group" },
    { id: "a1", text: ["ffmpeg", "reads the camera"], at: [0.06, 0.34], size: [0.88, 0.9] },
    { id: "a2", text: ["Recorder", "files, list, stills"], at: [1.06, 0.34], size: [0.88, 0.9] },
    { id: "a3", text: ["Outbox", "waits in order"], at: [1.06, 1.06], size: [0.88, 0.86] },
    { id: "b", text: ["Worker of camera yard"], at: [0, 1.9], size: [2, 1.28], look: "group" },
    { id: "b1", text: ["the same"], at: [0.06, 2.23], size: [0.88, 0.86] },
    { id: "b3", text: ["Outbox", "waits in order"], at: [1.06, 2.23], size: [0.88, 0.86] },
    {
      id: "writer",
      text: ["Writer", "one message", "after the other,", "many rows at once"],
      at: [2.4, 0.95],
      size: [1.05, 2.2],
      look: "strong",
    },
    {
      id: "db",
      text: ["Ledger, database", "one owner"],
      at: [3.8, 1.3],
      size: [1, 1.2],
      look: "store",
    },
    { id: "upkeep", text: ["Upkeep", "deletes, tests"], at: [2.4, 3.6], size: [1.05, 0.9] },
    { id: "vision", text: ["Vision", "looks at pictures"], at: [0, 3.6], size: [0.97, 0.9] },
    { id: "web", text: ["Web", "page and API"], at: [1.03, 3.6], size: [0.97, 0.9] },
    {
      id: "detector",
      text: ["Detector", "a process"],
      at: [0, 4.75],
      size: [0.97, 0.8],
      look: "store",
    },
    {
      id: "export",
      text: ["Exports", "a process each"],
      at: [1.03, 4.75],
      size: [0.97, 0.8],
      look: "store",
    },
    { id: "mqtt", text: ["MQTT", "queue on disk"], at: [2.4, 4.7], size: [1.05, 0.9] },
    {
      id: "readers",
      text: ["Readers", "export, status, page:", "as many as you like"],
      at: [3.8, 3.1],
      size: [1, 1.2],
      look: "person",
    },
  ],
  arrows: [
    { from: "a1", to: "a2" },
    { from: "a2", to: "a3" },
    { from: "a3", to: "writer", text: "rows" },
    { from: "b1", to: "b3" },
    { from: "b3", to: "writer", text: "rows" },
    { from: "writer", to: "db" },
    { from: "upkeep", to: "writer" },
    { from: "b", to: "vision", text: "copy of the stream", isDashed: true },
    { from: "b", to: "web", isDashed: true },
    { from: "vision", to: "detector" },
    { from: "web", to: "export" },
    { from: "db", to: "readers", text: "read only", isDashed: true },
  ],
};

const retention: Diagram = {
  name: "retention",
  cell: [150, 74],
  boxes: [
    {
      id: "all",
      text: ["what lies on the disk, from old to new"],
      at: [0, 0],
      size: [4, 1.35],
      look: "group",
    },
    { id: "old", text: ["Oldest footage", "goes first"], at: [0.06, 0.3], size: [0.92, 1] },
    {
      id: "event",
      text: ["With an event", "stays for events_days"],
      at: [1.06, 0.3],
      size: [0.92, 1],
    },
    {
      id: "held",
      text: ["On hold", "stays until released"],
      at: [2.05, 0.3],
      size: [0.92, 1],
      look: "strong",
    },
    { id: "new", text: ["Newest footage", "stays"], at: [3.04, 0.3], size: [0.92, 1] },
    { id: "gone", text: ["deleted"], at: [0.06, 1.65], size: [0.92, 0.75], look: "store" },
    {
      id: "limit",
      text: ["only when a limit is reached:", "days, max_size or keep_free"],
      at: [1.4, 1.65],
      size: [2.2, 0.75],
    },
  ],
  arrows: [
    { from: "old", to: "gone" },
    { from: "limit", to: "gone", isDashed: true },
  ],
};

export const DIAGRAMS: readonly Diagram[] = [overview, frame, exported, workers, retention];
