/**
 * Where one is on the page, as the part of the address behind "#": the server
 * needs to know one path only, and a link keeps its meaning through a log-in.
 *
 * @module
 */

export type PageName =
  | "cameras"
  | "camera"
  | "together"
  | "events"
  | "exports"
  | "system"
  | "configuration"
  | "access"
  | "account";

const PAGE_NAMES: readonly string[] = [
  ...["cameras", "camera", "together", "events", "exports"],
  ...["system", "configuration", "access", "account"],
];

export interface Route {
  readonly page: PageName;
  /** What of it: a camera's id, or a part of the page. */
  readonly id: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

/** Reads `location.hash`. What is not known is the first page. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name = "", id = ""] = path.split("/", 2);
  return {
    page: PAGE_NAMES.includes(name) ? name as PageName : "cameras",
    id: id === "" ? undefined : decoded(id),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** Whether an address is of a place, whatever its query says. */
export function isAt(hash: string, page: PageName, id?: string): boolean {
  const at = readRoute(hash);
  return at.page === page && at.id === id;
}

/** The hash of a place; parts of the query that are undefined are left out. */
export function hashOf(
  page: PageName,
  id?: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const entries = Object.entries(query)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([name, value]) => [name, String(value)]);
  const text = new URLSearchParams(entries).toString();
  return `#/${page}${id === undefined ? "" : `/${encodeURIComponent(id)}`}${
    text === "" ? "" : `?${text}`
  }`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
