/**
 * Slows the disk of the Worker that imports this, by as many milliseconds as its name
 * says; before any other module of it is loaded.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { slowSyncsForGood } from "./writer_slow_disk.ts";

const extraMs = Number(self.name);
if (extraMs > 0) slowSyncsForGood(extraMs);
