/**
 * Turns JSON Schema (draft 7, as the server makes it of its settings) into what a
 * form needs to know of each field.
 *
 * Not here: checks. The server checks the whole text, with the program's own rules.
 *
 * @module
 */

/** As much of JSON Schema as is looked at. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

export interface FieldFacts {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly isRequired: boolean;
  /** In YAML, as it would be written; undefined where there is no default. */
  readonly defaultText: string | undefined;
  readonly example: string | undefined;
}

export type Field =
  & FieldFacts
  & (
    | { readonly kind: "group"; readonly fields: readonly Field[] }
    | { readonly kind: "list"; readonly item: readonly Field[] }
    | { readonly kind: "texts" }
    | { readonly kind: "choice"; readonly options: readonly string[] }
    | { readonly kind: "switch" }
    | {
      readonly kind: "number";
      readonly min?: number;
      readonly max?: number;
      readonly isWhole: boolean;
    }
    | { readonly kind: "text" }
    /** Too free for a field: it is written in the YAML. */
    | { readonly kind: "yaml" }
  );

/** The fields of an object's schema, in its order. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): readonly Field[] {
  const { properties = {}, required = [] } = resolved(schema, root);
  return Object.entries(properties).map(([key, own]) =>
    fieldOf(key, resolved(own, root), { root, isRequired: required.includes(key) })
  );
}

function fieldOf(
  key: string,
  schema: JsonSchema,
  { root, isRequired }: { readonly root: JsonSchema; readonly isRequired: boolean },
): Field {
  const facts: FieldFacts = {
    key,
    label: labelOf(key),
    help: schema.description ?? "",
    isRequired,
    defaultText: plainText(schema.default),
    example: plainText(schema.examples?.[0]),
  };
  const plain = alone(schema, root);
  if (plain.properties !== undefined) {
    return { ...facts, kind: "group", fields: fieldsOf(plain, root) };
  }
  if (plain.type === "array") return { ...facts, ...listOf(plain, root) };
  if (plain.enum !== undefined) {
    return { ...facts, kind: "choice", options: plain.enum.map(String) };
  }
  if (plain.type === "boolean") return { ...facts, kind: "switch" };
  if (plain.type === "number" || plain.type === "integer") {
    return {
      ...facts,
      kind: "number",
      isWhole: plain.type === "integer",
      ...(plain.minimum === undefined ? {} : { min: plain.minimum }),
      ...(plain.maximum === undefined ? {} : { max: plain.maximum }),
    };
  }
  if (plain.type === "string") return { ...facts, kind: "text" };
  return { ...facts, kind: "yaml" };
}

function listOf(
  schema: JsonSchema,
  root: JsonSchema,
): { readonly kind: "list"; readonly item: readonly Field[] } | {
  readonly kind: "texts" | "yaml";
} {
  if (schema.items === undefined || !("type" in schema.items || "$ref" in schema.items)) {
    return { kind: "yaml" };
  }
  const item = resolved(schema.items as JsonSchema, root);
  if (item.type === "string") return { kind: "texts" };
  if (item.properties === undefined) return { kind: "yaml" };
  return { kind: "list", item: fieldsOf(item, root) };
}

/** Where a value may be written in several ways: the one that a field can show, if it is the only one. */
function alone(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const ways = schema.anyOf ?? schema.oneOf;
  if (ways === undefined) return schema;
  const shown = ways.map((way) => resolved(way, root)).filter(({ type }) => type !== "null");
  return shown.length === 1 ? shown[0]! : {};
}

function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = /^#\/definitions\/(.+)$/.exec(schema.$ref ?? "")?.[1];
  return name === undefined ? schema : { ...root.definitions?.[name], ...schema };
}

/** How people write what is written in small letters in the file. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ...{ fps: "FPS", ice: "ICE", id: "ID", mqtt: "MQTT", tls: "TLS", url: "URL", webrtc: "WebRTC" },
  ffmpeg: "ffmpeg",
};

/** "duration_seconds" is "Duration seconds". */
function labelOf(key: string): string {
  const text = key.split("_").map((word) => SPELLINGS[word] ?? word).join(" ");
  return text === "ffmpeg" ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Only what fits into a field is shown as a default. */
function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}
