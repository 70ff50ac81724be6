/**
 * Every call of the API that the page makes, by what it is for.
 *
 * @module
 */

import { apiUrl, call, request } from "./http.ts";
import type {
  AskedRange,
  AuditEntry,
  Camera,
  Case,
  ConfigFacts,
  ConfigMistake,
  Export,
  ExportPreview,
  ExportWish,
  LogLine,
  Role,
  SeenEvent,
  Session,
  Share,
  SystemFacts,
  Timeline,
  Token,
  User,
} from "./types.ts";

type Signal = AbortSignal | undefined;
const id = encodeURIComponent;
const withSignal = (signal: Signal) => signal === undefined ? {} : { signal };
const iso = (atMs: number) => new Date(atMs).toISOString();

// Session

export const getSession = (): Promise<Session> => call<Session>("GET", "/session");
export const logIn = (user: string, password: string): Promise<Session> =>
  call<Session>("POST", "/session", { body: { user, password } });
export const logOut = (): Promise<void> => call<void>("DELETE", "/session");
export const changePassword = (old: string, fresh: string): Promise<void> =>
  call<void>("POST", "/session/password", { body: { old, new: fresh } });

// Cameras

export async function getCameras(): Promise<readonly Camera[]> {
  return (await call<{ cameras: Camera[] }>("GET", "/cameras")).cameras;
}

export interface TimelineQuestion {
  readonly cameraId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly buckets: number;
}

export function getTimeline(question: TimelineQuestion, signal?: AbortSignal): Promise<Timeline> {
  const { cameraId, fromMs, toMs, buckets } = question;
  return call<Timeline>("GET", `/cameras/${id(cameraId)}/timeline`, {
    query: { from: fromMs, to: toMs, buckets },
    ...withSignal(signal),
  });
}

export const stillPath = (cameraId: string): string => `/cameras/${id(cameraId)}/still`;
export const stillUrl = (cameraId: string, atMs: number): string =>
  apiUrl(stillPath(cameraId), { at: Math.round(atMs) });
export const pictureUrl = (cameraId: string, atMs: number): string =>
  apiUrl(`/cameras/${id(cameraId)}/picture`, { at: Math.round(atMs) });
export const recordedUrl = (
  cameraId: string,
  fromMs: number,
  toMs: number,
  file = "recorded.m3u8",
): string =>
  apiUrl(`/cameras/${id(cameraId)}/${file}`, {
    from: Math.floor(fromMs),
    to: Math.ceil(toMs),
  });

// Events

export interface EventFilter {
  readonly camera?: string | undefined;
  readonly kind?: string | undefined;
  readonly class?: string | undefined;
  readonly zone?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit?: number | undefined;
}

export interface EventList {
  readonly events: readonly SeenEvent[];
  readonly isCut: boolean;
}

export const getEvents = (filter: EventFilter, signal?: AbortSignal): Promise<EventList> =>
  call<EventList>("GET", "/events", { query: { ...filter }, ...withSignal(signal) });
export const eventPictureUrl = (eventId: string, isCrop: boolean): string =>
  apiUrl(`/events/${id(eventId)}/picture`, { crop: isCrop ? "true" : undefined });

// Exports and cases

export const previewExport = (
  camera: string,
  range: AskedRange,
  signal?: AbortSignal,
): Promise<ExportPreview> =>
  call<ExportPreview>("POST", "/exports/preview", {
    body: { camera, ...range },
    ...withSignal(signal),
  });
export const startExport = (wish: ExportWish): Promise<Export> =>
  call<Export>("POST", "/exports", { body: wish });
export async function getExports(): Promise<readonly Export[]> {
  return (await call<{ exports: Export[] }>("GET", "/exports")).exports;
}
export const removeExport = (exportId: string): Promise<void> =>
  call<void>("DELETE", `/exports/${id(exportId)}`);
export const filmUrl = (exportId: string): string => apiUrl(`/exports/${id(exportId)}/film.mp4`);
export const receiptUrl = (exportId: string): string => apiUrl(`/exports/${id(exportId)}/receipt`);
export const getReceipt = (exportId: string): Promise<unknown> =>
  call<unknown>("GET", `/exports/${id(exportId)}/receipt`);

export interface CaseWish {
  readonly title: string;
  readonly cameras: readonly string[];
  readonly from: string;
  readonly to: string;
}
export const startCase = (wish: CaseWish): Promise<Case> =>
  call<Case>("POST", "/cases", { body: wish });
export async function getCases(): Promise<readonly Case[]> {
  return (await call<{ cases: Case[] }>("GET", "/cases")).cases;
}
export const caseUrl = (caseId: string): string => apiUrl(`/cases/${id(caseId)}/archive.zip`);

// Links for others

export interface ShareWish {
  readonly camera: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly expiresMs: number;
}
export const addShare = ({ camera, fromMs, toMs, expiresMs }: ShareWish): Promise<Share> =>
  call<Share>("POST", "/shares", {
    body: { camera, from: iso(fromMs), to: iso(toMs), expires: iso(expiresMs) },
  });
export async function getShares(): Promise<readonly Share[]> {
  return (await call<{ shares: Share[] }>("GET", "/shares")).shares;
}
export const removeShare = (shareId: string): Promise<void> =>
  call<void>("DELETE", `/shares/${id(shareId)}`);

// System

export const getSystem = (): Promise<SystemFacts> => call<SystemFacts>("GET", "/system");
export async function getLogs(
  level: string | undefined,
  limit: number,
): Promise<readonly LogLine[]> {
  const answer = await call<{ lines?: LogLine[]; logs?: LogLine[] } | LogLine[]>(
    "GET",
    "/system/logs",
    { query: { level, limit } },
  );
  return Array.isArray(answer) ? answer : answer.lines ?? answer.logs ?? [];
}
export async function getConfig(): Promise<ConfigFacts> {
  const answer = await request("GET", "/config");
  return { ...await answer.json(), etag: answer.headers.get("etag") ?? "" };
}
export const checkConfig = (
  yaml: string,
  signal?: AbortSignal,
): Promise<{ ok: boolean; mistakes: readonly ConfigMistake[] }> =>
  call<{ ok: boolean; mistakes: readonly ConfigMistake[] }>("POST", "/config/check", {
    body: { yaml },
    ...withSignal(signal),
  });

/** Refused where the file is not the one with this tag any more. */
export const applyConfig = (
  yaml: string,
  etag: string,
): Promise<{ text?: string } | undefined> =>
  call<{ text?: string } | undefined>("PUT", "/config", {
    body: { yaml },
    headers: { "if-match": etag },
  });

// Who may do what

export interface Grant {
  readonly name: string;
  readonly role: Role;
  readonly cameras: "all" | readonly string[];
}

export async function getUsers(): Promise<readonly User[]> {
  return (await call<{ users: User[] }>("GET", "/users")).users;
}
export const addUser = (grant: Grant): Promise<User & { password: string }> =>
  call<User & { password: string }>("POST", "/users", { body: grant });
export const changeUser = (name: string, change: Partial<Omit<Grant, "name">>): Promise<User> =>
  call<User>("PATCH", `/users/${id(name)}`, { body: change });
export const removeUser = (name: string): Promise<void> =>
  call<void>("DELETE", `/users/${id(name)}`);
export const resetPassword = (name: string): Promise<{ password: string }> =>
  call<{ password: string }>("POST", `/users/${id(name)}/password`, { body: {} });

export async function getTokens(): Promise<readonly Token[]> {
  return (await call<{ tokens: Token[] }>("GET", "/tokens")).tokens;
}
export const addToken = (
  grant: Grant & { readonly expires?: string },
): Promise<Token & { token: string }> =>
  call<Token & { token: string }>("POST", "/tokens", { body: grant });
export const removeToken = (tokenId: string): Promise<void> =>
  call<void>("DELETE", `/tokens/${id(tokenId)}`);

export async function getAudit(limit: number): Promise<readonly AuditEntry[]> {
  return (await call<{ entries: AuditEntry[] }>("GET", "/audit", { query: { limit } })).entries;
}
