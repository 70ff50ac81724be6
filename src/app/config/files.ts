/**
 * Puts a settings file in place, with the schema that editors check it by beside it.
 *
 * In:   a draft and a path.
 * Out:  two files; both whole, or an OperatorError.
 * Not here: the text (template.ts), the questions (cli/init.ts).
 *
 * @module
 */

import { dirname, join } from "node:path";
import { configJsonSchema, readConfig } from "../../../config.ts";
import { InvariantError, messageOf, OperatorError } from "../../base/errors.ts";
import { ensureFolder, writeFileDurably } from "../../host/durable.ts";
import { withSettingsFile } from "./settings_lock.ts";
import { type ConfigDraft, configTemplate } from "./template.ts";

/** The schema's name, beside the settings file. */
const SCHEMA_FILE_NAME = "lookback.schema.json";

/** File mode: its owner may read and write. */
const OWNER_ONLY = 0o600;

export interface WrittenConfig {
  readonly path: string;
  readonly schemaPath: string;
}

/**
 * Writes the settings file of a draft. A file that is replaced hands its owner
 * and its mode on; a new one is for its owner alone, because sources hold
 * passwords.
 *
 * @param path Absolute.
 *
 * @throws {OperatorError} "export-target-exists" if the file is there and
 * `replace` is false, "usage" if it can't be written.
 */
export async function writeConfigFiles(
  draft: ConfigDraft,
  { path, replace }: { readonly path: string; readonly replace: boolean },
): Promise<WrittenConfig> {
  const text = configTemplate(draft, { schemaFile: SCHEMA_FILE_NAME });
  const reading = readConfig(text);
  if (!reading.ok) throw new InvariantError(`Wrote a wrong setting: ${reading.mistakes[0]?.text}`);
  const schemaPath = join(dirname(path), SCHEMA_FILE_NAME);
  try {
    await ensureFolder(dirname(path));
    await withSettingsFile(path, async () => {
      const before = await statConfig(path);
      if (before !== null && !replace) throw configExists(path);
      await writeText(schemaPath, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      await writeText(path, text);
      if (before !== null) await Deno.chown(path, before.uid, before.gid);
      await Deno.chmod(path, (before?.mode ?? OWNER_ONLY) & 0o777);
    });
  } catch (error) {
    throw error instanceof OperatorError ? error : configUnwritable(path, error);
  }
  return { path, schemaPath };
}

/**
 * Makes sure that a new settings file replaces nothing.
 *
 * @throws {OperatorError} "export-target-exists".
 */
export async function requireFree(path: string): Promise<void> {
  if (await statConfig(path) !== null) throw configExists(path);
}

async function statConfig(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw configUnwritable(path, error);
  }
}

async function writeText(path: string, text: string): Promise<void> {
  await writeFileDurably(path, new TextEncoder().encode(text));
}

function configExists(path: string): OperatorError {
  return new OperatorError("export-target-exists", `Cannot write "${path}": it is there already`, {
    fix: ["replace it with --force", "or give another name with --out"],
  });
}

function configUnwritable(path: string, error: unknown): OperatorError {
  return new OperatorError("usage", `Cannot write "${path}": ${messageOf(error)}`, {
    fix: ["name a file in a folder that this user may write to, with --out"],
  });
}
