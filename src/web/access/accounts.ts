/**
 * Changes of users, tokens and shares, as functions from what is kept to what is
 * kept then. Pure; whoever calls them has the lock of the file (kept_file.ts).
 *
 * @module
 */

import { hasRole, maySee, type Role } from "../needs.ts";
import type { PasswordRecord } from "./passwords.ts";
import type { AccessData, Share, Token, User } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { newId } from "./secret_texts.ts";

const MOST_USERS = 500;
const MOST_TOKENS = 500;
const MOST_SHARES = 1_000;

export const USER_NAME_PATTERN = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

export const USER_NAME_NEED =
  'a lower-case letter or digit, then up to 63 of them or ".", "_", "@", "-"';

/** What a user or token may do. */
export interface Rights {
  readonly role: Role;
  readonly cameras: "all" | readonly string[];
}

export function userNamed(data: AccessData, name: string): User {
  const user = data.users.find((each) => each.name === name);
  if (user === undefined) throw new Refusal("unknown", `There is no user "${name}"`);
  return user;
}

export function withUser(
  data: AccessData,
  user: Rights & {
    readonly name: string;
    readonly password: PasswordRecord;
    readonly createdMs: number;
  },
): AccessData {
  const { name, role, cameras, password, createdMs } = user;
  if (!USER_NAME_PATTERN.test(name)) {
    throw new Refusal("invalid", `"${name}" can't be a user's name: need ${USER_NAME_NEED}`);
  }
  if (data.users.some((each) => each.name === name)) {
    throw new Refusal("exists", `There is a user "${name}" already`);
  }
  refuseFull(data.users, MOST_USERS, "users");
  refuseOddRights(user);
  const added = {
    ...{ name, role, cameras: listed(cameras), password, createdMs },
    mustChangePassword: true,
    stamp: newId(),
  };
  return { ...data, users: [...data.users, added] };
}

/** Other rights; ends the log-ins of the user. */
export function withRights(
  data: AccessData,
  name: string,
  rights: { readonly [Key in keyof Rights]?: Rights[Key] | undefined },
): AccessData {
  const before = userNamed(data, name);
  const role = rights.role ?? before.role;
  const cameras = listed(rights.cameras ?? before.cameras);
  refuseOddRights({ role, cameras });
  return replaceUser(data, { ...before, role, cameras, stamp: newId() });
}

/** Another password; ends the log-ins of the user. */
export function withPassword(
  data: AccessData,
  name: string,
  { password, mustChange }: { readonly password: PasswordRecord; readonly mustChange: boolean },
): AccessData {
  const before = userNamed(data, name);
  return replaceUser(data, {
    ...before,
    password,
    mustChangePassword: mustChange,
    stamp: newId(),
  });
}

/** The same password, kept with other parameters: nothing else changes. */
export function withRehashed(
  data: AccessData,
  before: User,
  password: PasswordRecord,
): AccessData {
  // Somebody may have set another one meanwhile.
  if (!data.users.some((each) => each.stamp === before.stamp)) return data;
  return replaceUser(data, { ...before, password });
}

/** Without the user, the log-ins and the shares that it made. */
export function withoutUser(data: AccessData, name: string): AccessData {
  userNamed(data, name);
  const rest = {
    ...data,
    users: data.users.filter((each) => each.name !== name),
    shares: data.shares.filter(({ by, byKind }) => byKind !== "user" || by !== name),
  };
  refuseNoAdministrator(data, rest);
  return rest;
}

export function withToken(data: AccessData, token: Token): AccessData {
  refuseFull(data.tokens, MOST_TOKENS, "tokens");
  refuseOddRights(token);
  return { ...data, tokens: [...data.tokens, token] };
}

/** Without the token, and the shares that it made. */
export function withoutToken(data: AccessData, tokenId: string): AccessData {
  const rest = data.tokens.filter(({ id }) => id !== tokenId);
  if (rest.length === data.tokens.length) {
    throw new Refusal("unknown", `There is no token "${tokenId}"`);
  }
  const shares = data.shares.filter(({ by, byKind }) => byKind !== "token" || by !== tokenId);
  return { ...data, tokens: rest, shares };
}

/** With the share; those that have run out go. */
export function withShare(data: AccessData, share: Share): AccessData {
  const current = data.shares.filter(({ expiresMs }) => expiresMs > share.createdMs);
  refuseFull(current, MOST_SHARES, "shares");
  return { ...data, shares: [...current, share] };
}

export function withoutShare(data: AccessData, shareId: string): AccessData {
  const rest = data.shares.filter(({ id }) => id !== shareId);
  if (rest.length === data.shares.length) {
    throw new Refusal("unknown", `There is no share "${shareId}"`);
  }
  return { ...data, shares: rest };
}

/** Whether whoever made a share still may show what it shows. */
export function isBacked(data: AccessData, share: Share, nowMs: number): boolean {
  const maker = share.byKind === "user"
    ? data.users.find(({ name }) => name === share.by)
    : data.tokens.find(({ id, expiresMs }) =>
      id === share.by && (expiresMs === null || expiresMs > nowMs)
    );
  return maker !== undefined && hasRole(maker, "operator") && maySee(maker, share.cameraId);
}

function replaceUser(data: AccessData, user: User): AccessData {
  const users = data.users.map((each) => each.name === user.name ? user : each);
  const changed = { ...data, users };
  refuseNoAdministrator(data, changed);
  return changed;
}

function listed(cameras: Rights["cameras"]): "all" | string[] {
  return cameras === "all" ? "all" : [...new Set(cameras)];
}

/** An administrator could give itself all cameras: a shorter list would only pretend. */
function refuseOddRights({ role, cameras }: Rights): void {
  if (role !== "administrator" || cameras === "all") return;
  throw new Refusal("invalid", 'An administrator has "all" cameras');
}

function refuseFull(list: readonly unknown[], most: number, what: string): void {
  if (list.length >= most) {
    throw new Refusal("full", `There are ${most} ${what}, the most possible`);
  }
}

/** Before the first start of the page there may be none yet. */
function refuseNoAdministrator(before: AccessData, after: AccessData): void {
  if (!hasAdministrator(before) || hasAdministrator(after)) return;
  throw new Refusal("last-administrator", "There must be a user with the role administrator");
}

export function hasAdministrator({ users }: AccessData): boolean {
  return users.some(({ role }) => role === "administrator");
}
