/**
 * The rules of the settings that concern more than one key.
 *
 * In:   the settings as written, whatever is wrong with single values.
 * Out:  what contradicts itself, and where.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";
import { nearestWord } from "../../base/did_you_mean.ts";
import { describeFound, type ValueProblem } from "../../base/yaml_mistakes.ts";
import { parseSource } from "../../model/camera.ts";

/** For reading a source where only its kind matters. */
export const KIND_ONLY = { loop: false, resolvePath: (path: string) => path };

const items = z.array(z.record(z.string(), z.unknown()).catch({})).catch([]);

/** What the rules look at, as written. */
const writtenSchema = z.object({
  cameras: items,
  alerts: z.object({ rules: items, webhook: items, command: items }).catch({
    rules: [],
    webhook: [],
    command: [],
  }),
}).catch({ cameras: [], alerts: { rules: [], webhook: [], command: [] } });

/** The places of a camera's picture that have names. */
const placesSchema = z.object({ zones: items, lines: items }).catch({ zones: [], lines: [] });

/** Everything that does not go together. */
export function findConflicts(written: unknown): ValueProblem[] {
  const { cameras, alerts } = writtenSchema.parse(written);
  return [
    ...repeated(cameras, { path: ["cameras"], key: "id", what: "an id" }),
    ...cameras.flatMap(({ source, loop }, index) => loopOf({ source, loop, index })),
    ...Object.entries(alerts).flatMap(([list, each]) =>
      repeated(each, { path: ["alerts", list], key: "name", what: "a name" })
    ),
    ...alerts.rules.flatMap((rule, index) => unknownNames(rule, index, cameras)),
  ];
}

type Item = Readonly<Record<string, unknown>>;

/** What should be there once in a list and is there again. */
function repeated(
  list: readonly Item[],
  { path, key, what }: {
    readonly path: readonly string[];
    readonly key: string;
    readonly what: string;
  },
): ValueProblem[] {
  const first = new Map<string, number>();
  return list.flatMap((item, index) => {
    const value = item[key];
    if (typeof value !== "string") return [];
    const before = first.get(value);
    if (before === undefined) {
      first.set(value, index);
      return [];
    }
    const other = `${path.join(".")}[${before}]`;
    const text = `found ${describeFound(value)}, need ${what} that ${other} does not have`;
    return [{ path: [...path, index, key], text }];
  });
}

function loopOf(
  { source, loop, index }: {
    readonly source: unknown;
    readonly loop: unknown;
    readonly index: number;
  },
): ValueProblem[] {
  const parsed = typeof source === "string" ? parseSource(source, KIND_ONLY) : null;
  if (loop !== true || !parsed?.ok || parsed.source.kind === "file") return [];
  const text = "found true for a live source, need false: only a file can start again";
  return [{ path: ["cameras", index, "loop"], text }];
}

/** Names that a rule of alerts has and that nothing else has: it would never count. */
function unknownNames(rule: Item, index: number, cameras: readonly Item[]): ValueProblem[] {
  // They may all come from the environment.
  if (cameras.length === 0) return [];
  const seen = cameras.map(({ vision }) => placesSchema.parse(vision));
  const known = {
    cameras: { what: "the id of a camera", names: textsOf(cameras, "id") },
    zones: {
      what: "a zone of a camera",
      names: seen.flatMap(({ zones }) => textsOf(zones, "name")),
    },
    lines: {
      what: "a line of a camera",
      names: seen.flatMap(({ lines }) => textsOf(lines, "name")),
    },
  };
  return Object.entries(known).flatMap(([key, { what, names }]) => {
    const wanted: unknown = rule[key];
    return (Array.isArray(wanted) ? wanted : []).flatMap((name: unknown, place) => {
      if (typeof name !== "string" || names.includes(name)) return [];
      const near = nearestWord(name, names);
      const hint = near === null ? names.join(", ") || "there is none" : `did you mean "${near}"?`;
      const text = `found ${describeFound(name)}, need ${what}: ${hint}`;
      return [{ path: ["alerts", "rules", index, key, place], text }];
    });
  });
}

function textsOf(list: readonly Item[], key: string): string[] {
  return list.flatMap((item) => typeof item[key] === "string" ? [item[key]] : []);
}
