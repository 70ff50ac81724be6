import { deepStrictEqual, ok } from "node:assert/strict";
import { tiedCommand } from "../../src/host/tied_command.ts";

const PROGRAM = { command: "/bin/sh", args: ["-c", 'echo $$ "$1"; exit 7', "--", "a b"] };

Deno.test({
  name:
    "tiedCommand() puts setpriv in front and leaves the program its id, arguments and exit code",
  // This machine may have no setpriv, or another one.
  ignore: tiedCommand(PROGRAM) === PROGRAM,
  fn: async () => {
    const { command, args } = tiedCommand(PROGRAM);
    const child = new Deno.Command(command, { args: [...args], stdout: "piped" }).spawn();
    const { pid } = child;
    const { code, stdout } = await child.output();
    deepStrictEqual([code, new TextDecoder().decode(stdout)], [7, `${pid} a b\n`]);
  },
});

Deno.test("tiedCommand() looks for setpriv once: a second call takes no process", () => {
  tiedCommand({ command: "/bin/true", args: [] });
  const startedAt = performance.now();
  for (let count = 0; count < 1_000; count += 1) tiedCommand({ command: "/bin/true", args: [] });
  ok(performance.now() - startedAt < 500);
});
