/**
 * The web Worker: serves the page and the API. It shares nothing with the cameras;
 * should it fail or hang, they record on.
 *
 * In:   messages of the main thread (messages.ts). Out: the same; HTTP.
 * Not here: what is served (room.ts).
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { systemClock } from "../../base/clock.ts";
import { messageOf, unreachable } from "../../base/errors.ts";
import { logToPort } from "../../base/log.ts";
import type { StopWorker } from "../kept_worker.ts";
import { ReloadCalls } from "../reload_calls.ts";
import type { FromWeb, ToWeb } from "./messages.ts";
import { WebRoom } from "./room.ts";

const post = (message: FromWeb) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));

const calls = new ReloadCalls((id) => post({ type: "reload", id }));

let room: Promise<WebRoom> | undefined;

async function open(start: Extract<ToWeb, { type: "start" }>): Promise<WebRoom> {
  const opened = await WebRoom.open(start, {
    clock: systemClock,
    onSightsWanted: (isWanted) => post({ type: "sights-wanted", isWanted }),
    onViewers: (viewers) => post({ type: "viewers", viewers }),
    reload: () => calls.reload(),
  });
  post({ type: "listening", url: opened.url });
  return opened;
}

async function take(
  data: Exclude<ToWeb, { type: "start" }> | StopWorker,
  ports: readonly MessagePort[],
): Promise<void> {
  // Answers are for what waits in the room, not for the room.
  if (data.type === "reloaded") return calls.answered(data.id, data.answer);
  const opened = await room;
  if (opened === undefined) throw new TypeError(`Cannot take "${data.type}" before "start"`);
  switch (data.type) {
    case "plan":
      return opened.takePlan(data.plan);
    case "tap":
      return opened.listen(data.cameraId, ports[0]!);
    case "report":
      opened.takeReport(data.report);
      return post({ type: "alive" });
    case "logs":
      return opened.takeLogs(data.records, data.lost);
    case "happening":
      return opened.takeHappening(data.happening);
    case "stop":
      await opened.close();
      return post({ type: "stopped" });
    default:
      unreachable(data);
  }
}

const fail = (error: unknown) => post({ type: "failed", reason: messageOf(error) });

self.onmessage = ({ data, ports }: MessageEvent<ToWeb | StopWorker>) => {
  if (data.type === "start") {
    room = open(data);
    room.catch(fail);
  } else take(data, ports).catch(fail);
};
