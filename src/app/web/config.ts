/**
 * The settings file over the network: shown without secrets, checked, put in place
 * and read by the Lookback that runs. The one before stays beside it.
 *
 * In:   the file's path, texts of YAML. Out: what it says, its mistakes.
 * Not here: secrets in texts (config/edit.ts), what settings mean (config.ts), who may
 * change the file at a time (config/settings_lock.ts).
 *
 * @module
 */

import { dirname } from "node:path";
import { configJsonSchema, readConfig } from "../../../config.ts";
import { messageOf, OperatorError } from "../../base/errors.ts";
import type { YamlMistake } from "../../base/yaml_mistakes.ts";
import { syncFolder, writeFileDurably } from "../../host/durable.ts";
import type { ConfigFacts, ConfigMistake, ConfigOutcome } from "../../web/doors.ts";
import { isNamed } from "../../web/ranges.ts";
import { maskYaml, textTag, unmaskYaml } from "../config/edit.ts";
import { layerConfig } from "../config/layers.ts";
import { reportData } from "../config/report.ts";
import { withSettingsFile } from "../config/settings_lock.ts";
import type { ReloadAnswer } from "../reload_calls.ts";

/** What was the file before the last change. */
const BEFORE = ".before";

/** Nobody but its owner may read a file with passwords, not even while it is written. */
const OWNER_ONLY = 0o600;

export interface WebConfigParts {
  readonly root: string;
  /** Absolute; null where there is no file. */
  readonly path: string | null;
  /** Has the settings read again. */
  readonly reload: () => Promise<ReloadAnswer>;
}

export class WebConfig {
  readonly #parts: WebConfigParts;

  constructor(parts: WebConfigParts) {
    this.#parts = parts;
  }

  async facts(): Promise<ConfigFacts> {
    const { path } = this.#parts;
    const text = await this.#current();
    const yaml = maskYaml(text);
    return {
      path,
      yaml,
      etag: await textTag(yaml),
      schema: configJsonSchema(),
      values: this.#values(text),
    };
  }

  async check(yaml: string): Promise<readonly ConfigMistake[]> {
    return this.#checked(yaml, await this.#current()).mistakes;
  }

  /**
   * Puts a text in place that somebody edited, if the file still says what was shown to
   * them: `ifMatch` has the tag of that (RFC 9110, 13.1.1). Secrets don't count, because
   * a text is shown without them.
   *
   * @throws {OperatorError} As {@linkcode change}.
   */
  async apply(yaml: string, ifMatch: string): Promise<ConfigOutcome> {
    return await this.change(async (before) =>
      isNamed(await textTag(maskYaml(before)), ifMatch) ? yaml : undefined
    );
  }

  /**
   * Changes the file, and has it read. Nobody else changes it meanwhile.
   *
   * @param edit The file's text becomes another one; undefined changes nothing.
   *
   * @throws {OperatorError} "config-invalid" with the file as it was where it can't be taken
   * over, "usage" where it can't be written.
   */
  async change(
    edit: (before: string) => string | undefined | Promise<string | undefined>,
  ): Promise<ConfigOutcome> {
    const { path } = this.#parts;
    if (path === null) throw noFile();
    const file = await Deno.realPath(path);
    return await withSettingsFile(file, async () => {
      const before = await Deno.readTextFile(file);
      const edited = await edit(before);
      if (edited === undefined) return { kind: "changed-meanwhile" };
      const { text, mistakes } = this.#checked(edited, before);
      if (mistakes.length > 0) return { kind: "wrong", mistakes };
      return { kind: "applied", text: await this.#put(file, { before, text }) };
    });
  }

  /** Puts a text in place and has it read. Where that fails, the text before is back. */
  async #put(
    file: string,
    { before, text }: { readonly before: string; readonly text: string },
  ): Promise<string> {
    await replaceFile(`${file}${BEFORE}`, before, file);
    await replaceFile(file, text, file);
    const answer = await this.#parts.reload();
    if (answer.ok) return answer.text;
    // Nothing was changed in what runs: the file says so again.
    await replaceFile(file, before, file);
    throw notApplied(answer.text);
  }

  async #current(): Promise<string> {
    const { path } = this.#parts;
    return path === null ? "" : await Deno.readTextFile(path);
  }

  /** The text with its secrets, and all that is wrong with it. */
  #checked(
    yaml: string,
    before: string,
  ): { readonly text: string; readonly mistakes: readonly ConfigMistake[] } {
    const { text, mistakes } = unmaskYaml(yaml, before);
    const reading = readConfig(text);
    const all = [...mistakes, ...(reading.ok ? [] : reading.mistakes)].map(toMistake);
    if (all.length > 0) return { text, mistakes: all };
    return { text, mistakes: this.#conflicts(text) };
  }

  /** What only shows together with the environment that this process was started with. */
  #conflicts(text: string): readonly ConfigMistake[] {
    try {
      this.#layers(text);
      return [];
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return [{ line: 1, column: 1, key: "", message: messageOf(error) }];
    }
  }

  /** What is in effect; null where the file can't be used as it is now. */
  #values(text: string): unknown {
    try {
      return reportData(this.#layers(text), { shownFile: "file" }).config;
    } catch (error) {
      if (error instanceof OperatorError) return null;
      throw error;
    }
  }

  #layers(text: string) {
    const { path, root } = this.#parts;
    const sources = {
      file: path === null ? null : { path, text },
      environment: Deno.env.toObject(),
      cwd: Deno.cwd(),
    };
    const layers = layerConfig(sources);
    // Recording may have been started with another root than the file's.
    return layers.settings.root === root ? layers : layerConfig({ ...sources, rootFlag: root });
  }
}

function toMistake({ line, column, key, text }: YamlMistake): ConfigMistake {
  return { line, column, key, message: text };
}

/** Puts a text in place of a file, with the owner and the rights of the file that is like it. */
async function replaceFile(path: string, text: string, like: string): Promise<void> {
  try {
    const { uid, gid, mode } = await Deno.stat(like);
    await Deno.writeFile(`${path}.part`, new Uint8Array(), { mode: OWNER_ONLY });
    await writeFileDurably(path, new TextEncoder().encode(text));
    if (uid !== null && gid !== null) await Deno.chown(path, uid, gid);
    await Deno.chmod(path, (mode ?? OWNER_ONLY) & 0o777);
    await syncFolder(dirname(path));
  } catch (error) {
    throw new OperatorError("usage", `Cannot write the settings: ${messageOf(error)}`, {
      fix: [
        "give the file and its folder to the user that Lookback runs as",
        'as a service: let it write them too, see "Change the settings" in the guide',
        "or change the file by hand, then: lookback reload",
      ],
    });
  }
}

function noFile(): OperatorError {
  return new OperatorError("usage", "Cannot change the settings: they come from no file", {
    fix: ["write a file with lookback init, and start Lookback with it"],
  });
}

function notApplied(reason: string): OperatorError {
  return new OperatorError("config-invalid", `Cannot use these settings: ${reason}`, {
    fix: ["correct what is named; nothing was changed"],
  });
}
