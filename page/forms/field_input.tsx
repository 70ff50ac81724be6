/**
 * One setting as a field. Empty means: not set, the default counts.
 *
 * @module
 */

import type { VNode } from "preact";
import type { Field } from "./schema.ts";

interface FieldInputProps {
  readonly field: Field;
  /** Path of the setting, unique on the page. */
  readonly id: string;
  readonly value: unknown;
  readonly onSet: (value: unknown) => void;
}

export function FieldInput(props: FieldInputProps): VNode {
  const { field, id } = props;
  const helpId = `${id}-help`;
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {field.isRequired && <span class="quiet">(needed)</span>}
      </label>
      <Input {...props} helpId={helpId} />
      <p id={helpId} class="quiet">
        {field.help}
        {field.defaultText !== undefined && ` (default: ${field.defaultText})`}
      </p>
    </div>
  );
}

function Input({ field, id, value, onSet, helpId }: FieldInputProps & { readonly helpId: string }) {
  const common = { id, "aria-describedby": helpId };
  switch (field.kind) {
    case "switch":
      return (
        <Select
          common={common}
          value={value === undefined ? "" : String(value)}
          options={["true", "false"]}
          names={{ true: "on", false: "off" }}
          defaultText={field.defaultText}
          onSet={(text) => onSet(text === "" ? undefined : text === "true")}
        />
      );
    case "choice":
      return (
        <Select
          common={common}
          value={value === undefined ? "" : String(value)}
          options={field.options}
          names={{}}
          defaultText={field.defaultText}
          onSet={(text) => onSet(text === "" ? undefined : text)}
        />
      );
    case "number":
      return (
        <input
          {...common}
          type="number"
          min={field.min}
          max={field.max}
          step={field.isWhole ? 1 : "any"}
          placeholder={field.defaultText ?? field.example ?? ""}
          value={typeof value === "number" ? value : ""}
          onChange={({ currentTarget }) =>
            onSet(currentTarget.value === "" ? undefined : currentTarget.valueAsNumber)}
        />
      );
    case "texts":
      return (
        <textarea
          {...common}
          rows={3}
          placeholder="one on each line"
          value={Array.isArray(value) ? value.join("\n") : ""}
          onChange={({ currentTarget }) => onSet(linesOf(currentTarget.value))}
        />
      );
    case "text":
      return (
        <input
          {...common}
          placeholder={field.defaultText ?? field.example ?? ""}
          value={value === undefined || value === null ? "" : String(value)}
          onChange={({ currentTarget }) =>
            onSet(currentTarget.value === "" ? undefined : currentTarget.value)}
        />
      );
    default:
      // Written in several ways, or nested freely: the text beside shows and takes it.
      return (
        <output {...common} class="in-yaml">
          {value === undefined ? "not set" : JSON.stringify(value)} (change it in the text)
        </output>
      );
  }
}

function Select(
  { common, value, options, names, defaultText, onSet }: {
    readonly common: { readonly id: string; readonly "aria-describedby": string };
    readonly value: string;
    readonly options: readonly string[];
    readonly names: Readonly<Record<string, string>>;
    readonly defaultText: string | undefined;
    readonly onSet: (value: string) => void;
  },
): VNode {
  const name = (option: string) => names[option] ?? option;
  return (
    <select {...common} value={value} onChange={(event) => onSet(event.currentTarget.value)}>
      <option value="">{defaultText === undefined ? "not set" : `as by default`}</option>
      {options.map((option) => <option key={option} value={option}>{name(option)}</option>)}
    </select>
  );
}

function linesOf(text: string): readonly string[] | undefined {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.length === 0 ? undefined : lines;
}
