/**
 * Every setting as tables, out of the JSON Schema of the settings file.
 *
 * Pure.
 *
 * @module
 */

/** As much of a JSON Schema as settings use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | readonly Schema[] | boolean;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

/** A setting: a row of a table. */
export interface SettingRow {
  /** As in "cameras[].vision.zones[].name". */
  readonly key: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** All settings of the file, in its order; sections themselves are none. */
export function settingRows(schema: Schema, before = ""): readonly SettingRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const key = `${before}${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    const item = itemOf(inner);
    if (item?.properties !== undefined) {
      return [{ key, schema: inner, isRequired }, ...settingRows(item, `${key}[].`)];
    }
    const parts = inner.anyOf?.find(({ properties }) => properties !== undefined);
    if (parts !== undefined) {
      return [{ key, schema: inner, isRequired }, ...settingRows(parts, `${key}.`)];
    }
    if (inner.properties === undefined) return [{ key, schema: inner, isRequired }];
    return settingRows(inner, `${key}.`);
  });
}

function itemOf({ items }: Schema): Schema | undefined {
  return typeof items === "object" && !Array.isArray(items) ? items as Schema : undefined;
}

/** One section for each part of the file, each with a table. */
export function settingsText(schema: Schema): string {
  return Object.entries(schema.properties ?? {}).map(([name, inner]) => {
    const rows = settingRows({ properties: { [name]: inner } });
    return [
      `## \`${name}\``,
      sentence(inner.description ?? ""),
      [
        "| setting | what it may be | meaning |",
        "|---|---|---|",
        ...rows.map(rowText),
      ].join("\n"),
    ].join("\n\n");
  }).join("\n\n");
}

function rowText({ key, schema, isRequired }: SettingRow): string {
  const fallback = isRequired ? "needed" : defaultText(schema);
  const kind = [kindText(schema), ...(fallback === "" ? [] : [fallback])].join("; ");
  return `| \`${key}\` | ${cell(kind)} | ${meaning(schema)} |`;
}

function meaning({ description = "", examples = [] }: Schema): string {
  const [example] = examples;
  const shown = example === undefined || example === "" ? "" : `, such as \`${flow(example)}\``;
  return cell(`${sentence(description).replace(/\.$/, "")}${shown}`);
}

/** Empty where there is none. */
function defaultText({ default: value }: Schema): string {
  if (value === undefined || value === "" || Array.isArray(value) && value.length === 0) return "";
  return `default \`${flow(value)}\``;
}

/** What a value may be, in words. */
export function kindText(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindText).join(", or ");
  if (schema.const !== undefined) return `\`${flow(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${flow(one)}\``).join(", ");
  const item = itemOf(schema);
  if (item !== undefined) return `a list${item.enum === undefined ? "" : ` of ${kindText(item)}`}`;
  if (Array.isArray(schema.type)) return "a number or text";
  if (schema.type === "boolean") return "`true`, `false`";
  if (schema.type === "integer" || schema.type === "number") return numberText(schema);
  if (schema.type === "array") return "a list";
  if (schema.type === "object") return "a value for each name";
  return "text";
}

function numberText({ type, minimum, maximum }: Schema): string {
  const what = type === "integer" ? "a whole number" : "a number";
  return minimum === undefined ? what : `${what} from ${minimum} to ${maximum}`;
}

/** A value as it may be written on one line of the file. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => `${key}: ${flow(each)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return String(value);
}

function sentence(text: string): string {
  return text === ""
    ? ""
    : `${text[0]!.toUpperCase()}${text.slice(1)}${/[.]$/.test(text) ? "" : "."}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
