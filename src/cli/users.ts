/**
 * `lookback users`: who may log in to the page. Works beside a running server, which
 * notices within a second, and where nobody can log in any more.
 *
 * @module
 */

import { Argument, Command, Option } from "commander";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/errors.ts";
import { isoUtc, unixMs } from "../base/units.ts";
import { accessFile } from "../web/access/access.ts";
import { withoutUser, withPassword, withUser } from "../web/access/accounts.ts";
import { AuditTrail } from "../web/access/audit_trail.ts";
import { recordOf } from "../web/access/passwords.ts";
import type { AccessData } from "../web/access/records.ts";
import { Refusal } from "../web/access/refusal.ts";
import { newPassword } from "../web/access/secret_texts.ts";
import { type Role, ROLES } from "../web/needs.ts";
import { settingsToRead, type SharedOptions, withShared } from "./context.ts";
import { note, print, printJson } from "./terminal.ts";

interface UserFlags extends SharedOptions {
  readonly role: Role;
  readonly camera?: readonly string[];
  readonly json?: boolean;
}

export function usersCommand(): Command {
  return new Command("users")
    .description("who may log in to the page")
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(removeCommand())
    .addCommand(passwordCommand())
    .addHelpText("after", "\nExample:\n  lookback users add anna --role operator");
}

function listCommand(): Command {
  const command = new Command("list")
    .description("show the users, their roles and their cameras")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback users list").action(list);
}

function addCommand(): Command {
  const command = new Command("add")
    .description("add a user; prints a password, to be changed at the first log-in")
    .addArgument(userArgument())
    .addOption(
      new Option("--role <role>", "what the user may do").choices(ROLES).default("viewer"),
    )
    .option("--camera <id...>", "only these cameras (default: all)")
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback users add anna --role viewer --camera front yard")
    .action(add);
}

function removeCommand(): Command {
  const command = new Command("remove")
    .description("remove a user; ends the user's log-ins and shares")
    .addArgument(userArgument())
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback users remove anna").action(remove);
}

function passwordCommand(): Command {
  const command = new Command("password")
    .description("give a user a new password, to be changed at the next log-in")
    .addArgument(userArgument())
    .option("--json", "print JSON for programs");
  return withShared(command, "lookback users password admin").action(givePassword);
}

function userArgument(): Argument {
  return new Argument("<name>", "name that the user logs in with");
}

async function list(flags: UserFlags): Promise<void> {
  const { root } = await settingsToRead(flags);
  const file = accessFile(root);
  await file.refresh();
  const users = file.value.users.map(({ name, role, cameras, mustChangePassword, createdMs }) => ({
    ...{ name, role, cameras, mustChangePassword, created: isoUtc(unixMs(createdMs)) },
  }));
  if (flags.json) return printJson({ users });
  if (users.length === 0) print("no users; the first start of the page makes an administrator");
  for (const { name, role, cameras, mustChangePassword } of users) {
    const which = cameras === "all" ? "all cameras" : cameras.join(", ") || "no camera";
    const first = mustChangePassword ? ", has to set a password" : "";
    print(`${name}: ${role}, ${which}${first}`);
  }
}

async function add(typed: string, flags: UserFlags): Promise<void> {
  const name = typed.toLowerCase();
  const { role, camera } = flags;
  const text = newPassword();
  const password = await recordOf(text);
  const cameras = camera === undefined ? "all" as const : camera;
  const createdMs = systemClock.now();
  await change(
    flags,
    { action: "user-added", name },
    (data) => withUser(data, { name, role, cameras, password, createdMs }),
  );
  tellPassword(flags, { name, password: text });
  await noteUnknown(flags, camera ?? []);
}

/** Not refused: a camera may come later, or be gone and still have footage. */
async function noteUnknown(flags: UserFlags, cameras: readonly string[]): Promise<void> {
  const known = (await settingsToRead(flags)).cameras.map(({ id }) => id);
  const unknown = cameras.filter((id) => !known.includes(id));
  if (unknown.length > 0) note(`the settings have no camera ${unknown.join(", ")}`);
}

async function remove(typed: string, flags: UserFlags): Promise<void> {
  const name = typed.toLowerCase();
  await change(flags, { action: "user-removed", name }, (data) => withoutUser(data, name));
  if (flags.json) printJson({ removed: name });
  else print(`removed ${name}`);
}

async function givePassword(typed: string, flags: UserFlags): Promise<void> {
  const name = typed.toLowerCase();
  const text = newPassword();
  const password = await recordOf(text);
  await change(
    flags,
    { action: "password-given", name },
    (data) => withPassword(data, name, { password, mustChange: true }),
  );
  tellPassword(flags, { name, password: text });
}

function tellPassword(
  flags: UserFlags,
  { name, password }: { readonly name: string; readonly password: string },
): void {
  if (flags.json) return printJson({ name, password });
  print(password);
  note(`"${name}" logs in with this password once and then sets another one`);
}

/** Changes the accounts and writes it down. */
async function change(
  flags: SharedOptions,
  { action, name }: { readonly action: string; readonly name: string },
  apply: (data: AccessData) => AccessData,
): Promise<void> {
  const { root } = await settingsToRead(flags);
  try {
    await accessFile(root).change(apply);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new OperatorError("user-invalid", error.message, {
      fix: ["see the users there are: lookback users list"],
    });
  }
  const audit = new AuditTrail({ folder: join(root, "data"), clock: systemClock });
  audit.note({ actor: "console", action, subject: `user:${name}`, detail: "" });
  await audit.flush();
}
