// deno-lint-ignore-file camelcase -- the names are those of the format
/**
 * The annotations of a set of pictures in the COCO format for object detection
 * (cocodataset.org/#format-data): boxes in pixels of the written pictures.
 *
 * Pure. In: pictures with what was seen in them. Out: plain data, ready for JSON.
 *
 * @module
 */

import { isoUtc } from "../base/units.ts";
import type { LoggedFrame } from "../model/frame.ts";
import type { Box } from "../model/vision.ts";
import type { NearestSight } from "./frame_set.ts";

export interface CocoPicture {
  readonly fileName: string;
  /** Pixels, as written. */
  readonly width: number;
  readonly height: number;
  readonly frame: LoggedFrame;
  readonly sight: NearestSight | undefined;
}

export interface CocoImage {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly file_name: string;
  readonly license: number;
  readonly date_captured: string;
  readonly camera_id: string;
  readonly frame_id: number;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  /** Left, top, width, height. */
  readonly bbox: readonly [number, number, number, number];
  readonly area: number;
  readonly iscrowd: 0;
  /** Boxes only: there are no outlines. */
  readonly segmentation: readonly [];
  readonly score: number;
  /** The frame that was looked at; the picture's own in the best case. */
  readonly seen_in_frame_id: number;
  /** How much later that frame is than the picture, in milliseconds. */
  readonly seen_later_ms: number;
}

export interface Coco {
  readonly info: {
    readonly description: string;
    readonly version: string;
    readonly year: number;
    readonly contributor: string;
    readonly date_created: string;
  };
  readonly licenses: readonly {
    readonly id: number;
    readonly name: string;
    readonly url: string;
  }[];
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly {
    readonly id: number;
    readonly name: string;
    readonly supercategory: string;
  }[];
}

/** The licence that stands for not knowing: footage belongs to whoever runs the cameras. */
const NO_LICENSE = { id: 1, name: "None stated: ask the owner of the cameras", url: "" };

/** Pixels have two decimals, as in the published sets. */
const STEPS = 100;

/** @param about `classes`: only these are annotated; null for all that was seen. */
export function cocoOf(
  pictures: readonly CocoPicture[],
  about: {
    readonly description: string;
    readonly classes: readonly string[] | null;
    readonly version: string;
    readonly createdMs: number;
  },
): Coco {
  const created = new Date(about.createdMs).toISOString();
  const names = about.classes ?? classesIn(pictures);
  const categories = names.toSorted().map((name, index) => ({
    id: index + 1,
    name,
    supercategory: name,
  }));
  const ids = new Map(categories.map(({ id, name }) => [name, id]));
  const annotations: CocoAnnotation[] = [];
  for (const [index, picture] of pictures.entries()) {
    for (const annotation of boxesOf(picture, ids)) {
      annotations.push({ id: annotations.length + 1, image_id: index + 1, ...annotation });
    }
  }
  return {
    info: {
      description: about.description,
      version: "1.0",
      year: Number(created.slice(0, 4)),
      contributor: `Lookback ${about.version}`,
      date_created: created,
    },
    licenses: [NO_LICENSE],
    images: pictures.map(imageOf),
    annotations,
    categories,
  };
}

function classesIn(pictures: readonly CocoPicture[]): string[] {
  return [
    ...new Set(
      pictures.flatMap(({ sight }) => sight?.detections ?? []).map((seen) => seen.class),
    ),
  ];
}

function imageOf({ fileName, width, height, frame }: CocoPicture, index: number): CocoImage {
  return {
    id: index + 1,
    width,
    height,
    file_name: fileName,
    license: NO_LICENSE.id,
    date_captured: isoUtc(frame.atMs),
    camera_id: frame.cameraId,
    frame_id: frame.frameId,
  };
}

function boxesOf(
  { sight, width, height }: CocoPicture,
  ids: ReadonlyMap<string, number>,
): Omit<CocoAnnotation, "id" | "image_id">[] {
  if (sight === undefined) return [];
  return sight.detections.flatMap(({ class: name, score, box }) => {
    const category = ids.get(name);
    const bbox = inPixels(box, { width, height });
    // A box outside the picture is none.
    if (category === undefined || bbox[2] <= 0 || bbox[3] <= 0) return [];
    return [{
      category_id: category,
      bbox,
      area: rounded(bbox[2] * bbox[3]),
      iscrowd: 0 as const,
      segmentation: [] as const,
      score,
      seen_in_frame_id: sight.frameId,
      seen_later_ms: sight.laterMs,
    }];
  });
}

/** The part of a box that lies in the picture. */
function inPixels(
  box: Box,
  { width, height }: { readonly width: number; readonly height: number },
): CocoAnnotation["bbox"] {
  const within = (part: number) => Math.min(1, Math.max(0, part));
  const [left, top] = [within(box.x) * width, within(box.y) * height];
  const right = within(box.x + box.width) * width;
  const bottom = within(box.y + box.height) * height;
  return [rounded(left), rounded(top), rounded(right - left), rounded(bottom - top)];
}

function rounded(value: number): number {
  return Math.round(value * STEPS) / STEPS;
}
