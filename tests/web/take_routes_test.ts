import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { unixMs } from "../../src/base/units.ts";
import type {
  CaseFacts,
  EventFacts,
  EventQuestion,
  ExportFacts,
  ExportWish,
  SystemFacts,
  WebParts,
} from "../../src/web/doors.ts";
import { seenBy } from "../../src/web/routes/system.ts";
import { type Asker, door, webWorld } from "./web_world.ts";

const WINDOW = { fromMs: unixMs(1_000), toMs: unixMs(2_000) };

const ASKED: ExportFacts = {
  exportId: "export-0123456789abcdef",
  cameraId: "front",
  window: WINDOW,
  state: "waiting",
  progress: 0,
  error: null,
  file: null,
  bytes: null,
  createdMs: unixMs(3_000),
  by: "test",
  caseId: null,
};

const HIDDEN: ExportFacts = { ...ASKED, exportId: "film-0123456789abcdef", cameraId: "yard" };

const SEEN: EventFacts = {
  eventId: "front-1-1",
  kind: "object_detected",
  class: "person",
  cameraId: "front",
  startMs: unixMs(1_000),
  endMs: null,
  score: 0.5,
  zones: [],
  crossings: [],
  hasPicture: true,
  cause: null,
  detail: null,
  boxes: [],
};

function post(ask: Asker, path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Status and code of a problem. */
async function problem(response: Response): Promise<readonly [number, string]> {
  return [response.status, (await response.json()).code];
}

Deno.test("the routes of exports ask for films of cameras that the asker may see, and of no others", async () => {
  const wishes: ExportWish[] = [];
  const removed: string[] = [];
  const exports = door<WebParts["exports"]>("exports", {
    start: (wish) => Promise.resolve((wishes.push(wish), ASKED)),
    list: () => Promise.resolve([ASKED, HIDDEN]),
    get: (id) => Promise.resolve([ASKED, HIDDEN].find(({ exportId }) => exportId === id)),
    film: () => Promise.resolve(undefined),
    remove: (id) => Promise.resolve(removed.push(id) > 0),
  });
  await using world = await webWorld({ doors: { exports } });
  const ask = await world.as("operator", ["front"]);
  const words = { camera: "front", at: "yesterday 14:05", duration: "1m30s" };
  const asked = await post(ask, "/api/v1/exports", { ...words, overlay: ["clock"] });
  strictEqual(asked.status, 202);
  strictEqual((await asked.json()).from, "1970-01-01T00:00:01.000Z");
  deepStrictEqual(wishes, [{
    cameraId: "front",
    mode: "exact",
    gaps: "join",
    overlay: ["clock"],
    range: { at: "yesterday 14:05", duration: "1m30s" },
  }]);
  const list = await (await ask("/api/v1/exports")).json();
  deepStrictEqual(list.exports.map(({ id }: { id: string }) => id), [ASKED.exportId]);
  const REFUSED = [
    [{ ...words, camera: "yard" }, 404, "camera-unknown"],
    [{ camera: "front", from: "2000", to: "1000" }, 400, "window-invalid"],
    [{ camera: "front", from: "0", to: "9999999999" }, 400, "window-invalid"],
    [{ ...words, mode: "best" }, 400, "request-invalid"],
    [{ ...words, file: "/etc/passwd" }, 400, "request-invalid"],
  ] as const;
  for (const [body, status, code] of REFUSED) {
    deepStrictEqual(await problem(await post(ask, "/api/v1/exports", body)), [status, code]);
  }
  const film = await ask(`/api/v1/exports/${ASKED.exportId}/film.mp4`);
  deepStrictEqual(await problem(film), [409, "export-unfinished"]);
  for (const method of ["GET", "DELETE"]) {
    const hidden = await ask(`/api/v1/exports/${HIDDEN.exportId}`, { method });
    deepStrictEqual(await problem(hidden), [404, "export-unknown"]);
  }
  const gone = await ask(`/api/v1/exports/${ASKED.exportId}`, { method: "DELETE" });
  deepStrictEqual([gone.status, removed], [204, [ASKED.exportId]]);
});

Deno.test("the routes of cases hide a case from those who may not see all of its cameras", async () => {
  const facts: Omit<CaseFacts, "exports"> & { exports: CaseFacts["exports"] } = {
    caseId: "case-0123456789abcdef",
    title: "Parcel",
    window: WINDOW,
    createdMs: unixMs(3_000),
    by: "test",
    state: "running",
    exports: [ASKED, HIDDEN],
  };
  const exports = door<WebParts["exports"]>("exports", {
    cases: () => [facts],
    case: (id) => id === facts.caseId ? facts : undefined,
    caseArchive: () => Promise.resolve(undefined),
  });
  await using world = await webWorld({ doors: { exports } });
  const limited = await world.as("operator", ["front"]);
  deepStrictEqual(await (await limited("/api/v1/cases")).json(), { cases: [] });
  facts.exports = [];
  deepStrictEqual(await (await limited("/api/v1/cases")).json(), { cases: [] }, "exports are gone");
  facts.exports = [ASKED, HIDDEN];
  const hidden = await limited(`/api/v1/cases/${facts.caseId}/archive.zip`);
  deepStrictEqual(await problem(hidden), [404, "case-unknown"]);
  const ask = await world.as("operator");
  strictEqual((await (await ask("/api/v1/cases")).json()).cases.length, 1);
  const early = await ask(`/api/v1/cases/${facts.caseId}/archive.zip`);
  deepStrictEqual(await problem(early), [409, "case-unfinished"]);
  const twice = { title: "x", cameras: ["front", "front"], from: "0", to: "1000" };
  deepStrictEqual(await problem(await post(ask, "/api/v1/cases", twice)), [400, "request-invalid"]);
});

Deno.test("seenBy() keeps others' cameras from a viewer, also those that the settings no longer have", () => {
  const [ok, fault] = ["ok", "fault"] as const;
  const facts = {
    root: "/srv/lookback",
    cameras: [{ cameraId: "front" }, { cameraId: "yard" }],
    vision: [{ cameraId: "yard" }],
    health: [
      { component: "camera front", state: fault, detail: "camera-unreachable" },
      { component: "camera yard", state: ok, detail: "" },
      { component: "camera gone", state: fault, detail: "camera-unreachable" },
      { component: "disk", state: fault, detail: "less than promised: gone" },
      { component: "alerts mail", state: fault, detail: "yard: no answer" },
    ],
  } as unknown as SystemFacts;
  const actor = { kind: "user", name: "anna", mustChangePassword: false, grantId: "x" } as const;
  const limited = seenBy({ ...actor, role: "viewer", cameras: ["front"] }, facts);
  deepStrictEqual(
    [limited.root, limited.cameras, limited.vision, limited.health],
    [null, [{ cameraId: "front" }], [], [
      { component: "camera front", state: fault, detail: "camera-unreachable" },
      { component: "disk", state: fault, detail: "" },
      { component: "alerts mail", state: fault, detail: "" },
    ]],
  );
  deepStrictEqual(seenBy({ ...actor, role: "administrator", cameras: "all" }, facts), facts);
});

Deno.test("the routes of events look at cameras that the asker may see, and give pictures by id", async () => {
  const questions: EventQuestion[] = [];
  const events = door<WebParts["events"]>("events", {
    list: (question) => {
      questions.push(question);
      return Promise.resolve({ events: [SEEN], isCut: true });
    },
    get: (id) => Promise.resolve(id === SEEN.eventId ? SEEN : undefined),
    picture: (_, part) => Promise.resolve(part === "crop" ? undefined : new Uint8Array([255, 216])),
  });
  await using world = await webWorld({ doors: { events } });
  const ask = await world.as("viewer", ["front"]);
  const listed = await (await ask("/api/v1/events?class=person&limit=5")).json();
  deepStrictEqual([listed.events[0].id, listed.events[0].to, listed.isCut], [
    "front-1-1",
    null,
    true,
  ]);
  deepStrictEqual([questions[0]?.cameraIds, questions[0]?.limit], [["front"], 5]);
  deepStrictEqual(await problem(await ask("/api/v1/events?camera=yard")), [404, "camera-unknown"]);
  const picture = await ask("/api/v1/events/front-1-1/picture");
  deepStrictEqual([...await picture.bytes()], [255, 216]);
  const crop = await ask("/api/v1/events/front-1-1/picture?crop=true");
  deepStrictEqual(await problem(crop), [404, "picture-missing"]);
  const other = await (await world.as("viewer", ["yard"]))("/api/v1/events/front-1-1");
  deepStrictEqual(await problem(other), [404, "event-unknown"]);
});

Deno.test("PUT /api/v1/config applies what has no mistake, and tells each mistake otherwise", async () => {
  const applied: string[] = [];
  const mistake = { line: 2, column: 3, key: "cameras[0].id", message: "need letters" };
  const system = door<WebParts["system"]>("system", {
    isReady: () => true,
    applyConfig: (yaml, ifMatch) => {
      if (ifMatch !== '"1"') return Promise.resolve({ kind: "changed-meanwhile" });
      if (yaml === "wrong") return Promise.resolve({ kind: "wrong", mistakes: [mistake] });
      applied.push(yaml);
      return Promise.resolve({ kind: "applied", text: "1 started" });
    },
  });
  await using world = await webWorld({ doors: { system } });
  const ask = await world.as("administrator");
  const put = (yaml: string, named: Readonly<Record<string, string>> = { "if-match": '"1"' }) =>
    ask("/api/v1/config", {
      method: "PUT",
      headers: { "content-type": "application/json", ...named },
      body: JSON.stringify({ yaml }),
    });
  deepStrictEqual(await problem(await put("right", {})), [428, "if-match-missing"]);
  deepStrictEqual(await problem(await put("right", { "if-match": '"2"' })), [
    ...[412, "config-changed"],
  ]);
  const refused = await put("wrong");
  const { code, fix } = await refused.json();
  deepStrictEqual([refused.status, code, fix, applied], [
    ...[422, "config-invalid"],
    ["line 2, column 3: cameras[0].id need letters"],
    [],
  ]);
  deepStrictEqual(await (await put("right")).json(), { text: "1 started" });
  deepStrictEqual(applied, ["right"]);
  const audit = await (await ask("/api/v1/audit")).json();
  deepStrictEqual(audit.entries[0].action, "config-changed");
});
