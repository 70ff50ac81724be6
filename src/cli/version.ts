/**
 * What the program is called here and which version it is.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };

export const VERSION: string = project.version;

/** How the program is started: by its name, or from the sources. */
export const PROGRAM: string = Deno.build.standalone ? "lookback" : "./dev lookback";
