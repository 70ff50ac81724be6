/**
 * Why something about users, tokens or shares is not done as asked. Routes make
 * problems of it, commands make operator errors of it.
 *
 * @module
 */

export type RefusalKind =
  | "invalid"
  | "unknown"
  | "exists"
  | "full"
  | "last-administrator"
  | "password-wrong"
  | "password-weak";

export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(readonly kind: RefusalKind, message: string) {
    super(message);
  }
}
