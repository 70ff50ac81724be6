/**
 * Where the page lies that the web server hands out.
 *
 * In a module as deep as a room, because in the executable all modules are that deep
 * (tools/build/bundle.ts): from here the same words lead to the same place in both.
 *
 * @module
 */

import { join } from "node:path";

/** The page as tools/build/page.ts makes it; the executable has it at the same place. */
export const PAGE_FOLDER = join(import.meta.dirname ?? "", "..", "..", "dist", "page");
