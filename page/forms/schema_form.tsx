/**
 * A form over the text of a settings file: each field changes its own value in the
 * text, and shows what the text says.
 *
 * @module
 */

import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { classes } from "../base/class_names.ts";
import { FieldInput } from "./field_input.tsx";
import type { Field } from "./schema.ts";
import {
  countAt,
  type Path,
  type ReadYaml,
  readYaml,
  valueAt,
  withItem,
  withoutItem,
  withValue,
} from "./yaml_edit.ts";

interface SchemaFormProps {
  readonly fields: readonly Field[];
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** What all parts of the form share. */
interface Frame {
  readonly read: ReadYaml;
  readonly set: (path: Path, value: unknown) => void;
  readonly edit: (change: (text: string) => string) => void;
}

export function SchemaForm({ fields, text, onText }: SchemaFormProps): VNode {
  const read = useMemo(() => readYaml(text), [text]);
  if (!read.isSound) {
    return (
      <p class="empty">
        The text is no YAML just now, so that the fields can't show it:{" "}
        {read.document.errors[0]?.message.split("\n")[0]}
      </p>
    );
  }
  const frame: Frame = {
    read,
    set: (path, value) => onText(withValue(text, path, value)),
    edit: (change) => onText(change(text)),
  };
  return (
    <form class="settings" aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      <Fields fields={listsFirst(fields)} path={[]} frame={frame} />
    </form>
  );
}

/** The cameras are what is changed most. */
function listsFirst(fields: readonly Field[]): readonly Field[] {
  const isList = ({ kind }: Field) => kind === "list";
  return [...fields.filter(isList), ...fields.filter((field) => !isList(field))];
}

function Fields(
  { fields, path, frame }: {
    readonly fields: readonly Field[];
    readonly path: Path;
    readonly frame: Frame;
  },
): VNode {
  return (
    <>
      {fields.map((field) => {
        const own = [...path, field.key];
        if (field.kind === "group") {
          return <Group key={field.key} field={field} path={own} frame={frame} />;
        }
        if (field.kind === "list") {
          return <List key={field.key} field={field} path={own} frame={frame} />;
        }
        return (
          <FieldInput
            key={field.key}
            field={field}
            id={own.join(".")}
            value={valueAt(frame.read, own)}
            onSet={(value) => frame.set(own, value)}
          />
        );
      })}
    </>
  );
}

function Group(
  { field, path, frame }: {
    readonly field: Extract<Field, { readonly kind: "group" }>;
    readonly path: Path;
    readonly frame: Frame;
  },
): VNode {
  const isSet = frame.read.document.hasIn(path);
  return (
    <details class={classes("group", isSet && "set")} open={isSet && path.length === 1}>
      <summary>
        {field.label} <span class="quiet">{field.help}</span>
      </summary>
      <Fields fields={field.fields} path={path} frame={frame} />
    </details>
  );
}

function List(
  { field, path, frame }: {
    readonly field: Extract<Field, { readonly kind: "list" }>;
    readonly path: Path;
    readonly frame: Frame;
  },
): VNode {
  const count = countAt(frame.read, path);
  const singular = field.label.replace(/s$/, "").toLowerCase();
  const add = () => frame.edit((text) => withItem(text, path, exampleItem(field.item, count + 1)));
  return (
    <details class="group set" open={path.length === 1}>
      <summary>
        {field.label} <span class="quiet">{count} · {field.help}</span>
      </summary>
      {Array.from({ length: count }, (_, index) => {
        const own = [...path, index];
        return (
          <details class="group item" key={index}>
            <summary>{itemTitle(frame, own) ?? `${singular} ${index + 1}`}</summary>
            <Fields fields={field.item} path={own} frame={frame} />
            <button type="button" onClick={() => frame.edit((text) => withoutItem(text, own))}>
              Remove this {singular}
            </button>
          </details>
        );
      })}
      <button type="button" onClick={add}>Add a {singular}</button>
    </details>
  );
}

/** What an item is called: its name, else its id. */
function itemTitle({ read }: Frame, path: Path): string | undefined {
  for (const key of ["name", "id"]) {
    const value = valueAt(read, [...path, key]);
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** A new item has what it must have, as in the example. */
function exampleItem(fields: readonly Field[], number: number): Record<string, unknown> {
  const needed = fields.filter(({ isRequired }) => isRequired);
  return Object.fromEntries(
    needed.map(({ key, example }) => [key, key === "id" ? `camera-${number}` : example ?? ""]),
  );
}
