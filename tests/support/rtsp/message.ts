/**
 * RTSP's messages (RFC 2326) as text and back.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";

export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface RtspReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  455: "Method Not Valid in This State",
  461: "Unsupported Transport",
};

/** No client's request is longer; ffmpeg's have about 500 bytes. */
const MAX_HEAD_BYTES = 16_384;

/** First byte of a binary packet between the messages (RFC 2326, section 10.12). */
const INTERLEAVED_MARK = 0x24;

/** The next request; receiver reports in between are passed over. Nothing at the end. */
export async function readRequest(source: ByteSource): Promise<RtspRequest | undefined> {
  while (await source.peek() === INTERLEAVED_MARK) {
    const [, , high = 0, low = 0] = await source.take(4) ?? [];
    await source.take(high * 256 + low);
  }
  const head = await source.takeHead(MAX_HEAD_BYTES);
  if (head === undefined) return undefined;
  const [start = "", ...lines] = head.trimEnd().split("\r\n");
  const [method = "", url = ""] = start.split(" ");
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  }));
  await source.take(Number(headers.get("content-length") ?? 0));
  return { method, url, headers };
}

/** The reply as it goes over the wire. */
export function replyBytes(request: RtspRequest, reply: RtspReply): Uint8Array {
  const { status, headers = {}, body = "" } = reply;
  return new TextEncoder().encode([
    `RTSP/1.0 ${status} ${REASONS[status] ?? ""}`,
    `CSeq: ${request.headers.get("cseq") ?? "0"}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === "" ? [] : [`Content-Length: ${new TextEncoder().encode(body).length}`]),
    "",
    body,
  ].join("\r\n"));
}

/** A packet between the messages, with the channel that SETUP agreed on. */
export function interleave(channel: number, packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + packet.length);
  bytes.set([INTERLEAVED_MARK, channel, packet.length >> 8, packet.length]);
  bytes.set(packet, 4);
  return bytes;
}
