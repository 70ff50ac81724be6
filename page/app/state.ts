/**
 * What several parts of the page look at: who is logged in, and the cameras with
 * their state, kept fresh by news.
 *
 * @module
 */

import { computed, effect, signal } from "@preact/signals";
import { getCameras, getSession } from "../api/calls.ts";
import { ApiProblem, whenLoggedOut } from "../api/http.ts";
import { isConnected, onNews, startNews, stopNews } from "../api/news_stream.ts";
import type { Camera, Role, Session } from "../api/types.ts";

/** Undefined until it is known, null without a log-in. */
export const session = signal<Session | null | undefined>(undefined);

/** Undefined until they have come for the first time. */
export const cameras = signal<readonly Camera[] | undefined>(undefined);

/** The server can't be reached, or failed; empty while all is well. */
export const trouble = signal("");

/** Ticks once a second, for what shows how long ago something was. */
export const nowMs = signal(Date.now());

const ROLES: readonly Role[] = ["viewer", "operator", "administrator"];

/** Whether who is logged in may do what takes this role. */
export function may(role: Role): boolean {
  const own = session.value?.role;
  return own !== undefined && ROLES.indexOf(own) >= ROLES.indexOf(role);
}

export const cameraNames = computed(() =>
  new Map(cameras.value?.map(({ id, name }) => [id, name]) ?? [])
);

export function cameraName(cameraId: string): string {
  return cameraNames.value.get(cameraId) ?? cameraId;
}

/** Cameras change seldom; their coverage and last recording, which no news tell, with time. */
const REFRESH_MS = 30_000;

/** Asks for the cameras. Failures show as trouble, and the next round may do better. */
export async function refreshCameras(): Promise<void> {
  try {
    cameras.value = await getCameras();
    trouble.value = "";
  } catch (error) {
    if (error instanceof ApiProblem && error.status !== 401) trouble.value = error.message;
  }
}

/** Finds out who is logged in, and follows the server as long as somebody is. */
export async function startState(): Promise<void> {
  whenLoggedOut(() => session.value = null);
  onNews((news) => {
    if (news.type !== "status") return;
    const fresh = new Map(news.cameras.map((camera) => [camera.id, camera]));
    cameras.value = cameras.value?.map((camera) => ({ ...camera, ...fresh.get(camera.id) }));
    // A stream has begun: what it is, and how it can be watched, the cameras' list tells.
    if (cameras.value?.some(({ state, stream }) => state === "recording" && stream === null)) {
      refreshSoon();
    }
  });
  setInterval(() => nowMs.value = Date.now(), 1000);
  setInterval(
    () => isIn() && document.visibilityState === "visible" && refreshCameras(),
    REFRESH_MS,
  );
  effect(() => {
    if (isIn()) startNews();
    else stopNews();
  });
  effect(() => {
    // Also after each loss: what was missed meanwhile is asked for.
    if (isIn() && isConnected.value) refreshCameras();
  });
  await recallSession();
}

let isSoon = false;

function refreshSoon(): void {
  if (isSoon) return;
  isSoon = true;
  setTimeout(() => {
    isSoon = false;
    if (isIn()) refreshCameras();
  }, 2_000);
}

function isIn(): boolean {
  return session.value?.mustChangePassword === false;
}

/** Asks who is logged in, until there is an answer. */
async function recallSession(): Promise<void> {
  try {
    session.value = await getSession();
    trouble.value = "";
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) {
      session.value = null;
      return;
    }
    trouble.value = error instanceof Error ? error.message : String(error);
    setTimeout(recallSession, 3_000);
  }
}
