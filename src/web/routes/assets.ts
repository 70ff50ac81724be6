/**
 * The page's files: read once at the start, served from memory, each under exactly
 * the path that the build gave it. Nothing of a request becomes a path of a file.
 *
 * In:   the folder that tools/build/page.ts writes, with its manifest.
 * Out:  routes for everybody; the page itself knows nothing before a log-in.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { logger } from "../../base/log.ts";
import type { WebApp } from "../needs.ts";
import { Problem } from "../problem.ts";

const log = logger("web");

export interface Asset {
  readonly contentType: string;
  readonly etag: string;
  /** Its name has a hash of its content: it is never another one. */
  readonly isImmutable: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer> | undefined;
}

/** By path: "/assets/main-4F2A91BC.js", and "/" for the page itself. */
export type Assets = ReadonlyMap<string, Asset>;

/** Where the page is; which part of it stands behind "#". */
const PAGE_PATHS: readonly string[] = ["/", "/login"];

/** The guide, where the build has made it. */
const GUIDE_PATH = "/docs";
const GUIDE_INDEX = "/docs/index.html";

/** What the server reads of the list that the build wrote. */
const manifestSchema = z.object({
  index: z.string(),
  files: z.array(z.object({
    path: z.string(),
    type: z.string(),
    gzip: z.object({ path: z.string() }).nullable(),
    isHashed: z.boolean(),
  })),
});

/** Reads the page's files. Where there are none, the page says so and the API works. */
export async function loadAssets(folder: string): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const text = await readManifest(join(folder, "manifest.json"));
  if (text === undefined) return assets;
  const manifest = manifestSchema.parse(JSON.parse(text));
  for (const { path, type, gzip, isHashed } of manifest.files) {
    const bytes = await Deno.readFile(join(folder, path));
    assets.set(path === manifest.index ? "/" : `/${path}`, {
      contentType: type,
      etag: `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`,
      isImmutable: isHashed,
      bytes,
      gzip: gzip === null ? undefined : await Deno.readFile(join(folder, gzip.path)),
    });
  }
  return assets;
}

async function readManifest(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    log.warning("The page is not there; ./dev build makes it, the API works without it");
    return undefined;
  }
}

/** The paths that are for everybody. */
export function assetPaths(assets: Assets): readonly string[] {
  const guide = assets.has(GUIDE_INDEX) ? [GUIDE_PATH] : [];
  return [...new Set([...PAGE_PATHS, ...guide, ...assets.keys()])];
}

export function addAssetRoutes(app: WebApp, { assets }: { readonly assets: Assets }): void {
  for (const path of assetPaths(assets)) {
    const asset = assets.get(placeOf(path));
    app.get(path, (context) => {
      if (asset === undefined) throw pageMissing();
      return answer(context.req.raw, asset);
    });
  }
}

/** The file that stands at a path. */
function placeOf(path: string): string {
  if (path === GUIDE_PATH) return GUIDE_INDEX;
  return PAGE_PATHS.includes(path) ? "/" : path;
}

function answer(request: Request, asset: Asset): Response {
  const { contentType, etag, isImmutable, bytes, gzip } = asset;
  const headers = new Headers({
    "content-type": contentType,
    etag,
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
  });
  const known = request.headers.get("if-none-match");
  if (known !== null && known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)) {
    return new Response(null, { status: 304, headers });
  }
  const isPacked = gzip !== undefined && takesGzip(request.headers.get("accept-encoding"));
  if (isPacked) headers.set("content-encoding", "gzip");
  const body = isPacked ? gzip : bytes;
  headers.set("content-length", String(body.length));
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

/** Whether "gzip" is among the encodings, and not ruled out by "q=0". */
function takesGzip(header: string | null): boolean {
  return (header ?? "").split(",").some((part) => {
    const [name, ...rest] = part.trim().toLowerCase().split(";").map((each) => each.trim());
    return name === "gzip" && !rest.some((each) => /^q=0(?:\.0*)?$/.test(each));
  });
}

function pageMissing(): Problem {
  return new Problem(404, "page-missing", "The page was not built into this program", {
    fix: ["run ./dev build, or use the API under /api/v1"],
  });
}
