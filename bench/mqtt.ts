// deno-lint-ignore-file no-console
/**
 * What MQTT costs: 64 cameras with five results a second each, for a minute, to a
 * Mosquitto on the same box.
 *
 * Run as `deno run --allow-all bench/mqtt.ts [SECONDS]`; needs mosquitto and its clients.
 *
 * @module
 */

import { startBroker } from "../tests/support/mosquitto.ts";
import { measureResults } from "../tests/support/mqtt_load.ts";
import { tempFolder } from "../tests/support/temp_folder.ts";

const seconds = Number(Deno.args[0] ?? 60);
const wish = { cameras: 64, perSecond: 5, seconds };

await using folder = await tempFolder();
await using broker = await startBroker({ folder: folder.path });
const { said, heard, cpuPercent, rssBytes } = await measureResults(broker, {
  root: folder.path,
  ...wish,
});
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const [before, connected, after] = rssBytes;
console.log(
  `results said       ${said} (${wish.cameras} cameras × ${wish.perSecond}/s × ${seconds} s)`,
);
console.log(`results heard      ${heard}`);
console.log(`processor          ${cpuPercent} % of one, with the thread that feeds it`);
console.log(`memory before      ${mb(before)}`);
console.log(`memory connected   ${mb(connected)} (the Worker, ${wish.cameras + 1} connections)`);
console.log(`memory at the end  ${mb(after)}`);
