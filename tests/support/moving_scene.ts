/**
 * A camera's picture in which something moves, and a service that says what it is.
 *
 * @module
 */

import { runFfmpeg } from "./clips.ts";
import { pause } from "./pause.ts";

/** Frames per second of the scene; a key frame each second. */
export const SCENE_FPS = 25;

/**
 * Makes a clip of a still scene with the noise of a sensor, 640x360. A white thing
 * goes through it.
 *
 * @param options `x`: where the thing is, in pixels, as an expression of ffmpeg's with the time
 * `t`; below -100 it is out of the picture.
 */
export async function makeMovingScene(
  path: string,
  options: { readonly seconds: number; readonly x: string },
): Promise<void> {
  await runFfmpeg([
    ...["-f", "lavfi", "-i", "testsrc=size=640x360:rate=1:duration=1"],
    ...["-f", "lavfi", "-i", `color=white:size=70x130:rate=${SCENE_FPS}`, "-filter_complex"],
    `[0]loop=-1:1,fps=${SCENE_FPS},eq=contrast=0.3,noise=alls=4:allf=t[scene];` +
    `[scene][1]overlay=x='${options.x}':y=150`,
    ...["-frames:v", `${options.seconds * SCENE_FPS}`, "-c:v", "libx264"],
    ...["-preset", "ultrafast", "-g", `${SCENE_FPS}`, "-pix_fmt", "yuv420p", "-y", path],
  ]);
}

/** A service that sees a person in every picture. */
export interface SeeingService extends AsyncDisposable {
  readonly url: string;
  /** The camera of each picture that it was asked about, and how the picture began. */
  readonly asked: readonly string[];
}

/** @param options `delayMs`: how long it takes for a picture. */
export function startSeeingService(
  options: { readonly delayMs?: number } = {},
): SeeingService {
  const asked: string[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const form = await request.formData();
      const frame = new Uint8Array(await (form.get("frame") as File).arrayBuffer());
      const head = [...frame.subarray(0, 2)].map((byte) => byte.toString(16)).join("");
      asked.push(`${form.get("cameraId")} ${head}`);
      await pause(options.delayMs ?? 0);
      // A little further to the right each time: what never moves is part of the scene.
      const box = { x: 0.02 * (asked.length % 45), y: 0.4, width: 0.1, height: 0.35 };
      return Response.json({ detections: [{ class: "person", confidence: 0.8, ...box }] });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/detect`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
