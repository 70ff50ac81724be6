/**
 * The product's writer Worker on a disk that syncs slowly. Its name is how much longer
 * a sync takes, in milliseconds: "0" leaves the disk as it is.
 *
 * @module
 */

/// <reference lib="deno.worker" />

// In this order: a module is evaluated after those that are imported before it.
import "./writer_slow_setting.ts";
import "../store/writer_worker.ts";
