/**
 * Fetches the player's library when it is first needed: it is larger than the rest
 * of the page.
 *
 * @module
 */

import type Hls from "hls.js";
import type { HlsConfig } from "hls.js";

/** What every use of it has in common. */
const hlsSettings: Partial<HlsConfig> = {
  // A worker made from text is what the page's Content-Security-Policy refuses; fragments of
  // MP4 need no repackaging, which is what the worker is for.
  enableWorker: false,
  // Recorded footage has no subtitles to look for.
  enableWebVTT: false,
  enableIMSC1: false,
  enableCEA708Captions: false,
};

export interface HlsKit {
  readonly Hls: typeof Hls;
  readonly hlsSettings: Partial<HlsConfig>;
}

export async function loadHls(): Promise<HlsKit> {
  // Without subtitles and encryption, which cameras have not. It has no types of its own.
  const { default: loaded }: { default: typeof Hls } = await import("hls.js/light");
  return { Hls: loaded, hlsSettings };
}
