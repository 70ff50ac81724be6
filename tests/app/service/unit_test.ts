import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { SYSTEM_ROOT } from "../../../config.ts";
import { serviceUnit } from "../../../src/app/service/unit.ts";
import { tempFolder } from "../../support/temp_folder.ts";

/** The most that `systemd-analyze security` may find, of 10. */
const MOST_EXPOSURE = 2.0;

const PLAIN = { program: "/usr/local/bin/lookback", root: SYSTEM_ROOT };

/** Values of a setting, in the unit's order. */
function valuesOf(unit: string, setting: string): string[] {
  return unit.split("\n").filter((line) => line.startsWith(`${setting}=`))
    .map((line) => line.slice(setting.length + 1));
}

const SETTINGS = [
  {
    name: "closes all devices when no camera is one",
    options: PLAIN,
    expected: {
      PrivateDevices: ["yes"],
      DevicePolicy: ["closed"],
      DeviceAllow: [],
      ReadWritePaths: [],
    },
  },
  {
    name: "opens only the devices that are cameras",
    options: { ...PLAIN, devices: ["/dev/video0", "/dev/video2"] },
    expected: {
      PrivateDevices: [],
      DevicePolicy: ["closed"],
      DeviceAllow: ["/dev/video0 rw", "/dev/video2 rw"],
    },
  },
  {
    name: "opens a storage root of its own and waits for its disk",
    options: { ...PLAIN, root: "/mnt/nvr" },
    expected: { ReadWritePaths: ["/mnt/nvr"], RequiresMountsFor: ["/mnt/nvr"] },
  },
  {
    name: "quotes a path with blanks and keeps % and $ from being replaced",
    options: { program: "/opt/100% $own/lookback", root: '/mnt/a "b"' },
    expected: {
      ReadWritePaths: ['"/mnt/a \\"b\\""'],
      ExecStart: ['"/opt/100%% $$own/lookback" run --config /etc/lookback/lookback.yaml'],
    },
  },
] as const;

for (const { name, options, expected } of SETTINGS) {
  Deno.test(`serviceUnit() ${name}`, () => {
    const unit = serviceUnit(options);
    for (const [setting, values] of Object.entries(expected)) {
      deepStrictEqual(valuesOf(unit, setting), values, setting);
    }
  });
}

/** True when the machine has the program; says what is not shown otherwise. */
async function hasSystemdAnalyze(): Promise<boolean> {
  try {
    return (await new Deno.Command("systemd-analyze", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

async function analyze(...args: readonly string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args: [...args],
    env: { SYSTEMD_PAGER: "cat", NO_COLOR: "1" },
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const HAS_SYSTEMD_ANALYZE = await hasSystemdAnalyze();
const note = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
if (!HAS_SYSTEMD_ANALYZE) note("skipped: systemd-analyze is not on this machine's PATH");

const ANALYZED = [
  { name: "without devices", options: {} },
  { name: "with a camera that is a device", options: { devices: ["/dev/video0"] } },
  { name: "with another storage root", options: { root: "/mnt/big disk" } },
] as const;

for (const { name, options } of ANALYZED) {
  Deno.test({
    name:
      `serviceUnit() pleases systemd-analyze, with an exposure of at most ${MOST_EXPOSURE}, ${name}`,
    ignore: !HAS_SYSTEMD_ANALYZE,
    async fn() {
      await using folder = await tempFolder();
      const path = `${folder.path}/lookback.service`;
      // The program has to be there for systemd to be content.
      const unit = serviceUnit({ ...PLAIN, program: Deno.execPath(), ...options });
      await Deno.writeTextFile(path, unit);
      deepStrictEqual(await analyze("verify", path), { code: 0, text: "" });
      const { text } = await analyze("security", "--offline=true", path);
      const found = /Overall exposure level for lookback\.service: (\d+\.\d+)/.exec(text);
      ok(found !== null, text);
      note(`exposure ${name}: ${found[1]}`);
      ok(Number(found[1]) <= MOST_EXPOSURE, text);
    },
  });
}

Deno.test("serviceUnit() gives a stop more time than Lookback takes and ends with a line end", () => {
  const unit = serviceUnit(PLAIN);
  const [stopSeconds] = valuesOf(unit, "TimeoutStopSec");
  ok(Number(stopSeconds) > 10);
  strictEqual(unit.at(-1), "\n");
  match(unit, /^Type=notify$/m);
});
