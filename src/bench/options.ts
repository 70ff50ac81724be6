/**
 * What every measurement is told.
 *
 * @module
 */

export interface MeasureOptions {
  /** "short": a few minutes for all of them; "long": longer windows, and an hour's soak. */
  readonly form: "short" | "long";
  /** Folder on the disk that is measured; each measurement clears away what it makes there. */
  readonly folder: string;
  /** Absolute path, or the name of a program on PATH. */
  readonly ffmpegPath: string;
  /** Told what is being measured now, one line each. */
  readonly onProgress: (line: string) => void;
}
