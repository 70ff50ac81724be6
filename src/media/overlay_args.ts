/**
 * What is burnt into a film: a script of subtitles in the ASS format (boxes are
 * drawings in it) and the filter that renders it. libass, which does that, comes
 * with Debian's ffmpeg, and with it a font.
 *
 * Scripts have times in hundredths of a second, which is too coarse for frames:
 * the film's time is stretched in front of the filter and put right behind it.
 *
 * Pure.
 *
 * @module
 */

import type { Box } from "../model/vision.ts";

/** How much longer a second is for the script. A step is then a tenth of a millisecond. */
const STRETCH = 100;

/** Pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
}

/** Something that is shown from an instant to another, in seconds of the film. */
export type OverlayMark =
  & { readonly fromSeconds: number; readonly toSeconds: number }
  & (
    | { readonly kind: "box"; readonly box: Box; readonly label: string; readonly colour: string }
    | { readonly kind: "text"; readonly place: "top" | "bottom"; readonly text: string }
  );

/** Colours of boxes, as "BBGGRR": bright ones that differ also for who is colour-blind (Okabe-Ito). */
const COLOURS = ["009FE6", "E9B456", "739E00", "42E4F0", "B27200", "005ED5", "A779CC"] as const;

/** The colour of a class: always the same one. */
export function colourOf(name: string): string {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 65_521;
  return COLOURS[sum % COLOURS.length]!;
}

/** The script for a film of one picture size. */
export function overlayScript(picture: Picture, marks: readonly OverlayMark[]): string {
  const size = Math.max(8, Math.round(picture.height / 27));
  const style = (name: string, rest: string) => `Style: ${name},Sans,${size},${rest}`;
  return [
    "[Script Info]",
    "ScriptType: v4.00+",
    `PlayResX: ${picture.width}`,
    `PlayResY: ${picture.height}`,
    "WrapStyle: 2",
    "ScaledBorderAndShadow: yes",
    "",
    "[V4+ Styles]",
    "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, " +
    "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV",
    style("Text", `&H00FFFFFF,&H00000000,&H00000000,0,1,${Math.max(1, size / 12)},0,7,0,0,0`),
    style("Label", "&H00000000,&H00000000,&H00000000,0,3,1,0,1,0,0,0"),
    style("Box", "&H00FFFFFF,&H00000000,&H00000000,0,1,0,0,7,0,0,0"),
    "",
    "[Events]",
    "Format: Layer, Start, End, Style, Text",
    ...marks.flatMap((mark) => linesOf(mark, picture, size)),
    "",
  ].join("\n");
}

function linesOf(mark: OverlayMark, picture: Picture, size: number): string[] {
  const times = `${scriptTime(mark.fromSeconds)},${scriptTime(mark.toSeconds)}`;
  if (mark.kind === "text") {
    const margin = Math.round(size / 2);
    const at = mark.place === "top"
      ? `{\\an7\\pos(${margin},${margin})}`
      : `{\\an1\\pos(${margin},${picture.height - margin})}`;
    return [`Dialogue: 2,${times},Text,${at}${escaped(mark.text)}`];
  }
  const { left, top, right, bottom } = inPixels(mark.box, picture);
  const thick = Math.max(2, Math.round(picture.height / 240));
  const shape = `${corners([left, top, right, bottom], "clockwise")} ` +
    corners([left + thick, top + thick, right - thick, bottom - thick], "back");
  // Above the box, or in it where there is no room above.
  const at = top > size ? `{\\an1\\pos(${left},${top})` : `{\\an7\\pos(${left},${top})`;
  return [
    `Dialogue: 0,${times},Box,{\\an7\\pos(0,0)\\1c&H${mark.colour}&\\p1}${shape}`,
    `Dialogue: 1,${times},Label,${at}\\3c&H${mark.colour}&}${escaped(mark.label)}`,
  ];
}

function inPixels({ x, y, width, height }: Box, picture: Picture) {
  const column = (part: number) => Math.round(Math.min(1, Math.max(0, part)) * picture.width);
  const row = (part: number) => Math.round(Math.min(1, Math.max(0, part)) * picture.height);
  return { left: column(x), top: row(y), right: column(x + width), bottom: row(y + height) };
}

/** A rectangle as a drawing. One that runs back cuts a hole into one that runs clockwise. */
function corners(
  [left, top, right, bottom]: readonly [number, number, number, number],
  way: "clockwise" | "back",
): string {
  const points = [[left, top], [right, top], [right, bottom], [left, bottom]];
  if (way === "back") points.reverse();
  const [first, ...rest] = points.map((point) => point.join(" "));
  return `m ${first} l ${rest.join(" ")}`;
}

/** "0:00:12.34" for hundredths of a stretched second. */
function scriptTime(seconds: number): string {
  const hundredths = Math.max(0, Math.round(seconds * STRETCH * 100));
  const whole = Math.floor(hundredths / 100);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}` +
    `.${two(hundredths % 100)}`;
}

/** Text without what the format takes for commands. */
function escaped(text: string): string {
  // A word joiner behind a backslash keeps it from meaning something.
  return text.replaceAll(/[\r\n]+/g, " ").replaceAll("\\", "\\\u2060").replaceAll("{", "\\{")
    .replaceAll("}", "\\}");
}

/** The filters that burn in a script. They leave times as they are. */
export function overlayFilters(scriptPath: string): string[] {
  return [
    `setpts=PTS*${STRETCH}`,
    `ass=filename=${escapedForFilter(scriptPath)}`,
    `setpts=PTS/${STRETCH}`,
  ];
}

/** A text as an option's value within a filtergraph: both levels of escaping (ffmpeg-utils(1)). */
function escapedForFilter(text: string): string {
  return text.replaceAll(/[\\':]/g, "\\$&").replaceAll(/[\\'[\],;]/g, "\\$&");
}

/** Renders a script on black, one small gray picture: shows whether this ffmpeg can, and has a font. */
export function overlayTrialArgs(scriptPath: string): string[] {
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error"],
    ...["-f", "lavfi", "-i", "color=black:size=64x32:rate=1", "-frames:v", "1"],
    ...["-vf", overlayFilters(scriptPath).join(",")],
    ...["-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"],
  ];
}

/** The script of that trial: one letter, white. */
export function overlayTrialScript(): string {
  const mark = { fromSeconds: 0, toSeconds: 9, kind: "text", place: "top", text: "8" } as const;
  return overlayScript({ width: 64, height: 32 }, [mark]);
}
