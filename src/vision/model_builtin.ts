/**
 * The model that the executable carries: SSD with MobileNetV2, 300 x 300 pixels,
 * trained on Open Images V4. tools/build/model.ts makes its file.
 *
 * @module
 */

import { OPEN_IMAGES_CLASSES } from "./class_names.ts";
import type { ModelDescription } from "./model_description.ts";

/** Its graph takes the bytes of a picture and prepares them itself. */
export const BUILTIN_MODEL: ModelDescription = {
  input: {
    name: "rgb",
    width: 300,
    height: 300,
    layout: "nhwc",
    order: "rgb",
    type: "uint8",
    mean: [0, 0, 0],
    std: [1, 1, 1],
    // It was trained on distorted pictures: with bars it finds less.
    fit: "stretch",
  },
  decoder: "ssd",
  outputs: ["boxes", "classes"],
  labels: OPEN_IMAGES_CLASSES,
  // People that are none reached 0.45 for a picture or two on the clips that it was tried on, and
  // people reached 0.51 in half of their pictures; what lasts is decided by the tracker.
  scores: { default: 0.38, byClass: {} },
};
