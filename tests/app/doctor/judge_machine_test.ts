import { judgeDisk } from "../../../src/app/doctor/judge_disk.ts";
import { judgeClock, judgeMemory, judgeOpenFiles } from "../../../src/app/doctor/judge_machine.ts";
import { judgeProgram, type ProgramMeasure } from "../../../src/app/doctor/judge_programs.ts";
import type { DiskMeasure } from "../../../src/host/disk_probe.ts";
import { FEATURES, parseFfmpegVersion } from "../../../src/media/ffmpeg_features.ts";
import { testJudge } from "../../support/judge_cases.ts";

// Programs

const FFMPEG: ProgramMeasure = {
  name: "ffmpeg",
  asked: "ffmpeg",
  path: "/usr/bin/ffmpeg",
  reason: "found on PATH",
  isSilent: false,
  version: parseFfmpegVersion("ffmpeg version 6.1.1 Copyright")!,
  missing: [],
  unread: [],
};

const versionOf = (text: string) => parseFfmpegVersion(`ffmpeg version ${text} Copyright`)!;
const feature = (name: string) => FEATURES.filter((each) => each.name === name).slice(0, 1);

testJudge("judgeProgram", [
  {
    name: "with a new ffmpeg that has all",
    judgement: judgeProgram(FFMPEG),
    verdict: "ok",
    says: /^6\.1\.1 at \/usr\/bin\/ffmpeg \(found on PATH\)$/,
  },
  {
    name: "when there is none",
    judgement: judgeProgram({ ...FFMPEG, path: null, version: null }),
    verdict: "problem",
    says: /"ffmpeg" is not there/,
  },
  {
    name: "when it is another program",
    judgement: judgeProgram({ ...FFMPEG, version: null }),
    verdict: "problem",
    says: /does not answer as ffmpeg/,
  },
  {
    name: "when it says nothing, which a machine with too much to do brings about too",
    judgement: judgeProgram({ ...FFMPEG, version: null, isSilent: true }),
    verdict: "problem",
    says: /did not answer -version/,
  },
  {
    name: "with an ffmpeg from before 5.1",
    judgement: judgeProgram({ ...FFMPEG, version: versionOf("5.0.3") }),
    verdict: "problem",
    says: /5\.0\.3 .* too old/,
  },
  {
    name: "without a part that recording needs",
    judgement: judgeProgram({ ...FFMPEG, missing: [...feature("libx265"), ...feature("setts")] }),
    verdict: "problem",
    says: /lacks setts in -bsfs \(recording\)$/,
  },
  {
    name: "without a part that is needed now and then",
    judgement: judgeProgram({ ...FFMPEG, missing: feature("libx265") }),
    verdict: "warning",
    says: /lacks libx265 in -encoders \(strict exports of H\.265 recordings\)$/,
  },
  {
    name: "when a list could not be read",
    judgement: judgeProgram({ ...FFMPEG, unread: ["demuxers"] }),
    verdict: "warning",
    says: /did not print -demuxers, so what it has of these is unknown$/,
  },
  {
    name: "with a snapshot",
    judgement: judgeProgram({ ...FFMPEG, version: versionOf("N-113007-g8d24a28d06") }),
    verdict: "warning",
    says: /snapshot/,
  },
]);

// Disk

const DISK: DiskMeasure = {
  path: "/srv",
  isThere: true,
  freeBytes: 500e9,
  totalBytes: 1_000e9,
  kind: 0xef53,
  write: { ok: true, bytesPerSecond: 80e6, syncMs: 6.25, worstSyncMs: 41 },
};

const LOAD = { cameras: 4, bytesPerSecond: 2e6, batchDurationMs: 10_000 };
const writes = (bytesPerSecond: number, syncMs = 1, worstSyncMs = 2) => ({
  write: { ok: true, bytesPerSecond, syncMs, worstSyncMs } as const,
});

testJudge("judgeDisk", [
  {
    name: "with a disk that is fast and half empty",
    judgement: judgeDisk(DISK, LOAD),
    verdict: "ok",
    says:
      /^500\.0 GB free of 1000\.0 GB \(50 %\) at \/srv; writes 80\.0 MB\/s, a sync takes 6\.3 ms, at most 41 ms$/,
  },
  {
    name: "with a folder that is not there yet",
    judgement: judgeDisk({ ...DISK, isThere: false }, LOAD),
    verdict: "ok",
    says: /\/srv \(the storage root below it is made when recording starts\)/,
  },
  {
    name: "with less than 1 GB free",
    judgement: judgeDisk({ ...DISK, freeBytes: 999e6 }, LOAD),
    verdict: "problem",
    says: /full$/,
  },
  {
    name: "with less than 5 % free",
    judgement: judgeDisk({ ...DISK, freeBytes: 49e9 }, LOAD),
    verdict: "warning",
    says: /nearly full$/,
  },
  {
    name: "when nothing can be written",
    judgement: judgeDisk({ ...DISK, write: { ok: false, reason: "Permission denied" } }, LOAD),
    verdict: "problem",
    says: /cannot write there: Permission denied$/,
  },
  {
    name: "with a disk slower than the cameras",
    judgement: judgeDisk({ ...DISK, ...writes(1.9e6) }, LOAD),
    verdict: "problem",
    says: /4 cameras need 2\.0 MB\/s$/,
  },
  {
    name: "with a disk without a reserve",
    judgement: judgeDisk({ ...DISK, ...writes(5.9e6) }, { ...LOAD, cameras: 1 }),
    verdict: "warning",
    says: /the camera needs 2\.0 MB\/s$/,
  },
  {
    name: "with one sync of more than a second",
    judgement: judgeDisk({ ...DISK, ...writes(80e6, 20, 1_001) }, LOAD),
    verdict: "warning",
    says: /slow to sync$/,
  },
  {
    name: "when closing batches is a quarter of the disk's time",
    judgement: judgeDisk({ ...DISK, ...writes(80e6, 126, 130) }, LOAD),
    verdict: "warning",
    says: /slow to sync$/,
  },
  {
    name: "with footage in memory",
    judgement: judgeDisk({ ...DISK, kind: 0x01021994 }, LOAD),
    verdict: "warning",
    says: /gone after a restart$/,
  },
]);

// Machine

const NOW_MS = Date.UTC(2026, 10, 21, 20, 57, 9);

testJudge("judgeClock", [
  {
    name: "with a clock that a time service keeps",
    judgement: judgeClock({ isSynchronised: true, source: "timedatectl" }, NOW_MS),
    verdict: "ok",
    says: /^synchronised \(timedatectl\); it is 2026-11-21T20:57:09\.000Z$/,
  },
  {
    name: "with a clock that nobody keeps",
    judgement: judgeClock({ isSynchronised: false, source: "timedatectl" }, NOW_MS),
    verdict: "warning",
    says: /no time service has set the clock/,
  },
  {
    name: "when nothing is known of the clock",
    judgement: judgeClock({ isSynchronised: null, source: null }, NOW_MS),
    verdict: "warning",
    says: /unknown$/,
  },
  {
    name: "with the clock of a box without a battery",
    judgement: judgeClock({ isSynchronised: true, source: "timedatectl" }, 1_000),
    verdict: "problem",
    says: /^it is 1970-01-01T00:00:01\.000Z here: the clock is wrong$/,
  },
]);

testJudge("judgeOpenFiles", [
  {
    name: "with 1024 files and 4 cameras",
    judgement: judgeOpenFiles(1_024, 4),
    verdict: "ok",
    says: /^1024 files may be open; 4 cameras need about 224$/,
  },
  {
    name: "with 1024 files and 64 cameras",
    judgement: judgeOpenFiles(1_024, 64),
    verdict: "problem",
    says: /64 cameras need about 1664$/,
  },
  {
    name: "when the limit is unknown",
    judgement: judgeOpenFiles(null, 1),
    verdict: "ok",
    says: /^the limit could not be read; 1 camera needs about 152$/,
  },
]);

const memory = (availableBytes: number) => ({ availableBytes, totalBytes: 4e9 });

testJudge("judgeMemory", [
  {
    name: "with 2 GB for 4 cameras",
    judgement: judgeMemory(memory(2e9), 4),
    verdict: "ok",
    says: /^2000 MB of 4000 MB available; 4 cameras need about 696 MB$/,
  },
  {
    name: "with little more than is needed",
    judgement: judgeMemory(memory(800e6), 4),
    verdict: "warning",
    says: /need about 696 MB$/,
  },
  {
    name: "with less than is needed",
    judgement: judgeMemory(memory(600e6), 4),
    verdict: "problem",
    says: /need about 696 MB$/,
  },
  {
    name: "with little left where the cameras record already",
    judgement: judgeMemory(memory(300e6), 0),
    verdict: "ok",
    says: /^300 MB of 4000 MB available$/,
  },
]);
