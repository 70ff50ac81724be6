/**
 * What ffmpeg's words mean: from the last lines of its error stream to a cause
 * that a person and the database understand.
 *
 * @module
 */

import { maskSecrets } from "../base/secrets.ts";
import type { GapCause } from "../model/ledger.ts";

export interface RecorderFault {
  readonly cause: GapCause;
  /** One line for people, without passwords. */
  readonly detail: string;
  /** How another try could do better at once; undefined when only waiting helps. */
  readonly retryWith?: "encoded-video" | "repacked-audio" | "encoded-audio";
}

/** First match wins; the order goes from the particular to the general. */
const FAULTS: readonly {
  readonly pattern: RegExp;
  readonly cause: GapCause;
  readonly says: string;
  readonly retryWith?: RecorderFault["retryWith"];
}[] = [
  {
    // The program in front of ffmpeg (host/tied_command.ts) says so when it can't become it.
    pattern: /^setpriv: /,
    cause: "recorder-failed",
    says: "ffmpeg is there and can't be run on this machine",
  },
  {
    pattern: /401 Unauthorized|403 Forbidden|authorization failed/i,
    cause: "camera-refused",
    says: "the camera refuses the user name or password",
  },
  {
    pattern: /404 Not Found|Stream not found|454 Session/i,
    cause: "camera-refused",
    says: "the camera has no stream at this address",
  },
  {
    // What stands behind the status is the camera's own reason; ffmpeg's last line
    // has only "Server returned 4XX Client Error" for most of them.
    pattern: /(?:failed:|HTTP error) [45]\d\d |Server returned 400/i,
    cause: "camera-refused",
    says: "the camera refuses the request",
  },
  {
    // ffmpeg's RTSP reader says so when the answer does not come or is cut off.
    pattern: /^rtsps?:\S+: Invalid data found/i,
    cause: "camera-unreachable",
    says: "the camera takes the connection and does not answer as RTSP cameras do",
  },
  {
    pattern: /Connection refused/i,
    cause: "camera-unreachable",
    says: "nothing listens at the camera's address and port",
  },
  {
    pattern: /No route to host|Network is unreachable|Host is down/i,
    cause: "camera-unreachable",
    says: "the network has no way to the camera",
  },
  {
    pattern: /Failed to resolve hostname|Name or service not known|Temporary failure in name/i,
    cause: "camera-unreachable",
    says: "the camera's host name is not known",
  },
  {
    pattern: /Connection timed out|Operation timed out|Immediate exit requested/i,
    cause: "camera-unreachable",
    says: "the camera does not answer",
  },
  {
    pattern: /No such file or directory/i,
    cause: "camera-unreachable",
    says: "there is no such file",
  },
  {
    pattern: /Permission denied/i,
    cause: "camera-unreachable",
    says: "the file may not be read by this user",
  },
  {
    pattern: /Malformed AAC bitstream/i,
    cause: "recorder-failed",
    says: "the audio is AAC in packets for broadcast (ADTS)",
    retryWith: "repacked-audio",
  },
  // The recorder maps video first: its output stream #0 is the picture, #1 the sound.
  {
    pattern: /Could not find tag for codec \S+ in stream #0/i,
    cause: "recorder-failed",
    says: "MP4 can't hold this video as it is",
    retryWith: "encoded-video",
  },
  {
    pattern:
      /Could not find tag for codec \S+ in stream #1|(?:flac|truehd) in MP4 support is|sample rate not set|output stream 0:1/i,
    cause: "recorder-failed",
    says: "MP4 can't hold this audio as it is",
    retryWith: "encoded-audio",
  },
  {
    pattern: /Stream map '0:v:0' matches no streams/i,
    cause: "stream-broken",
    says: "the source has no video",
  },
  {
    pattern: /Invalid data found|moov atom not found|could not find codec parameters/i,
    cause: "stream-broken",
    says: "the source is not video that ffmpeg can read",
  },
  {
    pattern: /Broken pipe|Connection reset|End of file|I\/O error|Input\/output error/i,
    cause: "stream-ended",
    says: "the connection to the camera broke",
  },
];

/**
 * Explains why a recorder ended.
 *
 * @param errorTail Last lines of its error stream.
 * @param code Its exit code.
 */
export function explainRecorderEnd(errorTail: readonly string[], code: number): RecorderFault {
  for (const { pattern, cause, says, retryWith } of FAULTS) {
    const line = errorTail.findLast((each) => pattern.test(each));
    if (line === undefined) continue;
    const detail = `${says} (${plain(line)})`;
    return retryWith === undefined ? { cause, detail } : { cause, detail, retryWith };
  }
  const last = errorTail.at(-1);
  if (code === 0) return { cause: "stream-ended", detail: "the stream ended" };
  return {
    cause: "recorder-failed",
    detail: `ffmpeg ended with code ${code}${last === undefined ? "" : ` (${plain(last)})`}`,
  };
}

/** A line for people: without passwords, and without addresses, which differ each time. */
function plain(line: string): string {
  return maskSecrets(line.trim()).replaceAll(/ @ 0x[0-9a-f]+/gi, "");
}
