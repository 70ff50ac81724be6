/**
 * The MQTT Worker: speaks with the message broker. It shares nothing with the cameras;
 * should it fail or hang, they record on.
 *
 * In:   messages of the main thread (messages.ts). Out: the same; MQTT.
 * Not here: what is said (room.ts).
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { systemClock } from "../../base/clock.ts";
import { messageOf, unreachable } from "../../base/errors.ts";
import { logToPort } from "../../base/log.ts";
import type { StopWorker } from "../kept_worker.ts";
import type { FromMqtt, ToMqtt } from "./messages.ts";
import { MqttRoom } from "./room.ts";
import { ReloadCalls } from "../reload_calls.ts";

const post = (message: FromMqtt) => self.postMessage(message);
logToPort((record) => post({ type: "log", record }));

const calls = new ReloadCalls((id) => post({ type: "reload", id }));

let room: MqttRoom | undefined;

async function take(data: ToMqtt | StopWorker): Promise<void> {
  if (data.type === "start") {
    room = MqttRoom.open(data, { clock: systemClock, post, reload: () => calls.reload() });
    return;
  }
  if (room === undefined) throw new TypeError(`Cannot take "${data.type}" before "start"`);
  switch (data.type) {
    case "plan":
      return room.takePlan(data.plan);
    case "leave":
      return room.leave();
    case "report":
      return room.takeReport(data);
    case "happening":
      return room.takeHappening(data.number, data.happening);
    case "sight":
      return room.takeSight(data.sight);
    case "reloaded":
      return calls.answered(data.id, data.answer);
    case "stop":
      await room.close();
      return post({ type: "stopped" });
    default:
      unreachable(data);
  }
}

self.onmessage = ({ data }: MessageEvent<ToMqtt | StopWorker>) => {
  take(data).catch((error) => post({ type: "failed", reason: messageOf(error) }));
};
