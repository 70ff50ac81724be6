/**
 * A Worker that says what it is told, and asks for the settings when it is told to. For
 * tests of who starts Workers by a plan.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import type { StopWorker } from "../../src/app/kept_worker.ts";
import type { FromPlannedWorker, ToPlannedWorker } from "../../src/app/planned_worker.ts";

export interface ToldPlan {
  /** Another one needs another Worker. */
  readonly start: string;
  readonly name: string;
}

export type ToPlannedTold =
  | ToPlannedWorker<ToldPlan>
  | { readonly type: "start"; readonly plan: ToldPlan }
  | { readonly type: "ask"; readonly id: number };

export type FromPlannedTold =
  | FromPlannedWorker
  | { readonly type: "heard"; readonly text: string };

const post = (message: FromPlannedTold) => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToPlannedTold | StopWorker>) => {
  switch (data.type) {
    case "start":
    case "plan":
      return post({ type: "heard", text: `${data.type} ${data.plan.name}` });
    case "ask":
      return post({ type: "reload", id: data.id });
    case "reloaded":
      return post({ type: "heard", text: `reloaded ${data.id}: ${data.answer.text}` });
    case "stop":
      return post({ type: "stopped" });
  }
};
