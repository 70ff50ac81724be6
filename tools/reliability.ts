// deno-lint-ignore-file no-console
/**
 * Makes the table of docs/reliability.md from what the fault tests measured.
 *
 * In:  the file of LOOKBACK_FAULTS_OUT, one object of JSON a line
 *      (tests/faults/measured.ts).
 * Out: the page with a new table between its markers; the prose stays. A fault
 *      that is promised there and was not measured fails.
 *
 * Run by `deno task faults` as
 * `deno run --allow-read --allow-write=docs tools/reliability.ts dist/faults.jsonl`.
 *
 * @module
 */

/** One line of the measurements, as tests/faults/measured.ts writes it. */
export interface MeasuredFault {
  readonly fault: string;
  readonly lostAtMost: string;
  readonly measured: string;
  readonly test: string;
}

const PAGE = "docs/reliability.md";

const BEGIN = "<!-- table: made by tools/reliability.ts -->";
const END = "<!-- end of the table -->";

/**
 * Beginnings of the faults that must have been measured, in the order of the
 * table. What was measured beside them follows at the end.
 */
export const EXPECTED: readonly string[] = [
  "kill -9 of the main process while two cameras record",
  "kill -9 of the main process: programs that it started",
  "power cut",
  "start after a clean stop",
  "start after a crash",
  "kill -9 of a recorder's ffmpeg",
  "kill -9 of the stills decoder",
  "the stills decoder stands still",
  "the writer Worker fails",
  "the disk is full, the oldest footage may be deleted",
  "the disk is full, nothing may be deleted",
  "the disk turns read-only",
  "the disk is unmounted",
  "the disk breaks",
  "another program locks the database",
  "a page of the database is overwritten while Lookback is stopped",
  "a page of the database is overwritten while it records",
  "the database is deleted",
  "the last line of the newest ledger file is torn off",
  "a camera sends nothing more",
  "a camera sends nothing for 3 s",
  "a camera closes the connection",
  "a camera sends garbage",
  "60 kB of garbage",
  "a camera changes its resolution",
  "a camera changes from H.264 to H.265",
  "a camera's time stamps jump",
  "a camera's time stamps begin again",
  "wall clock set",
  "wall clock wrong",
  "a busy box is 3 s late",
  "10,000 damaged fragments of MP4",
  "10,000 damaged lines of settings",
  "10,000 damaged times",
  "10,000 damaged durations",
];

/**
 * Reads the measurements. A fault that was measured twice counts as it was last.
 *
 * @throws {SyntaxError} For a line that is no JSON.
 */
export function readMeasured(text: string): MeasuredFault[] {
  const byFault = new Map<string, MeasuredFault>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const measured: MeasuredFault = JSON.parse(line);
    byFault.set(measured.fault, measured);
  }
  return [...byFault.values()];
}

/** Faults that are promised and were not measured. */
export function missingFaults(
  measured: readonly MeasuredFault[],
  expected: readonly string[] = EXPECTED,
): string[] {
  return expected.filter((begin) => !measured.some(({ fault }) => fault.startsWith(begin)));
}

/** The table, in the order of the expected faults. */
export function faultTable(
  measured: readonly MeasuredFault[],
  expected: readonly string[] = EXPECTED,
): string {
  const placeOf = ({ fault }: MeasuredFault) => {
    const place = expected.findIndex((begin) => fault.startsWith(begin));
    return place < 0 ? expected.length : place;
  };
  const rows = measured.toSorted((one, other) => placeOf(one) - placeOf(other)).map((row) =>
    `| ${[row.fault, row.lostAtMost, row.measured, row.test].map(cell).join(" | ")} |`
  );
  return ["| fault | lost at most | measured | test |", "|---|---|---|---|", ...rows].join("\n");
}

/**
 * The page with another table between its markers.
 *
 * @throws {Error} If a marker is missing.
 */
export function withTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`Cannot find "${BEGIN}" and "${END}" in the page`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

async function main([path]: readonly string[]): Promise<void> {
  if (path === undefined) throw new Error("Cannot make the table without the measurements' file");
  const measured = readMeasured(await Deno.readTextFile(path));
  const missing = missingFaults(measured);
  for (const begin of missing) console.error(`Not measured: ${begin}`);
  if (missing.length > 0) {
    console.error(`Cannot make the table: ${missing.length} faults were not measured`);
    console.error("Run as root (tests with small disks mount them), and look for failed tests");
    Deno.exit(1);
  }
  await Deno.writeTextFile(PAGE, withTable(await Deno.readTextFile(PAGE), faultTable(measured)));
  console.log(`Wrote ${measured.length} rows into ${PAGE}`);
}

if (import.meta.main) await main(Deno.args);
