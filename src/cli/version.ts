/**
 * What the program is called here and which version it is.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { readBuildInfo } from "../host/build_info.ts";

/** The number alone, as receipts hold it. */
export const VERSION: string = project.version;

/** For `--version`: "lookback 0.1.0 (abc1234)", from the sources "lookback 0.1.0 (source)". */
export const VERSION_LINE = `lookback ${VERSION} (${readBuildInfo().commit})`;

/** How the program is started: by its name, or from the sources. */
export const PROGRAM: string = Deno.build.standalone ? "lookback" : "./dev lookback";
