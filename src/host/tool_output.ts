/**
 * Asks a tool of the system for a few lines.
 *
 * @module
 */

/** A tool of the system that says nothing for this long is given up, in milliseconds. */
const TOOL_LIMIT_MS = 5_000;

/**
 * What a tool prints.
 *
 * @returns Null when it is not there, may not be started, fails or takes too
 * long: such tools are helps, and every caller can do without.
 */
export async function toolOutput(command: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(TOOL_LIMIT_MS),
    }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
}
