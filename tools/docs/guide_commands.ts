/**
 * The commands of a page of the guide, as a reader types them: who follows the guide
 * (guide_test.ts) and who tests it (tests/docs/guide_commands_test.ts) read them here.
 *
 * In:   the text of a page.
 * Out:  its commands in their order, with the answers that are typed and the output that
 *       the page promises.
 * Not here: running them; what the word behind a fence means (guide.ts).
 *
 * @module
 */

import { lexer, type Tokens, walkTokens } from "marked";
import { type CodeKind, readCodeKind } from "./guide.ts";

export interface GuideCommand {
  readonly script: string;
  readonly use: CodeKind["use"];
  readonly remark: string;
  /** What is typed when it asks; empty where it asks nothing. */
  readonly answers: string;
  /** What the page says that it prints; undefined where it does not. */
  readonly output: string | undefined;
}

/** Reads the commands of a page, in their order. */
export function commandsOf(markdown: string): readonly GuideCommand[] {
  const commands: GuideCommand[] = [];
  walkTokens(lexer(markdown), (token) => {
    if (token.type !== "code") return;
    const { lang, text } = token as Tokens.Code;
    const { language, use, remark } = readCodeKind(lang ?? "");
    if (language === "sh") {
      commands.push({ script: text, use, remark, answers: "", output: undefined });
      return;
    }
    const last = commands.at(-1);
    if (last === undefined || (use !== "answers" && use !== "output")) return;
    // Lines of answers that are empty are presses of Enter; the block's end is one more.
    const told = use === "answers" ? { answers: `${text}\n\n` } : { output: text };
    commands[commands.length - 1] = { ...last, ...told };
  });
  return commands;
}
