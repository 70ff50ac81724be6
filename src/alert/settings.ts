/**
 * Where alerts go: what the settings say, checked and in plain data. Paths are absolute.
 *
 * @module
 */

import type { AlertRule } from "../model/alert.ts";
import type { Priority } from "../model/vision_settings.ts";

/** What a body is signed with; a file is read anew for each try. */
export type WebhookSecret =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

export interface WebhookSettings {
  readonly name: string;
  /** May hold a password. */
  readonly url: string;
  /** Null signs nothing. */
  readonly secret: WebhookSecret | null;
  /** Certificates, in PEM, of authorities that are trusted beside the usual ones. */
  readonly caPath: string | null;
  readonly priorities: readonly Priority[];
  readonly timeoutMs: number;
}

export interface CommandSettings {
  readonly name: string;
  /** Absolute path, or the name of a program on PATH. */
  readonly program: string;
  /** With placeholders (template.ts). */
  readonly args: readonly string[];
  readonly priorities: readonly Priority[];
  readonly timeoutMs: number;
}

export interface AlertSettings {
  readonly rules: readonly AlertRule[];
  readonly webhooks: readonly WebhookSettings[];
  readonly commands: readonly CommandSettings[];
  /** Whether alerts are lines of the log too. */
  readonly log: boolean;
}
