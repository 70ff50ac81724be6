/**
 * A Worker that starts a child which would live for a minute, and tells its
 * process id.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { startChild } from "../../src/host/process.ts";

self.postMessage(startChild({ command: "sleep", args: ["60"] }).pid);
