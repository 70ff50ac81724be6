/**
 * Numbers for Prometheus, in its text format (version 0.0.4).
 *
 * Names have the unit in base units (seconds, bytes) behind them, and counters
 * "_total", as https://prometheus.io/docs/practices/naming/ asks.
 *
 * Pure.
 *
 * @module
 */

import type { ExportDoor, LiveCounts, SystemFacts } from "./doors.ts";
import type { NewsCounters } from "./news.ts";

type Labels = Readonly<Record<string, string>>;

interface Metric {
  /** Without the prefix. */
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly { readonly labels?: Labels; readonly value: number | null }[];
}

/** What the numbers come from; of cameras only those that the asker may see. */
export interface MetricsQuestion {
  readonly version: string;
  readonly system: Omit<SystemFacts, "root">;
  readonly live: LiveCounts;
  readonly news: NewsCounters;
  readonly exports: ReturnType<ExportDoor["counts"]>;
}

const DAY_SECONDS = 86_400;

export function metricsText(question: MetricsQuestion): string {
  const metrics = [
    ...generalMetrics(question),
    ...cameraMetrics(question.system),
    ...visionMetrics(question.system),
    ...webMetrics(question),
  ];
  return metrics.map(metricText).join("");
}

function generalMetrics({ version, system }: MetricsQuestion): Metric[] {
  const { startedMs, disk, writer, clock, workerFailures, health } = system;
  return [
    gauge("build_info", "Which version runs; always 1", [{ labels: { version }, value: 1 }]),
    one("start_time_seconds", "When recording began, since 1970", startedMs / 1_000),
    one("disk_free_bytes", "Free room on the disk of the storage root", disk.freeBytes),
    one("disk_size_bytes", "Size of that disk", disk.totalBytes),
    one(
      "retention_forecast_seconds",
      "How long footage is kept at this rate, of the camera that reaches back least",
      seconds(disk.forecastDays),
    ),
    counter("writer_rows_total", "Rows that were committed", [{ value: writer.rows }]),
    counter("writer_commits_total", "Commits", [{ value: writer.commits }]),
    one("writer_last_commit_seconds", "Length of the last commit", writer.lastCommitMs / 1_000),
    one("writer_waiting_rows", "Rows that wait for a commit", writer.waiting),
    counter("writer_restarts_total", "How often the writer failed", [{ value: writer.restarts }]),
    one(
      "clock_synchronised",
      "Whether a time server keeps the clock right; absent where that can't be told",
      clock.state === "unknown" ? null : clock.state === "synchronised" ? 1 : 0,
    ),
    counter(
      "worker_failures_total",
      "How often a Worker beside recording failed and was started again",
      Object.entries(workerFailures).map(([worker, value]) => ({ labels: { worker }, value })),
    ),
    gauge(
      "component_ok",
      "Whether a part does well: 1, or 0 with a warning or fault",
      health.map(({ component, state }) => ({
        labels: { component },
        value: state === "ok" ? 1 : 0,
      })),
    ),
  ];
}

function cameraMetrics({ cameras }: Pick<SystemFacts, "cameras">): Metric[] {
  type Camera = typeof cameras[number];
  const each = (value: (camera: Camera) => number | null) =>
    cameras.map((camera) => ({ labels: { camera: camera.cameraId }, value: value(camera) }));
  return [
    gauge(
      "camera_recording",
      "Whether the camera is being recorded",
      each(({ state }) => state === "recording" ? 1 : 0),
    ),
    gauge("camera_frames_per_second", "Measured over the last seconds", each(({ fps }) => fps)),
    gauge("camera_bits_per_second", "The same", each(({ bitsPerSecond }) => bitsPerSecond)),
    counter("camera_frames_total", "Frames recorded", each(({ frames }) => frames)),
    counter("camera_batches_total", "Recordings closed", each(({ batches }) => batches)),
    counter("camera_recorded_bytes_total", "Bytes recorded", each(({ bytes }) => bytes)),
    counter("camera_stills_total", "Stills made", each(({ stills }) => stills)),
    counter("camera_stills_lost_total", "Stills lost", each(({ stillsLost }) => stillsLost)),
    counter(
      "camera_recorder_restarts_total",
      "How often the recorder was started again",
      each(({ restarts }) => restarts),
    ),
    gauge("camera_pending_rows", "Rows not committed yet", each(({ rowsPending }) => rowsPending)),
    gauge("camera_queued_bytes", "Bytes not written yet", each(({ queuedBytes }) => queuedBytes)),
    gauge("camera_used_bytes", "Room that its footage takes", each(({ usedBytes }) => usedBytes)),
    gauge(
      "camera_forecast_seconds",
      "How long its footage is kept at this rate",
      each(({ forecastDays }) => seconds(forecastDays)),
    ),
  ];
}

function visionMetrics(
  { vision, detection }: Pick<SystemFacts, "vision" | "detection">,
): Metric[] {
  type Camera = typeof vision[number];
  const each = (value: (camera: Camera) => number) =>
    vision.map((camera) => ({ labels: { camera: camera.cameraId }, value: value(camera) }));
  return [
    counter("vision_pictures_total", "Pictures looked at", each(({ pictures }) => pictures)),
    counter(
      "vision_moving_pictures_total",
      "Pictures in which something moved",
      each(({ movingPictures }) => movingPictures),
    ),
    counter(
      "vision_detected_total",
      "Pictures shown to the detector",
      each(({ detected }) => detected),
    ),
    counter(
      "vision_skipped_total",
      "Pictures that the detector had no time for",
      each(({ skipped }) => skipped),
    ),
    gauge("vision_open_events", "Events that go on", each(({ openEvents }) => openEvents)),
    counter(
      "vision_decoder_restarts_total",
      "How often the decoder was started again",
      each(({ restarts }) => restarts),
    ),
    counter(
      "vision_decoder_hangs_total",
      "How often of these it gave no pictures any more",
      each(({ hangs }) => hangs),
    ),
    counter("vision_missing_pictures_total", "Pictures of events that are not there", [
      { labels: { reason: "not-written" }, value: detection.picturesLost },
      { labels: { reason: "disk-full" }, value: detection.picturesLeftOut },
    ]),
    counter("vision_detector_restarts_total", "How often a detector failed", [
      { value: detection.detectorRestarts },
    ]),
  ];
}

function webMetrics({ live, news, exports }: MetricsQuestion): Metric[] {
  return [
    gauge(
      "live_viewers",
      "Live views now",
      live.viewers.map(({ cameraId: camera, protocol, count: value }) => ({
        labels: { camera, protocol },
        value,
      })),
    ),
    counter("live_missed_fragments_total", "Fragments that slow viewers did not get", [
      { value: live.missedFragments },
    ]),
    counter("live_missed_frames_total", "Frames that slow viewers over WebRTC did not get", [
      { value: live.missedFrames },
    ]),
    counter(
      "live_missed_sound_packets_total",
      "Packets of sound that slow viewers over WebRTC did not get",
      [{ value: live.missedSounds }],
    ),
    counter(
      "live_unheard_fragments_total",
      "Fragments whose sound was wanted and not encoded, because its encoder failed or hung",
      [{ value: live.unheardFragments }],
    ),
    one("live_encoders", "Renditions that are encoded now", live.encoders),
    counter(
      "recorded_pieces_refused_total",
      "Pieces of recordings wanted in another size, for which no encoder came free",
      [{ value: live.refusedPieces }],
    ),
    one("live_sound_encoders", "Cameras whose sound is encoded now", live.soundEncoders),
    one("news_listeners", "Listeners to the stream of news", news.listeners),
    counter("news_total", "News published", [{ value: news.published }]),
    counter("news_missed_total", "News that slow listeners lost", [{ value: news.missed }]),
    gauge(
      "exports",
      "Exports that were asked for here, as far as they are remembered",
      Object.entries(exports).map(([state, value]) => ({ labels: { state }, value })),
    ),
  ];
}

function gauge(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, type: "gauge", help, samples };
}

function one(name: string, help: string, value: number | null): Metric {
  return gauge(name, help, [{ value }]);
}

function counter(name: string, help: string, samples: Metric["samples"]): Metric {
  return { name, type: "counter", help, samples };
}

function seconds(days: number | null): number | null {
  return days === null ? null : Math.round(days * DAY_SECONDS);
}

/** A metric that nothing is known of is left out. */
function metricText({ name, type, help, samples }: Metric): string {
  const known = samples.filter(({ value }) => value !== null && Number.isFinite(value));
  if (known.length === 0) return "";
  const full = `lookback_${name}`;
  const lines = known.map(({ labels, value }) => `${full}${labelsText(labels)} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function labelsText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
