/**
 * Live pictures over WebRTC, as WHEP asks for them (draft-ietf-wish-whep, which goes by
 * RFC 9725): an offer comes in, an answer goes out, and the camera's packets follow; its
 * sound too, for a viewer whose offer asks for it.
 *
 * In:  offers and addresses, and the {@linkcode LiveSource} that is asked for.
 * Out: answers and addresses, SRTP to the browsers.
 * Not here: HTTP and WebSockets, and who may watch what (src/web).
 *
 * werift is loaded when it is first needed: nobody else pays for it.
 *
 * Design: docs/design/live.md, "WebRTC"
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { logger } from "../base/log.ts";
import type { IceCandidateFound, IceServer, LiveSource, WhepAnswer } from "../model/live.ts";
import { EncoderPlaces } from "./encoder_places.ts";
import type { IceFragment } from "./ice_candidates.ts";
import { PortPool } from "./port_pool.ts";
import { SoundAbility } from "./sound_ability.ts";
import { ALL_ADDRESSES, announcedAddresses, type Werift } from "./whep_connection.ts";
import { unsuitedReason, WhepFeed } from "./whep_feed.ts";
import { WhepPeer } from "./whep_peer.ts";
import { unavailable, unsuited } from "./whep_refusal.ts";
import { offerFault, wantsSound } from "./whep_sdp.ts";
import { warmUp } from "./whep_warm_up.ts";

export interface WhepSettings {
  /** STUN and TURN servers; without any this box calls nobody. */
  readonly iceServers: readonly IceServer[];
  /** First and last port, of UDP and of TCP. One port for each viewer; any free one without it. */
  readonly portRange: readonly [number, number] | undefined;
  /** Addresses that browsers shall try beside the box's own: what a router or container shows. */
  readonly hosts: readonly string[];
  readonly maxViewers: number;
  /** What encodes sound; nobody hears any without it. */
  readonly ffmpegPath?: string;
  /** Address on which sockets listen. All of them ("0.0.0.0") without it. */
  readonly bind?: string;
}

export interface WhepCounts {
  readonly viewers: number;
  /** Since the start: connections that stood. */
  readonly joined: number;
  /** Offers that got no answer. */
  readonly refused: number;
  /** Viewers that were dropped because nothing was heard from them. */
  readonly dropped: number;
  /** Frames that slow viewers did not get. */
  readonly missedFrames: number;
  /** Packets of sound that slow viewers did not get. */
  readonly missedSounds: number;
  /** Fragments whose sound was wanted and not encoded. */
  readonly unheardFragments: number;
  /** Handshake messages that came twice. */
  readonly repeats: number;
  /** Cameras whose sound is encoded now. */
  readonly soundEncoders: number;
}

/** How often viewers are looked after that may be gone. */
const LOOK_EVERY_MS = 1_000;

/** Ports that are tried before an offer is refused: another program may have some of ours. */
const PORT_ATTEMPTS = 5;

/** Cameras whose sound is encoded at once: each takes some percent of a core. */
const MAX_SOUND_ENCODERS = 16;

export interface OfferOptions {
  readonly onEnd?: () => void;
  /** The answer comes at once and without addresses: {@linkcode Whep.follow} gives them. */
  readonly isTrickled?: boolean;
}

/** What became of addresses that a viewer sent. */
export type CandidatesFate = "taken" | "too-many" | "other-connection" | "unknown";

/** What an answer is made of. */
interface Asked {
  readonly werift: Werift;
  readonly sdp: string;
  readonly source: LiveSource;
  readonly feed: WhepFeed;
  readonly hasSound: boolean;
  readonly isTrickled: boolean;
}

interface Watching {
  readonly peer: WhepPeer;
  readonly source: LiveSource;
  /** Lets go of the feed and of the port, and says so. */
  readonly release: () => void;
}

export class Whep {
  readonly #settings: WhepSettings;
  readonly #clock: Clock;
  readonly #ports: PortPool;
  readonly #watching = new Map<string, Watching>();
  readonly #feeds = new Map<LiveSource, WhepFeed>();
  readonly #closing = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #soundPlaces = new EncoderPlaces(MAX_SOUND_ENCODERS);
  readonly #soundAbility: SoundAbility;
  readonly #log = logger("live", "whep");
  readonly #counts = { joined: 0, refused: 0, dropped: 0, repeats: 0 };
  /** Of viewers and feeds that are gone. */
  readonly #missedBefore = { frames: 0, sounds: 0, fragments: 0 };
  #werift: Promise<Werift> | undefined;
  #looking: Promise<void> | undefined;
  /** Offers that are being answered. */
  #pending = 0;

  constructor(settings: WhepSettings, clock: Clock = systemClock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#ports = new PortPool(settings.portRange);
    const { ffmpegPath } = settings;
    this.#soundAbility = new SoundAbility({ ffmpegPath, stop: this.#stop.signal });
  }

  get counts(): WhepCounts {
    const missed = { ...this.#missedBefore };
    for (const { peer } of this.#watching.values()) {
      missed.frames += peer.missed;
      missed.sounds += peer.missedSounds;
    }
    for (const { sound } of this.#feeds.values()) missed.fragments += sound.missed;
    return {
      ...this.#counts,
      viewers: this.#watching.size,
      missedFrames: missed.frames,
      missedSounds: missed.sounds,
      unheardFragments: missed.fragments,
      soundEncoders: this.#soundPlaces.taken,
    };
  }

  /** How many watch this source. */
  viewersOf(source: LiveSource): number {
    return [...this.#watching.values()].filter((each) => each.source === source).length;
  }

  /**
   * Loads werift and connects it with itself once, which takes 0.2 s; the first
   * viewer then waits 0.1 s less. Never throws: without it the first join is slower.
   *
   * @returns False when that failed; the log says why.
   */
  async warmUp(): Promise<boolean> {
    try {
      await warmUp(await this.#load(), this.#stop.signal);
      return true;
    } catch (error) {
      this.#log.warn("Cannot warm up WebRTC: {reason}", { reason: messageOf(error) });
      return false;
    }
  }

  /**
   * Answers a browser's offer to watch.
   *
   * @param sdp The offer, best sent before the browser has gathered addresses.
   * @param options `onEnd` is called once when the viewer's connection is over, whoever ended it.
   * @returns The answer, and the id by which {@linkcode end} ends it.
   *
   * @throws {OperatorError} "live-unsuited" where this stream or browser can't do it,
   * "live-unavailable" where it can't be done now. The page goes on to another protocol.
   */
  async offer(
    source: LiveSource,
    sdp: string,
    options: OfferOptions = {},
  ): Promise<WhepAnswer> {
    this.#pending += 1;
    try {
      this.#check(source, sdp);
      return await this.#answer(source, sdp, options);
    } catch (error) {
      this.#counts.refused += 1;
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  /** The servers that viewers may use too. With passwords: for those who may watch. */
  get iceServers(): readonly IceServer[] {
    return this.#settings.iceServers;
  }

  /** Gives a viewer's connection's own addresses, those that were found and those to come; undefined ends them. */
  follow(id: string, onFound: (candidate: IceCandidateFound | undefined) => void): void {
    this.#watching.get(id)?.peer.follow(onFound);
  }

  /** Takes addresses that a viewer sends after its offer. */
  addCandidates(id: string, { ufrag, candidates }: Omit<IceFragment, "isEnd">): CandidatesFate {
    const peer = this.#watching.get(id)?.peer;
    if (peer === undefined) return "unknown";
    if (ufrag !== undefined && !peer.isKnownAs(ufrag)) return "other-connection";
    return candidates.every((line) => peer.addCandidate(line)) ? "taken" : "too-many";
  }

  /** Ends a viewer's connection at once. False where there is none of this id. */
  end(id: string): boolean {
    const watching = this.#watching.get(id);
    if (watching === undefined) return false;
    this.#watching.delete(id);
    const { peer, source, release } = watching;
    this.#missedBefore.frames += peer.missed;
    this.#missedBefore.sounds += peer.missedSounds;
    release();
    this.#await(peer.close(), source);
    return true;
  }

  /** Ends all who watch this source, which does not come back. */
  endAllOf(source: LiveSource): void {
    for (const [id, watching] of [...this.#watching]) if (watching.source === source) this.end(id);
  }

  /** Ends all of them; resolves when every socket is closed. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const id of [...this.#watching.keys()]) this.end(id);
    await Promise.all([this.#looking, this.#soundAbility.closed()]);
    for (const { sound } of this.#feeds.values()) sound.end();
    await Promise.all(this.#closing);
  }

  #check(source: LiveSource, sdp: string): void {
    if (this.#stop.signal.aborted) throw unavailable("Lookback is stopping");
    if (source.info === undefined) throw unavailable("the camera sends nothing at the moment");
    const reason = unsuitedReason({ codec: source.info.codec, hasBFrames: source.hasBFrames }) ??
      offerFault(sdp);
    if (reason !== undefined) throw unsuited(reason);
    const { maxViewers } = this.#settings;
    if (this.#watching.size + this.#pending > maxViewers) {
      throw unavailable(`${maxViewers} viewers watch already, which is the limit`);
    }
  }

  async #answer(
    source: LiveSource,
    sdp: string,
    { onEnd, isTrickled = false }: OfferOptions,
  ): Promise<WhepAnswer> {
    const werift = await this.#load();
    const mayListen = wantsSound(sdp) && source.info?.hasAudio === true &&
      await this.#soundAbility.get();
    const id = crypto.randomUUID();
    const feed = this.#feedOf(source);
    const holds = new DisposableStack();
    holds.use(feed.hold());
    // The feed begins with the kept group of pictures: what it is has come out by now.
    if (feed.unsuited !== undefined) {
      holds.dispose();
      throw unsuited(feed.unsuited);
    }
    const hasSound = mayListen && feed.sound.hasPlace;
    // Now, and not when the connection stands: the encoder takes a moment too.
    const ear: SoundEar = { peer: undefined };
    if (hasSound) {
      holds.use(feed.sound.listen({ takeSound: (packet) => ear.peer?.takeSound(packet) }));
    }
    const asked = { werift, sdp, source, feed, hasSound, isTrickled };
    const { peer, answer, port } = await this.#open(id, asked).catch((error) => {
      holds.dispose();
      throw error;
    });
    ear.peer = peer;
    holds.defer(() => feed.remove(peer));
    holds.defer(() => this.#ports.giveBack(port));
    if (onEnd !== undefined) holds.defer(onEnd);
    this.#watching.set(id, { peer, source, release: () => holds.dispose() });
    // The camera may be gone: then nobody ends those any more who watch it.
    const isOver = source.info === undefined || feed.unsuited !== undefined;
    if (this.#stop.signal.aborted || isOver) {
      this.end(id);
      throw unavailable("the stream ended meanwhile");
    }
    this.#looking ??= this.#look();
    return { id, answer, originMs: feed.originMs };
  }

  async #open(
    id: string,
    asked: Asked,
  ): Promise<{ peer: WhepPeer; answer: string; port: number | undefined }> {
    for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt += 1) {
      const taken = this.#ports.take();
      if (taken === undefined) break;
      const opened = await this.#tryPort(id, asked, taken.port).catch((error) => {
        this.#ports.giveBack(taken.port);
        throw error;
      });
      if (opened !== undefined) return { ...opened, port: taken.port };
      this.#ports.giveBack(taken.port);
    }
    throw unavailable("no free port is left for its connection");
  }

  async #tryPort(
    id: string,
    { werift, sdp, source, feed, hasSound, isTrickled }: Asked,
    port: number | undefined,
  ): Promise<{ peer: WhepPeer; answer: string } | undefined> {
    const { iceServers, hosts, bind: bound = ALL_ADDRESSES } = this.#settings;
    const settings = { iceServers, port, bound, addresses: announcedAddresses(bound, hosts) };
    const events = {
      onConnected: () => {
        this.#counts.joined += 1;
        const watching = this.#watching.get(id);
        if (watching !== undefined) feed.add(watching.peer);
      },
      onEnded: () => void this.end(id),
      onRepeat: () => void (this.#counts.repeats += 1),
    };
    const soundBy = hasSound
      ? (timestamp: number, rate: number) => feed.wallMsOf(timestamp, rate)
      : undefined;
    const log = logger("live", source.cameraId);
    const parts = { werift, clock: this.#clock, settings, events, log, soundBy, isTrickled };
    try {
      return await WhepPeer.answer(sdp, parts);
    } catch (error) {
      throw unsuited(`the offer can't be answered: ${messageOf(error)}`);
    }
  }

  #feedOf(source: LiveSource): WhepFeed {
    const known = this.#feeds.get(source);
    if (known !== undefined) return known;
    const feed: WhepFeed = new WhepFeed(source, {
      events: {
        onUnsuited: () => this.endAllOf(source),
        onUnheld: () => {
          if (this.#feeds.get(source) === feed) this.#feeds.delete(source);
          this.#missedBefore.fragments += feed.sound.missed;
          this.#await(feed.sound.closed(), source);
        },
      },
      ffmpegPath: this.#settings.ffmpegPath ?? "",
      soundPlaces: this.#soundPlaces,
      clock: this.#clock,
    });
    this.#feeds.set(source, feed);
    return feed;
  }

  async #look(): Promise<void> {
    while (this.#watching.size > 0 && !this.#stop.signal.aborted) {
      await this.#clock.sleep(LOOK_EVERY_MS, this.#stop.signal);
      for (const [id, { peer }] of [...this.#watching]) {
        if (!peer.isGone) continue;
        this.#counts.dropped += 1;
        this.end(id);
      }
    }
    this.#looking = undefined;
  }

  /** Lets something end in the background; {@linkcode close} waits for it. */
  #await(ending: Promise<void>, { cameraId }: LiveSource): void {
    const closing = ending.catch((error) => {
      logger("live", cameraId).warn("Cannot close a connection: {reason}", {
        reason: messageOf(error),
      });
    }).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #load(): Promise<Werift> {
    return this.#werift ??= import("werift");
  }
}

/** Who listens; nobody yet while his connection is being made. */
interface SoundEar {
  peer: WhepPeer | undefined;
}
