/**
 * What the server's API answers, as JSON has it. Times are ISO 8601 in UTC.
 *
 * @module
 */

export type Iso = string;

export type Role = "viewer" | "operator" | "administrator";

export interface Session {
  readonly user: string;
  readonly role: Role;
  readonly cameras: "all" | readonly string[];
  readonly mustChangePassword: boolean;
  readonly expires: Iso;
}

export interface StreamFacts {
  readonly codec: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  readonly hasAudio: boolean;
  /** Not there until it is known. */
  readonly hasBFrames?: boolean | null;
}

export interface Camera {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly geoLocation: { readonly lat: number; readonly lon: number } | null;
  readonly state: string;
  readonly cause: string | null;
  readonly detail: string;
  readonly fps: number;
  readonly bitsPerSecond: number;
  readonly stream: StreamFacts | null;
  readonly firstRecorded: Iso | null;
  readonly lastRecorded: Iso | null;
  readonly coverage24h: number | null;
  readonly protocols: readonly string[];
  readonly renditions: readonly string[];
  /** STUN and TURN servers, as RTCPeerConnection takes them. */
  readonly iceServers?: readonly IceServer[];
}

export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** What changes of a camera from second to second. */
export type CameraStatus = Pick<
  Camera,
  "state" | "cause" | "detail" | "fps" | "bitsPerSecond"
>;

export interface TimeSpan {
  readonly from: Iso;
  readonly to: Iso;
}

export interface Gap extends TimeSpan {
  readonly cause: string;
  readonly detail: string;
}

export interface TimelineEvent {
  readonly id: string;
  readonly kind: string;
  readonly class: string | null;
  readonly from: Iso;
  readonly to: Iso | null;
  readonly score: number;
}

export interface Timeline extends TimeSpan {
  readonly spans: readonly TimeSpan[];
  readonly gaps: readonly Gap[];
  readonly motion: readonly number[];
  readonly events: readonly TimelineEvent[];
}

/** In fractions of the picture; x and y are the left upper corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface SeenEvent {
  readonly id: string;
  readonly kind: string;
  readonly class: string | null;
  readonly camera: string;
  readonly from: Iso;
  readonly to: Iso | null;
  readonly score: number | null;
  readonly zones: readonly string[];
  readonly crossings: readonly { readonly line: string; readonly direction: string }[];
  readonly hasPicture: boolean;
  readonly cause?: string | null;
  readonly detail?: string | null;
  readonly boxes: readonly { readonly at: Iso; readonly box: Box }[];
}

export interface ExportPreview {
  readonly window: TimeSpan;
  readonly understood: string | readonly string[];
  readonly frames: number;
  readonly bytes: number;
  readonly gaps: readonly Gap[];
  readonly coverage: number;
}

export type ExportMode = "exact" | "strict" | "keyframe";
export type GapPolicy = "keep" | "join";

/** A stretch by its ends, or in the words of the prompt. */
export type AskedRange =
  | { readonly from: Iso; readonly to: Iso }
  | { readonly at: string; readonly duration: string };

export type ExportWish = AskedRange & {
  readonly camera: string;
  readonly mode: ExportMode;
  readonly gaps: GapPolicy;
  readonly overlay?: readonly string[];
};

export interface Export extends TimeSpan {
  readonly id: string;
  readonly camera: string;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly progress: number;
  readonly error?: { readonly code: string; readonly text: string } | string | null;
  readonly file?: string | null;
  readonly bytes?: number | null;
  readonly created: Iso;
  readonly by: string | null;
  readonly case?: string | null;
}

export interface Case extends TimeSpan {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly created: Iso;
  readonly by: string | null;
  readonly exports: readonly Export[];
}

export interface Share extends TimeSpan {
  readonly id: string;
  readonly camera: string;
  readonly expires: Iso;
  readonly url?: string;
  readonly by?: string;
  readonly created?: Iso;
}

export interface User {
  readonly name: string;
  readonly role: Role;
  readonly cameras: "all" | readonly string[];
  readonly mustChangePassword?: boolean;
  readonly created?: Iso;
  readonly lastLogIn?: Iso | null;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly cameras: "all" | readonly string[];
  readonly created?: Iso;
  readonly expires?: Iso | null;
  readonly lastUsed?: Iso | null;
}

export interface AuditEntry {
  readonly at: Iso;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail?: string | null;
}

export interface HealthFact {
  readonly component: string;
  readonly state: "ok" | "warning" | "fault";
  readonly detail: string;
}

export interface SystemCamera extends CameraStatus {
  readonly id: string;
  readonly name: string;
  readonly frames: number;
  readonly restarts: number;
  readonly queuedBytes: number;
  readonly rowsPending: number;
  readonly usedBytes: number | null;
  readonly forecastDays: number | null;
}

export interface SystemFacts {
  readonly version: string;
  readonly started: Iso;
  readonly root: string;
  readonly cameras: readonly SystemCamera[];
  readonly disk: {
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly forecastDays: number | null;
  };
  readonly health: readonly HealthFact[];
}

export interface LogLine {
  readonly at: Iso;
  readonly level: string;
  readonly category: string;
  readonly message: string;
}

export interface ConfigFacts {
  readonly path: string | null;
  readonly yaml: string;
  /** Of this text of the file: a change of another one is refused. */
  readonly etag: string;
  readonly schema: unknown;
  readonly values: unknown;
}

export interface ConfigMistake {
  readonly line: number;
  readonly column: number;
  readonly key?: string;
  readonly message: string;
}
