/**
 * What can be set about the web server. Made by src/app/config/web.ts.
 *
 * @module
 */

/** Paths are absolute. */
export interface WebSettings {
  readonly listen: ListenAddress;
  /** Null: plain HTTP, which is for this machine or for a proxy in front. */
  readonly tls: TlsSettings | null;
  /** A proxy stands in front: it encrypts, and names the client and the scheme in headers. */
  readonly isBehindProxy: boolean;
  readonly webrtc: WebrtcSettings;
  readonly live: {
    /** Of all cameras and protocols together. */
    readonly maxViewers: number;
    /** How many streams are encoded anew at once. */
    readonly maxRenditions: number;
  };
  /** How long a log-in lasts. */
  readonly sessionMs: number;
}

export interface ListenAddress {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
}

export type TlsSettings =
  | { readonly kind: "files"; readonly certPath: string; readonly keyPath: string }
  | { readonly kind: "self-signed" };

export interface WebrtcSettings {
  readonly isEnabled: boolean;
  /** STUN and TURN servers. */
  readonly iceServers: readonly IceServer[];
  /** UDP ports, both included; null for any. */
  readonly portRange: readonly [number, number] | null;
  /** Addresses of this machine as viewers see them, beside its own; for NAT. */
  readonly hosts: readonly string[];
}

export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** Whether only this machine reaches an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
