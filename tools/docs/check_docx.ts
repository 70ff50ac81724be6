/**
 * Opens the document in a real office program, as a reader does, and looks at its pages.
 *
 * In:   the .docx.
 * Out:  number of pages and their text, or why it could not be looked at.
 * Needs LibreOffice and poppler; without them nothing is looked at.
 *
 * @module
 */

import { basename, join } from "node:path";

/** What the rendered document must have. */
export const LEAST_PAGES = 30;
export const LEAST_PICTURES = 10;

/** Longest time for opening and converting, in milliseconds. Here it takes 15 s. */
const LIMIT_MS = 180_000;

export interface RenderedDocument {
  readonly pages: number;
  readonly pictures: number;
  readonly text: string;
}

/** Whether the programs are there. */
export async function canRender(): Promise<boolean> {
  const found = await Promise.all([
    isProgram("soffice", "--version"),
    isProgram("pdfinfo", "-v"),
  ]);
  return found.every(Boolean);
}

async function isProgram(command: string, argument: string): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [argument] }).output()).success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

/**
 * Converts a document to PDF and reads that.
 *
 * @param folder Where the PDF is put.
 */
export async function renderDocx(path: string, folder: string): Promise<RenderedDocument> {
  // A profile of its own: another office program of this user may be open.
  const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
  await run("soffice", [profile, "--headless", "--convert-to", "pdf", "--outdir", folder, path]);
  const pdf = join(folder, basename(path).replace(/\.docx$/, ".pdf"));
  const info = await run("pdfinfo", [pdf]);
  const pages = Number(/^Pages:\s+(\d+)/m.exec(info)?.[1] ?? 0);
  const images = await run("pdfimages", ["-list", pdf]);
  const text = await run("pdftotext", ["-layout", pdf, "-"]);
  return {
    pages,
    pictures: images.split("\n").filter((line) => / image /.test(line)).length,
    text,
  };
}

/** What is wrong with the rendered document, each as a line. */
export function faultsOf(
  { pages, pictures, text }: RenderedDocument,
  titles: readonly string[],
): string[] {
  const faults: string[] = [];
  if (pages < LEAST_PAGES) faults.push(`${pages} pages, need at least ${LEAST_PAGES}`);
  if (pictures < LEAST_PICTURES) {
    faults.push(`${pictures} pictures, need at least ${LEAST_PICTURES}`);
  }
  // A line of the contents ends with the number of a page.
  for (const title of titles) {
    const words = title.split(/\s+/).map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const entry = new RegExp(`${words.join("\\s+")}[ .…]*\\d+\\s*$`, "m");
    if (!entry.test(text)) faults.push(`the contents lack "${title}" with its page`);
  }
  return faults;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
