/**
 * `lookback completion`: scripts that complete commands, options and camera ids in
 * a shell. They are made from the command definitions, so they never fall behind.
 *
 * @module
 */

import { Command } from "commander";
import type { Archive } from "../app/archive.ts";
import { loadConfig } from "../app/config/load_config.ts";
import { OperatorError } from "../base/errors.ts";
import { CAMERA_ID_PATTERN } from "../model/camera.ts";
import { bashScript } from "./completion_bash.ts";
import { fishScript } from "./completion_fish.ts";
import { commandSpec } from "./completion_spec.ts";
import { zshScript } from "./completion_zsh.ts";
import { archiveOf, type SharedOptions } from "./context.ts";
import { print } from "./terminal.ts";

/** A shell, how its script is made, and how a person turns it on for good. */
const SHELLS = [
  {
    name: "bash",
    script: bashScript,
    example: "lookback completion bash > ~/.local/share/bash-completion/completions/lookback",
  },
  {
    name: "zsh",
    script: zshScript,
    example: "lookback completion zsh > /usr/local/share/zsh/site-functions/_lookback",
  },
  {
    name: "fish",
    script: fishScript,
    example: "lookback completion fish > ~/.config/fish/completions/lookback.fish",
  },
] as const;

/** @param top The program with all its commands, once they are all there. */
export function completionCommand(top: () => Command): Command {
  const command = new Command("completion")
    .description("print a script that completes commands, options and camera ids in a shell")
    .addHelpText("after", '\nExample:\n  eval "$(lookback completion bash)"');
  for (const { name, script, example } of SHELLS) {
    command.addCommand(shellCommand(name, example, () => script(commandSpec(top()))));
  }
  const cameras = new Command("cameras")
    .description("print the camera ids for a command line that is being completed")
    .argument("[words...]", "the command line so far")
    .addHelpText("after", "\nExample:\n  lookback completion cameras -- lookback export --camera")
    .action(printCameras);
  return command.addCommand(cameras, { hidden: true });
}

function shellCommand(name: string, example: string, script: () => string): Command {
  return new Command(name)
    .description(`print the script for ${name}`)
    .addHelpText("after", `\nExample:\n  ${example}`)
    .action(() => print(script().trimEnd()));
}

/** Prints the ids that are set up or recorded, one a line. */
async function printCameras(words: readonly string[]): Promise<void> {
  const { config, root } = sharedOptionsIn(words);
  const settings = await loadConfig({
    configFlag: config,
    rootFlag: root,
    cwd: Deno.cwd(),
    allowMissing: true,
  });
  const ids = new Set(settings.cameras.map(({ id }) => id));
  for (const id of recordedIds(() => archiveOf(settings))) ids.add(id);
  // Shells expand what they are given; an id of another shape is none of ours.
  for (const id of [...ids].filter((each) => CAMERA_ID_PATTERN.test(each)).toSorted()) print(id);
}

function recordedIds(open: () => Archive): readonly string[] {
  try {
    using archive = open();
    return archive.cameras().map(({ cameraId }) => cameraId);
  } catch (error) {
    // Nothing is recorded here yet: the settings alone have to do.
    if (error instanceof OperatorError && error.code === "database-missing") return [];
    throw error;
  }
}

/** Reads `--config` and `--root` out of a line; bash has "=" as a word of its own. */
export function sharedOptionsIn(words: readonly string[]): SharedOptions {
  const valueOf = (flag: string) => {
    const index = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    const word = words[index];
    if (word === undefined) return undefined;
    if (word !== flag) return word.slice(flag.length + 1);
    return words[index + 1] === "=" ? words[index + 2] : words[index + 1];
  };
  const config = valueOf("--config");
  const root = valueOf("--root");
  return { ...(config === undefined ? {} : { config }), ...(root === undefined ? {} : { root }) };
}
