/**
 * A Worker that does what it is told: says its number, fails, throws, ends, hangs.
 * For tests of who keeps a Worker alive.
 *
 * @module
 */

/// <reference lib="deno.worker" />

export type ToTold =
  | { readonly type: "number"; readonly number: number }
  | { readonly type: "fail"; readonly reason: string }
  | { readonly type: "throw"; readonly reason: string }
  /** Does not hear anything any more. */
  | { readonly type: "deafen" }
  | { readonly type: "stop" };

export type FromTold =
  | { readonly type: "got"; readonly number: number }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "stopped" };

const post = (message: FromTold) => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToTold>) => {
  switch (data.type) {
    case "number":
      return post({ type: "got", number: data.number });
    case "fail":
      return post({ type: "failed", reason: data.reason });
    case "throw":
      throw new Error(data.reason);
    case "deafen":
      self.onmessage = () => {};
      return;
    case "stop":
      return post({ type: "stopped" });
  }
};
