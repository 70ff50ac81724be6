/**
 * What the executable may do: the narrowest permissions with which every
 * documented feature works, each with its reason. docs/design/executable.md
 * tells what was tried and measured.
 *
 * @module
 */

/** Environment variables that Lookback or a library that it uses looks at. */
export const ENVIRONMENT: readonly string[] = [
  // For the text of an error about a missing program.
  "PATH",
  // Settings, and LOOKBACK_STACK.
  "LOOKBACK_*",
  // Where an embedded ffmpeg is unpacked by a user who may not write below the storage root.
  ...["HOME", "XDG_CACHE_HOME"],
  // What systemd tells a service.
  ...["JOURNAL_STREAM", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"],
  // Set, not read: the object detector's library reports to nobody.
  "ORT_DISABLE_TELEMETRY",
  // The login of cameras that are looked for.
  "ONVIF_PASSWORD",
  // How the terminal draws: colours, symbols, line editing.
  ...["NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM", "TERM_PROGRAM", "TMUX", "CI"],
];

/** Facts about the machine that are asked for: by doctor, service install, the search for cameras, a certificate. */
export const SYSTEM_FACTS: readonly string[] = [
  "hostname",
  "networkInterfaces",
  "osRelease",
  "statfs",
  "systemMemoryInfo",
  "uid",
];

/** A permission and why it can't be narrower. */
export interface Permission {
  readonly flag: string;
  readonly because: string;
}

export const PERMISSIONS: readonly Permission[] = [
  {
    flag: "--allow-read",
    because: "the configuration, the storage root and video files lie wherever their owner wants",
  },
  {
    flag: "--allow-write",
    because: "the storage root and export --out lie wherever their owner wants",
  },
  {
    flag: "--allow-run",
    because: "ffmpeg.path names any file, and an embedded ffmpeg lies below the storage root; a " +
      "list of names is matched against PATH once, at start, so neither would run, and without " +
      "any PATH the program would not even start",
  },
  {
    flag: "--allow-net",
    because: "the search for cameras talks to addresses that only their answers tell",
  },
  {
    flag: "--allow-ffi",
    because:
      "the object detector's library lies below the storage root, wherever its owner wants " +
      "(src/vision/native_library.ts); systemd is told, the " +
      "allocator set and the kernel asked for its clock over the C library",
  },
  {
    flag: `--allow-sys=${SYSTEM_FACTS.join(",")}`,
    because: "what is asked of the machine, and nothing else",
  },
  {
    flag: `--allow-env=${ENVIRONMENT.join(",")}`,
    because: "the names that are used; ffmpeg inherits the environment either way",
  },
  {
    flag: "--ignore-env",
    because: "libraries look at names that are not listed: they find nothing instead of failing",
  },
  {
    flag: "--deny-import",
    because: "everything is inside the executable; by default Deno may import from some hosts",
  },
  { flag: "--no-prompt", because: "a service has nobody to answer a question about permissions" },
];

/** The flags for `deno compile`, and for `deno run` where the sources should do the same. */
export function permissionFlags(): string[] {
  return PERMISSIONS.map(({ flag }) => flag);
}
