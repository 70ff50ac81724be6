/**
 * What the camera shows: remembers the set-up of picture and sound, describes
 * both as SDP and turns each frame into RTP packets that all clients share.
 *
 * In:   events of the feed (flv.ts).
 * Out:  {@linkcode MediaUnit}s, and the text that answers DESCRIBE.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type AacConfig, type AvcConfig, type FlvEvent, splitUnits } from "./flv.ts";
import { picturePayloads, RtpStream, soundPayload } from "./rtp.ts";

/** Where clients find the parameter sets of H.264 (SPS and PPS). */
export type ParameterSets = "sdp" | "in-band" | "both";

export type TrackName = "picture" | "sound";

/** Tracks by the name that SETUP uses. */
export const TRACK_CONTROLS: Readonly<Record<TrackName, string>> = {
  picture: "trackID=0",
  sound: "trackID=1",
};

/** One frame, ready to be sent. */
export interface MediaUnit {
  readonly track: TrackName;
  /** Whether a decoder can start here. */
  readonly key: boolean;
  readonly packets: readonly Uint8Array[];
}

const UNIT_TYPE_SPS = 7;
const UNIT_TYPE_PPS = 8;
const SAMPLES_PER_AAC_FRAME = 1_024;

/**
 * FLV rounds times to milliseconds, so sound is counted in samples. Where the
 * count is further behind than this, sound was missing and the count jumps;
 * where it is further ahead, a frame is left out: ffmpeg puts a frame too many
 * in each time that it plays a file anew.
 */
const SOUND_DRIFT_MS = 50;

export class RtspMedia {
  #avc: AvcConfig | undefined;
  #aac: AacConfig | undefined;
  #newestMs = 0;
  #nextSoundMs = 0;
  #streams: { readonly picture: RtpStream; sound?: RtpStream } = {
    picture: new RtpStream(96, 90_000, 0x70696374),
  };

  constructor(readonly parameterSets: ParameterSets) {}

  /** Whether picture and, where wanted, sound have announced their set-up. */
  isReady({ audio }: { readonly audio: boolean }): boolean {
    return this.#avc !== undefined && (!audio || this.#aac !== undefined);
  }

  /** Takes one event; gives what is to be sent, if it is a frame. */
  take(event: FlvEvent): MediaUnit | undefined {
    switch (event.type) {
      case "avcConfig":
        this.#avc = event.config;
        return undefined;
      case "aacConfig":
        this.#aac = event.config;
        this.#streams.sound ??= new RtpStream(97, event.config.sampleRateHz, 0x736f756e);
        return undefined;
      case "picture":
        return this.#picture(event);
      case "sound":
        return this.#sound(event);
    }
  }

  /** The numbered streams by track; no sound where there is none. */
  get streams(): Readonly<Partial<Record<TrackName, RtpStream>>> {
    return this.#streams;
  }

  /** Newest time that a frame has had, in the feed's milliseconds. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** The stream's description (RFC 4566); nothing until the picture's set-up is known. */
  sdp(): string | undefined {
    if (this.#avc === undefined) return undefined;
    return [
      ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=Test camera", "c=IN IP4 127.0.0.1", "t=0 0"],
      "a=control:*",
      ...this.#pictureSdp(this.#avc),
      ...(this.#aac === undefined ? [] : soundSdp(this.#aac)),
      "",
    ].join("\r\n");
  }

  #picture(event: FlvEvent & { type: "picture" }): MediaUnit {
    const { lengthBytes, sps, pps } = this.#avc ?? { lengthBytes: 4, sps: [], pps: [] };
    this.#newestMs = Math.max(this.#newestMs, event.atMs);
    // Sets inside the stream are taken out and put back by our own rule.
    const units = splitUnits(event.units, lengthBytes).filter((unit) => {
      const type = (unit[0] ?? 0) & 0x1f;
      return type !== UNIT_TYPE_SPS && type !== UNIT_TYPE_PPS;
    });
    const sets = event.key && this.parameterSets !== "sdp" ? [...sps, ...pps] : [];
    const stream = this.#streams.picture;
    const packets = stream.packets(stream.timestamp(event.atMs), picturePayloads(sets, units));
    return { track: "picture", key: event.key, packets };
  }

  #sound(event: FlvEvent & { type: "sound" }): MediaUnit | undefined {
    const stream = this.#streams.sound;
    if (stream === undefined) return undefined;
    const aheadMs = this.#nextSoundMs - event.atMs;
    if (aheadMs > SOUND_DRIFT_MS) return undefined;
    const atMs = aheadMs < -SOUND_DRIFT_MS ? event.atMs : this.#nextSoundMs;
    this.#nextSoundMs = atMs + SAMPLES_PER_AAC_FRAME * 1_000 / stream.clockRateHz;
    const packets = stream.packets(stream.timestamp(atMs), [soundPayload(event.frame)]);
    return { track: "sound", key: false, packets };
  }

  #pictureSdp({ sps, pps }: AvcConfig): string[] {
    const profile = Buffer.from(sps[0] ?? []).toString("hex").slice(2, 8);
    const sets = [...sps, ...pps].map((set) => Buffer.from(set).toString("base64")).join(",");
    const sprop = this.parameterSets === "in-band" ? "" : `;sprop-parameter-sets=${sets}`;
    return [
      "m=video 0 RTP/AVP 96",
      "a=rtpmap:96 H264/90000",
      `a=fmtp:96 packetization-mode=1;profile-level-id=${profile}${sprop}`,
      `a=control:${TRACK_CONTROLS.picture}`,
    ];
  }
}

function soundSdp({ bytes, sampleRateHz, channels }: AacConfig): string[] {
  return [
    "m=audio 0 RTP/AVP 97",
    `a=rtpmap:97 MPEG4-GENERIC/${sampleRateHz}/${channels}`,
    "a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;" +
    `indexdeltalength=3;config=${Buffer.from(bytes).toString("hex")}`,
    `a=control:${TRACK_CONTROLS.sound}`,
  ];
}
