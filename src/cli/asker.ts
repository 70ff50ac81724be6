/**
 * Asks questions: of a person at a terminal, or of a script that answers on
 * standard input, one line an answer.
 *
 * @module
 */

import * as clack from "@clack/prompts";
import { createInterface } from "node:readline";
import process from "node:process";
import { OperatorError } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import { print } from "./terminal.ts";

export interface Choice {
  readonly value: string;
  readonly hint: string;
}

export interface ChooseOptions {
  /**
   * The choice that an empty line stands for, as Enter at a terminal does. Without it an
   * empty line is asked again: a script whose answer is missing must not get just any.
   */
  readonly fallback?: string;
}

export interface Question {
  readonly text: string;
  /** An example of an answer. */
  readonly example: string;
  /** Says what is wrong with an answer; undefined when it is right. */
  readonly check: (answer: string) => string | undefined;
}

export interface Asker extends Disposable {
  choose(text: string, choices: readonly Choice[], how?: ChooseOptions): Promise<string>;
  ask(question: Question): Promise<string>;
  confirm(text: string): Promise<boolean>;
  /** Shows lines between questions. */
  show(lines: readonly string[]): void;
}

/** An asker for where standard input comes from. */
export function openAsker(): Asker {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal() ? terminalAsker() : scriptAsker();
}

function terminalAsker(): Asker {
  return {
    async choose(text, choices, { fallback } = {}) {
      const options = choices.map(({ value, hint }) => ({ value, label: value, hint }));
      const initial = fallback === undefined ? {} : { initialValue: fallback };
      return answered(await clack.select({ message: text, options, ...initial }));
    },
    async ask({ text, example, check }) {
      const validate = (answer: string | undefined) => check(answer ?? "");
      return answered(await clack.text({ message: text, placeholder: example, validate }));
    },
    async confirm(text) {
      return answered(await clack.confirm({ message: text }));
    },
    show: (lines) => clack.log.message(lines.join("\n")),
    [Symbol.dispose]: () => {},
  };
}

/** The answer; Ctrl-C and Escape end the command. */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (clack.isCancel(answer)) throw new DOMException("Cancelled at a question", "AbortError");
  return answer as Exclude<T, symbol>;
}

function scriptAsker(): Asker {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const answers = lines[Symbol.asyncIterator]();
  const next = async (text: string): Promise<string> => {
    const { value, done } = await answers.next();
    if (done) throw unanswered(text);
    print(maskSecrets(`${text} ${value}`));
    return String(value).trim();
  };
  const ask = async ({ text, check }: Question): Promise<string> => {
    while (true) {
      const answer = await next(text);
      const problem = check(answer);
      if (problem === undefined) return answer;
      print(problem);
    }
  };
  return {
    ask,
    choose: async (text, choices, { fallback } = {}) => {
      const values = choices.map(({ value }) => value);
      const wanted = `Choose one of: ${values.join(", ")}` +
        (fallback === undefined ? "" : ` (Enter: ${fallback})`);
      const check = (answer: string) =>
        values.includes(answer) || (answer === "" && fallback !== undefined) ? undefined : wanted;
      return await ask({ text, example: values[0] ?? "", check }) || fallback!;
    },
    async confirm(text) {
      const check = (answer: string) =>
        /^(y|yes|n|no)$/i.test(answer) ? undefined : "Answer yes or no";
      return /^y/i.test(await ask({ text: `${text} (yes/no)`, example: "yes", check }));
    },
    show: (shown) => shown.forEach(print),
    [Symbol.dispose]: () => lines.close(),
  };
}

function unanswered(question: string): OperatorError {
  return new OperatorError("prompt-unanswered", `Cannot go on: no answer to "${question}"`, {
    fix: [
      "give one answer a line on standard input, or run the prompt at a terminal",
      "for scripts, lookback export takes everything as flags",
    ],
  });
}
