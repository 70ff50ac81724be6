/**
 * The object detector's files for tests that run a model: made by the build's own
 * step where they are not there yet, which needs the npm registry.
 *
 * @module
 */

import { DETECTOR_FILES } from "../../src/vision/native_library.ts";
import { makeDetector } from "../../tools/build/model.ts";

export type DetectorFiles =
  | { readonly isThere: true; readonly bindingPath: string; readonly modelPath: string }
  | { readonly isThere: false };

/** The files, or word on the error stream why the tests that need them are left out. */
export async function detectorFiles(): Promise<DetectorFiles> {
  try {
    const folder = await makeDetector(Deno.build.target, () => {});
    return {
      isThere: true,
      bindingPath: `${folder}/${DETECTOR_FILES.binding}`,
      modelPath: `${folder}/${DETECTOR_FILES.model}`,
    };
  } catch (error) {
    // deno-lint-ignore no-console -- a test that is left out says why
    console.error(`tests of the object detector are left out: ${error}`);
    return { isThere: false };
  }
}
