/**
 * The settings file: a form made of its schema, and the text itself beside it. Each
 * change is checked by the server, and applied when told to.
 *
 * @module
 */

import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { applyConfig, checkConfig, getConfig } from "../api/calls.ts";
import { isAbort, problemText } from "../api/http.ts";
import type { ConfigFacts, ConfigMistake } from "../api/types.ts";
import { notify, notifyProblem } from "../app/notices.tsx";
import { PageHead } from "../app/page_head.tsx";
import { fieldsOf, type JsonSchema } from "../forms/schema.ts";
import { SchemaForm } from "../forms/schema_form.tsx";

/** The server is asked when nobody has typed for so long. */
const REST_MS = 400;

export default function Configuration(): VNode {
  const facts = useSignal<ConfigFacts | undefined>(undefined);
  const problem = useSignal("");
  const load = () => {
    getConfig().then((found) => facts.value = found, (error) => problem.value = problemText(error));
  };
  useEffect(load, []);
  return (
    <>
      <PageHead title="Settings">
        {facts.value !== undefined && (
          <p class="quiet path">{facts.value.path ?? "There is no settings file"}</p>
        )}
      </PageHead>
      <p class="problem" role="alert">{problem}</p>
      {facts.value !== undefined && (
        <Editor key={facts.value.yaml} facts={facts.value} onApplied={load} />
      )}
    </>
  );
}

function Editor(
  { facts, onApplied }: { readonly facts: ConfigFacts; readonly onApplied: () => void },
): VNode {
  const text = useSignal(facts.yaml);
  const mistakes = useSignal<readonly ConfigMistake[]>([]);
  const isChecked = useSignal(true);
  const area = useRef<HTMLTextAreaElement>(null);
  const isChanged = useComputed(() => text.value !== facts.yaml);
  useCheck({ text, mistakes, isChecked });
  useWarning(isChanged);
  const apply = async () => {
    try {
      const answer = await applyConfig(text.value, facts.etag);
      notify(answer?.text ?? "The settings are in effect", { tone: "good" });
      onApplied();
    } catch (error) {
      notifyProblem("Cannot apply the settings", error);
    }
  };
  const canApply = isChanged.value && isChecked.value && mistakes.value.length === 0 &&
    facts.path !== null;
  return (
    <div class="config">
      <div class="config-form">
        <SchemaForm
          fields={fieldsOf(facts.schema as JsonSchema)}
          text={text.value}
          onText={(fresh) => text.value = fresh}
        />
      </div>
      <div class="config-text">
        <label for="yaml">The file's text; secrets are masked, and stay as they are</label>
        <textarea
          id="yaml"
          ref={area}
          spellcheck={false}
          autocapitalize="off"
          value={text.value}
          aria-invalid={mistakes.value.length > 0}
          aria-describedby="mistakes"
          onInput={(event) => text.value = event.currentTarget.value}
        />
        <div id="mistakes" aria-live="polite">
          <Mistakes mistakes={mistakes.value} onGo={(mistake) => goTo(area.current, mistake)} />
        </div>
        <div class="config-deeds">
          <button type="button" class="main" disabled={!canApply} onClick={apply}>Apply</button>
          <button
            type="button"
            disabled={!isChanged.value}
            onClick={() => text.value = facts.yaml}
          >
            Undo all
          </button>
          <span class="quiet" role="status">
            {!isChanged.value ? "Nothing is changed" : isChecked.value ? "" : "checking …"}
          </span>
        </div>
      </div>
    </div>
  );
}

function useCheck(
  { text, mistakes, isChecked }: {
    readonly text: Signal<string>;
    readonly mistakes: Signal<readonly ConfigMistake[]>;
    readonly isChecked: Signal<boolean>;
  },
): void {
  useSignalEffect(() => {
    const yaml = text.value;
    const stop = new AbortController();
    isChecked.value = false;
    const timer = setTimeout(() =>
      checkConfig(yaml, stop.signal).then(
        (answer) => {
          mistakes.value = answer.mistakes;
          isChecked.value = true;
        },
        (error) => {
          if (!isAbort(error)) {
            mistakes.value = [{ line: 1, column: 1, message: problemText(error) }];
          }
        },
      ), REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  });
}

/** The browser asks before what was typed is lost. */
function useWarning(isChanged: Signal<boolean>): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (isChanged.peek()) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
}

function Mistakes(
  { mistakes, onGo }: {
    readonly mistakes: readonly ConfigMistake[];
    readonly onGo: (mistake: ConfigMistake) => void;
  },
): VNode | null {
  if (mistakes.length === 0) return null;
  return (
    <ul class="mistakes">
      {mistakes.map((mistake) => (
        <li key={`${mistake.line}:${mistake.column}:${mistake.message}`}>
          <button type="button" class="bare" onClick={() => onGo(mistake)}>
            Line {mistake.line}
          </button>{" "}
          {mistake.key !== undefined && mistake.key !== "" && <code>{mistake.key}</code>}{" "}
          {mistake.message}
        </li>
      ))}
    </ul>
  );
}

function goTo(area: HTMLTextAreaElement | null, { line, column }: ConfigMistake): void {
  if (area === null) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const at = start + Math.max(0, column - 1);
  area.focus();
  area.setSelectionRange(at, start + (lines[line - 1]?.length ?? 0));
}
