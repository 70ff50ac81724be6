/**
 * What is kept of users, tokens, shares and log-ins: the shapes of data/access.json
 * and data/sessions.json. No secret is in them, only hashes.
 *
 * @module
 */

import * as z from "zod";
import { ROLES } from "../needs.ts";
import { passwordRecordSchema } from "./passwords.ts";

const instant = z.int().min(0);
const hash = z.string().regex(/^[\da-f]{64}$/);
const id = z.string().regex(/^[\da-f]{16}$/);

/** Ids of cameras, or all that there are and will be. */
const cameras = z.union([z.literal("all"), z.array(z.string())]);

const userSchema = z.strictObject({
  name: z.string(),
  role: z.enum(ROLES),
  cameras,
  password: passwordRecordSchema,
  /** The password was given by somebody else. */
  mustChangePassword: z.boolean(),
  /** Another one after each change of rights or password: log-ins before it have ended. */
  stamp: id,
  createdMs: instant,
});

const tokenSchema = z.strictObject({
  id,
  name: z.string(),
  role: z.enum(ROLES),
  cameras,
  hash,
  createdMs: instant,
  expiresMs: instant.nullable(),
  by: z.string(),
});

const shareSchema = z.strictObject({
  id,
  hash,
  cameraId: z.string(),
  fromMs: instant,
  toMs: instant,
  expiresMs: instant,
  createdMs: instant,
  /** The user, or the token, that made it: without the right to do so it ends. */
  by: z.string(),
  byKind: z.enum(["user", "token"]),
});

export const accessSchema = z.strictObject({
  version: z.literal(1),
  users: z.array(userSchema),
  tokens: z.array(tokenSchema),
  shares: z.array(shareSchema),
});

const sessionSchema = z.strictObject({
  hash,
  user: z.string(),
  stamp: id,
  createdMs: instant,
  expiresMs: instant,
});

export const sessionsSchema = z.strictObject({
  version: z.literal(1),
  sessions: z.array(sessionSchema),
});

export type User = Readonly<z.infer<typeof userSchema>>;
export type Token = Readonly<z.infer<typeof tokenSchema>>;
export type Share = Readonly<z.infer<typeof shareSchema>>;
export type KeptSession = Readonly<z.infer<typeof sessionSchema>>;

export interface AccessData {
  readonly version: 1;
  readonly users: readonly User[];
  readonly tokens: readonly Token[];
  readonly shares: readonly Share[];
}

export const NO_ACCESS: AccessData = { version: 1, users: [], tokens: [], shares: [] };
