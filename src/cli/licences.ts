/**
 * `lookback licences`: prints the licences of what is handed over with Lookback.
 *
 * @module
 */

import { Command } from "commander";
import { readBuildInfo } from "../host/build_info.ts";
import { packageLicences } from "../host/package_licences.ts";
import { type CarriedLicence, DETECTOR_LICENCES } from "./licence_texts.ts";
import { print } from "./terminal.ts";

const RULE = "-".repeat(80);

export function licencesCommand(): Command {
  return new Command("licences")
    .description("print the licences of what Lookback carries")
    .addHelpText("after", "\nExample:\n  lookback licences | less")
    .action(licences);
}

async function licences(): Promise<void> {
  const { embedded, detector = [] } = readBuildInfo();
  const isSource = !Deno.build.standalone;
  print("Lookback is licensed under the MIT License. It runs on Deno (MIT, the Deno authors).");
  if (embedded.length > 0) {
    print("This executable carries ffmpeg; `ffmpeg -L` prints its licence.");
  }
  if (isSource) print("npm packages hold their licences themselves; the executable prints them.");
  if (isSource || detector.length > 0) DETECTOR_LICENCES.forEach(printOne);
  (await packageLicences())?.forEach(printOne);
}

function printOne({ name, licence, text }: CarriedLicence): void {
  print(`\n${RULE}\n${name} (${licence})\n${RULE}\n\n${text}`);
}
