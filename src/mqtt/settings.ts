/**
 * How the message broker is reached and what it gets: what the settings say, checked
 * and in plain data. Paths are absolute.
 *
 * @module
 */

/** A file is read anew for each try: whoever changes a password need not tell Lookback. */
export type MqttPassword =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

/** How much may wait on disk for the broker. */
export interface QueueLimits {
  readonly maxCount: number;
  readonly maxAgeMs: number;
}

/** How the broker is reached, and as whom. */
export interface BrokerSettings {
  /** mqtt, mqtts, ws or wss. May hold a user and a password. */
  readonly url: string;
  readonly user: string | null;
  readonly password: MqttPassword | null;
  /** Certificates, in PEM, of the authorities that are trusted; null trusts the usual ones. */
  readonly caPath: string | null;
  /** The client's own certificate and its key; both or none. */
  readonly certPath: string | null;
  readonly keyPath: string | null;
}

export interface MqttSettings extends BrokerSettings {
  /** Null makes one of the storage root's id. */
  readonly clientId: string | null;
  /** In front of every topic: empty, or ending in "/". */
  readonly prefix: string;
  /** Whether what comes in is carried out. */
  readonly allowCommands: boolean;
  /** Whether Home Assistant is told how to show the cameras. */
  readonly homeAssistant: boolean;
  /** Whether each camera has a last will, and for that a connection of its own. */
  readonly cameraWills: boolean;
  /** Whether what is seen in each picture goes out. */
  readonly results: boolean;
  readonly queue: QueueLimits;
}
