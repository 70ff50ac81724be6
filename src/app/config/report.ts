/**
 * Shows the settings in effect, each with the place it comes from, for people
 * (YAML with comments) and for programs (plain data). Passwords and tokens are
 * masked, so both may be shown to anybody.
 *
 * Pure.
 *
 * @module
 */

import { Document, isMap, isScalar, isSeq } from "yaml";
import { maskSecrets } from "../../base/secrets.ts";
import type { KeyPath } from "../../base/yaml_mistakes.ts";
import type { LayeredConfig } from "./layers.ts";
import { keyText, type Origin } from "./origins.ts";

/** Keys whose whole value is a secret, not only a part of a URL. */
export const SECRET_KEY = /(?:^|_)(?:password|passphrase|token|secret)$/;

/** Stands for a secret. */
export const MASK = "***";

export interface ReportOptions {
  /** The file as people look for it; null where none was read. */
  readonly shownFile: string | null;
}

/** The settings in effect for a program. */
export interface ConfigReport {
  readonly config: unknown;
  /** Origin of every value by its key, such as `cameras[0].id`. */
  readonly origins: Readonly<Record<string, string>>;
}

/** The settings in effect as plain data. */
export function reportData(layers: LayeredConfig, options: ReportOptions): ConfigReport {
  const config = masked(layers.config, []);
  const paths = leafPaths(config, []);
  const origins = paths.map((path) => [keyText(path), originText(layers.originOf(path), options)]);
  return { config, origins: Object.fromEntries(origins) };
}

/** The settings in effect as YAML: a file that a person could write, with the origins as comments. */
export function reportYaml(layers: LayeredConfig, options: ReportOptions): string {
  const document = new Document(masked(layers.config, []));
  comment(document.contents, [], (path) => originText(layers.originOf(path), options));
  // Folding a long URL would move its comment to another line.
  return document.toString({ lineWidth: 0 });
}

/** A source of values as people know it: `default`, `lookback.yaml:12`, `environment LOOKBACK_…`. */
function originText(origin: Origin, { shownFile }: ReportOptions): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "file":
      return `${shownFile ?? "file"}:${origin.line}`;
    case "assigned":
      return `${origin.label.startsWith("--") ? "flag" : "environment"} ${origin.label}`;
  }
}

/** Puts the origin behind each value; empty lists count as values. */
function comment(node: unknown, path: KeyPath, originOf: (path: KeyPath) => string): void {
  if (isMap(node) && node.items.length > 0) {
    for (const { key, value } of node.items) {
      comment(value, [...path, String(isScalar(key) ? key.value : key)], originOf);
    }
  } else if (isSeq(node) && node.items.length > 0) {
    for (const [index, item] of node.items.entries()) comment(item, [...path, index], originOf);
  } else if (isScalar(node) || isMap(node) || isSeq(node)) {
    // Without it, "[]" and its comment would stand on lines of their own.
    if (!isScalar(node)) node.flow = true;
    node.comment = ` ${originOf(path)}`;
  }
}

function leafPaths(value: unknown, path: KeyPath): readonly KeyPath[] {
  if (typeof value !== "object" || value === null) return [path];
  const parts = Object.entries(value);
  if (parts.length === 0) return [path];
  const step = (key: string) => Array.isArray(value) ? Number(key) : key;
  return parts.flatMap(([key, part]) => leafPaths(part, [...path, step(key)]));
}

/** A copy without secrets and without keys that have no value. */
function masked(value: unknown, path: KeyPath): unknown {
  if (typeof value === "string") return maskText(value, path);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => masked(item, [...path, index]));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, masked(part, [...path, key])]),
  );
}

/**
 * maskSecrets finds URLs within sentences and so stops at a quote or a space.
 * Here the whole text is one value: all between the user and the last "@" goes.
 */
export function maskText(text: string, path: KeyPath): string {
  if (SECRET_KEY.test(String(path.at(-1)))) return MASK;
  const url = /^((?!test:)[a-z][a-z0-9+.-]*:\/\/)([^]*)@/i.exec(text);
  if (url === null) return maskSecrets(text);
  const [whole, scheme = "", credentials = ""] = url;
  const user = credentials.includes(":") ? `${credentials.split(":", 1)[0]}:` : "";
  return maskSecrets(`${scheme}${user}${MASK}@${text.slice(whole.length)}`);
}
