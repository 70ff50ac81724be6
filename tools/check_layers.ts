// deno-lint-ignore-file no-console
/**
 * Fails when a file under `src/` reaches into a room that it may not, or when a
 * pure room touches the outside world. The tables below are the design page's
 * section "Rooms"; to change who may import whom, change them there and here.
 *
 * In:   the text of every file under `src/`, and of main.ts and config.ts.
 * Out:  one line for each breach; exit code 1 if there is any.
 * Not here: tests, tools and bench, which may import everything.
 *
 * Reads imports with regular expressions and counts on `deno fmt`'s layout:
 * statements begin a line, and each line of a doc comment begins with "*".
 *
 * Run as `deno run --allow-read tools/check_layers.ts` at the repository's top.
 *
 * @module
 */

import { posix } from "node:path";
import { readSourceFiles, type SourceFile } from "./source_files.ts";

const BELOW_THE_FLOOR = ["base", "model", "media", "host"] as const;
const THE_FLOOR = [
  ...["store", "capture", "footage", "live", "vision", "alert", "mqtt", "web"],
] as const;

/** Each room under `src/` and the rooms that it may import, beside itself. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ["base"],
  media: ["base", "model"],
  host: ["base"],
  // Rooms on one floor never import each other: src/app joins them.
  store: ["base", "model", "host"],
  capture: BELOW_THE_FLOOR,
  footage: BELOW_THE_FLOOR,
  live: BELOW_THE_FLOOR,
  vision: BELOW_THE_FLOOR,
  alert: BELOW_THE_FLOOR,
  mqtt: BELOW_THE_FLOOR,
  web: BELOW_THE_FLOOR,
  // Looks after what is recorded: reads it as footage does.
  upkeep: [...BELOW_THE_FLOOR, "footage"],
  app: [...BELOW_THE_FLOOR, ...THE_FLOOR, "upkeep"],
  // Measures the others; nothing of the product stands on it.
  bench: [...BELOW_THE_FLOOR, ...THE_FLOOR, "upkeep"],
  cli: [...BELOW_THE_FLOOR, ...THE_FLOOR, "upkeep", "app", "bench"],
};

/** Files at the repository's top, and the rooms whose files may import them. */
const TOP_FILES: Readonly<Record<string, readonly string[]>> = {
  "config.ts": ["app", "cli"],
  // For the version number.
  "deno.json": ["app", "cli"],
};

/** Modules that belong to one room. */
const OWNED_MODULES: Readonly<Record<string, string>> = { "node:sqlite": "store" };

/** What the code of a pure room does without. */
interface Purity {
  readonly rooms: readonly string[];
  /** Files whose business is the outside world. */
  readonly except: readonly string[];
  /** The only `node:` modules allowed. */
  readonly nodeModules: readonly string[];
  readonly forbidden: readonly string[];
}

const PURITY: readonly Purity[] = [
  {
    rooms: ["model", "media"],
    except: [],
    nodeModules: [],
    forbidden: [
      ...["Deno.", "Date.now", "new Date()", "Temporal.Now", "performance.now"],
      ...["setTimeout(", "setInterval("],
    ],
  },
  {
    rooms: ["base"],
    except: ["src/base/clock.ts", "src/base/log.ts"],
    nodeModules: ["node:path"],
    forbidden: ["Deno."],
  },
];

/** A rule that a file breaks. */
export interface Breach {
  readonly file: string;
  /** What the file does, for example `imports "../store/writer.ts"`. */
  readonly found: string;
  readonly rule: string;
}

/** All breaches in these files, in the files' order. */
export function findBreaches(files: readonly SourceFile[]): Breach[] {
  return files.flatMap((file) => {
    const code = withoutComments(file.text);
    const found = [
      placeBreach(file.path),
      ...importsOf(code).map((specifier) => importBreach(file.path, specifier)),
      ...impureWords(file.path, code),
    ];
    return found.filter((breach) => breach !== undefined);
  });
}

/** A module's own name for what it imports: static, dynamic, or as a Worker's URL. */
const IMPORT_FORMS: readonly RegExp[] = [
  /^(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm,
  /^import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']/g,
  /\bimport\.meta\.resolve\(\s*["']([^"']+)["']/g,
  /\bnew URL\(\s*["']([^"']+)["']\s*,\s*import\.meta\.url/g,
];

/** What the code imports, as written there. */
export function importsOf(code: string): string[] {
  return IMPORT_FORMS.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ""));
}

/** Blanks comment lines and what follows " // ", so that prose breaks no rule. */
function withoutComments(text: string): string {
  return text.split("\n").map((line) =>
    /^\s*(?:\/\/|\/\*|\*)/.test(line) ? "" : line.replace(/\s\/\/\s.*$/, "")
  ).join("\n");
}

/** The room of a path: "store" for "src/store/writer.ts", nothing for other places. */
function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function placeBreach(file: string): Breach | undefined {
  if (!file.startsWith("src/")) return undefined;
  const room = roomOf(file);
  if (room === undefined) {
    return { file, found: "lies in no room", rule: "files under src/ lie in a room's folder" };
  }
  if (Object.hasOwn(ROOMS, room)) return undefined;
  const rule = "every folder under src/ has a row in tools/check_layers.ts";
  return { file, found: `lies in "src/${room}"`, rule };
}

function importBreach(file: string, specifier: string): Breach | undefined {
  const rule = specifier.startsWith(".")
    ? brokenPathRule(file, posix.join(posix.dirname(file), specifier))
    : brokenModuleRule(file, specifier);
  return rule === undefined ? undefined : { file, found: `imports "${specifier}"`, rule };
}

function brokenPathRule(file: string, target: string): string | undefined {
  const from = roomOf(file);
  const to = roomOf(target);
  // main.ts and config.ts stand outside the rooms.
  if (from === undefined || from === to) return undefined;
  if (to === undefined) {
    const owners = TOP_FILES[target];
    if (owners === undefined) return `src/ imports nothing outside src/ but ${list(TOP_FILES)}`;
    if (owners.includes(from)) return undefined;
    return `only ${owners.join(", ")} and main.ts may import ${target}`;
  }
  const allowed = ROOMS[from] ?? [];
  if (allowed.includes(to)) return undefined;
  return `${from} may import ${allowed.join(", ") || "no other room"}`;
}

function brokenModuleRule(file: string, module: string): string | undefined {
  const room = roomOf(file);
  const owner = OWNED_MODULES[module];
  if (owner !== undefined && owner !== room) return `only ${owner} may import ${module}`;
  const purity = purityOf(file);
  if (purity === undefined || !module.startsWith("node:")) return undefined;
  if (purity.nodeModules.includes(module)) return undefined;
  return `${room} is pure: of node it may import ${purity.nodeModules.join(", ") || "nothing"}`;
}

function impureWords(file: string, code: string): Breach[] {
  const words = purityOf(file)?.forbidden.filter((word) => mentions(code, word)) ?? [];
  return words.map((word) => ({
    file,
    found: `mentions "${word}"`,
    rule: `${roomOf(file)} is pure: the outside world comes in as arguments`,
  }));
}

/** Whether the word stands in the code by itself, not as the tail of a longer name. */
function mentions(code: string, word: string): boolean {
  return new RegExp(`(?<![\\w$])${RegExp.escape(word)}`).test(code);
}

function purityOf(file: string): Purity | undefined {
  const room = roomOf(file) ?? "";
  return PURITY.find(({ rooms, except }) => rooms.includes(room) && !except.includes(file));
}

function list(table: object): string {
  return Object.keys(table).join(" and ");
}

if (import.meta.main) {
  const tops = (await readSourceFiles(".")).filter(({ path }) => /^(?:src\/|[^/]+$)/.test(path));
  const breaches = findBreaches(tops);
  for (const { file, found, rule } of breaches) console.error(`${file}: ${found}: ${rule}`);
  if (breaches.length > 0) Deno.exit(1);
}
