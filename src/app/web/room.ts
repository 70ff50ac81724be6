/**
 * Everything that the web Worker has: the doors to the other rooms, who may come in,
 * and the server. Made from what the main thread tells, ended in order.
 *
 * In:   the start, taps, reports, happenings. Out: HTTP; calls to the main thread.
 * Not here: messages (worker.ts).
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { logger, type LogRecordMessage } from "../../base/log.ts";
import { EncoderPlaces } from "../../live/encoder_places.ts";
import { Live } from "../../live/live.ts";
import { Whep } from "../../live/whep.ts";
import { Access } from "../../web/access/access.ts";
import { createWebApp } from "../../web/app.ts";
import type { WebApp } from "../../web/needs.ts";
import { NewsHub } from "../../web/news.ts";
import { loadAssets } from "../../web/routes/assets.ts";
import { ownNames } from "../../web/self_signed.ts";
import { WebServer } from "../../web/server.ts";
import type { WebSettings } from "../../web/settings.ts";
import { tlsPair } from "../../web/tls.ts";
import { ExportRecords } from "../exports/export_records.ts";
import { PAGE_FOLDER } from "../page_folder.ts";
import { WebArchive } from "./archive.ts";
import { WebConfig } from "./config.ts";
import { WebEvents } from "./events.ts";
import { WebExports } from "./exports.ts";
import { KeptIndex } from "./kept_index.ts";
import type { WebHappening, WebPlan, WebReport, WebStart } from "./messages.ts";
import type { ReloadAnswer } from "../reload_calls.ts";
import { PIECES_WAITING } from "./rendition_encoder.ts";
import { WebSystem } from "./system.ts";

const log = logger("web");

/** What the room asks of the main thread. */
export interface WebRoomCalls {
  readonly clock: Clock;
  readonly onSightsWanted: (isWanted: boolean) => void;
  /** Told with each report. */
  readonly onViewers: (viewers: Readonly<Record<string, number>>) => void;
  readonly reload: () => Promise<ReloadAnswer>;
}

/** What is made first, and used by the server. */
interface Doors {
  readonly live: Live;
  readonly archive: WebArchive;
  readonly index: KeptIndex;
  readonly exports: WebExports;
  readonly system: WebSystem;
  readonly news: NewsHub;
  readonly access: Access;
}

export class WebRoom {
  readonly #doors: Doors;
  readonly #server: WebServer;
  readonly #changePlan: (plan: WebPlan) => void;
  readonly #onViewers: WebRoomCalls["onViewers"];

  private constructor(parts: {
    readonly doors: Doors;
    readonly server: WebServer;
    readonly changePlan: (plan: WebPlan) => void;
    readonly onViewers: WebRoomCalls["onViewers"];
  }) {
    this.#doors = parts.doors;
    this.#server = parts.server;
    this.#changePlan = parts.changePlan;
    this.#onViewers = parts.onViewers;
  }

  /** @throws {OperatorError} "listen-failed", "certificate-unusable" or "access-unreadable". */
  static async open(start: WebStart, calls: WebRoomCalls): Promise<WebRoom> {
    const { root, version } = start;
    const { clock } = calls;
    let { plan } = start;
    const { doors, events } = await openDoors(start, { ...calls, plan: () => plan });
    const { live, archive, exports, system, news, access } = doors;
    try {
      const parts = { version, clock, live, archive, exports, events, system, news };
      const app = createWebApp({ ...parts, access, assets: await loadAssets(PAGE_FOLDER) });
      const server = await openServer(app, { root, settings: plan.web, clock });
      const changePlan = (changed: WebPlan) => {
        plan = changed;
        live.keepOnly(plan.cameras.filter(({ enabled }) => enabled).map(({ id }) => id));
      };
      return new WebRoom({ doors, server, changePlan, onViewers: calls.onViewers });
    } catch (error) {
      await closeDoors(doors);
      throw error;
    }
  }

  /** Where it listens. */
  get url(): string {
    return this.#server.url;
  }

  listen(cameraId: string, tap: MessagePort): void {
    this.#doors.live.listen(cameraId, tap);
  }

  takePlan(plan: WebPlan): void {
    this.#changePlan(plan);
  }

  takeReport(report: WebReport): void {
    const { system, news, live } = this.#doors;
    news.publish({ type: "status", cameras: system.takeReport(report) });
    this.#onViewers(viewersOf(live));
  }

  takeLogs(records: readonly LogRecordMessage[], lost: number): void {
    const { system, news } = this.#doors;
    for (const line of system.takeLogs(records, lost)) news.publish(line);
  }

  takeHappening(happening: WebHappening): void {
    const { news } = this.#doors;
    switch (happening.type) {
      case "event":
        return news.publish({ type: "event", ...happening.change });
      case "sight":
        return news.publish({ type: "sight", ...happening.sight });
      case "alert":
        return news.publish(happening);
    }
  }

  /** Ends all connections, and the children; what was asked for and not made waits on disk. */
  async close(): Promise<void> {
    const { news, exports } = this.#doors;
    news.close();
    await Promise.all([this.#server[Symbol.asyncDispose](), exports.stop()]);
    await closeDoors(this.#doors);
  }
}

async function openDoors(
  { root, startedMs }: WebStart,
  { clock, plan, onSightsWanted, reload }: WebRoomCalls & { readonly plan: () => WebPlan },
): Promise<{ readonly doors: Doors; readonly events: WebEvents }> {
  const { web, ffmpegPath, configPath } = plan();
  const news = new NewsHub(onSightsWanted);
  const encoders = new EncoderPlaces(web.live.maxRenditions, PIECES_WAITING);
  const archive = new WebArchive({ root, clock, settings: plan, encoders });
  const index = new KeptIndex(root, clock);
  const config = new WebConfig({ root, path: configPath, reload });
  const system = new WebSystem({ root, startedMs, clock, config, plan });
  const access = await Access.open({ root, clock, sessionMs: web.sessionMs });
  const live = new Live({
    ffmpegPath,
    clock,
    newestStill: (cameraId) => archive.still(cameraId, undefined),
    whep: openWhep(web, { ffmpegPath, clock }),
    maxViewers: web.live.maxViewers,
    maxRenditions: web.live.maxRenditions,
    renditionPlaces: encoders,
  });
  const exports = new WebExports({
    root,
    clock,
    records: await ExportRecords.open(root),
    place: () => ({ root, configPath, concurrent: plan().exportConcurrent }),
    onChange: (facts) => news.publish({ type: "export", export: facts }),
  });
  const doors = { live, archive, index, exports, system, news, access };
  return { doors, events: new WebEvents({ root, index, clock }) };
}

function openWhep(
  { webrtc, live, listen }: WebSettings,
  { ffmpegPath, clock }: { readonly ffmpegPath: string; readonly clock: Clock },
): Whep | undefined {
  if (!webrtc.isEnabled) return undefined;
  const { iceServers, portRange, hosts } = webrtc;
  const whep = new Whep({
    iceServers,
    portRange: portRange ?? undefined,
    hosts,
    maxViewers: live.maxViewers,
    ffmpegPath,
    // What listens on this machine only does so with all protocols.
    ...(listen.hostname === "127.0.0.1" ? { bind: listen.hostname } : {}),
  }, clock);
  // In the background: the first viewer waits less. It says itself what went wrong.
  whep.warmUp();
  return whep;
}

async function openServer(
  app: WebApp,
  { root, settings, clock }: {
    readonly root: string;
    readonly settings: WebSettings;
    readonly clock: Clock;
  },
): Promise<WebServer> {
  const { tls } = settings;
  const names = ownNames(settings.listen.hostname);
  return await WebServer.start({
    app,
    settings,
    clock,
    tls: tls === null ? null : () => tlsPair(tls, { root, nowMs: clock.now(), names }),
  });
}

async function closeDoors({ live, archive, index, exports, access, news }: Doors): Promise<void> {
  news.close();
  const endings = [live.close(), archive.close(), exports.stop(), access[Symbol.asyncDispose]()];
  for (const ending of await Promise.allSettled(endings)) {
    if (ending.status === "rejected") {
      log.warning("Cannot end in order: {reason}", { reason: messageOf(ending.reason) });
    }
  }
  index[Symbol.dispose]();
}

/** By camera, however they watch. */
function viewersOf(live: Live): Readonly<Record<string, number>> {
  const viewers: Record<string, number> = {};
  for (const { cameraId, count } of live.counts().viewers) {
    viewers[cameraId] = (viewers[cameraId] ?? 0) + count;
  }
  return viewers;
}
