import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { OperatorError } from "../../src/base/errors.ts";
import { type Child, runChild, startChild } from "../../src/host/process.ts";
import { stillThere, untilGone } from "../support/processes.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Starts a script of the shell. */
function startScript(script: string, onErrorLine?: (line: string) => void): Child {
  return startChild({
    command: "sh",
    args: ["-c", script],
    stdin: "piped",
    ...(onErrorLine === undefined ? {} : { onErrorLine }),
  });
}

/** Takes what a child has to say, so that it is not left open. */
async function readAll(child: Child): Promise<string> {
  return await new Response(child.stdout).text();
}

/** What a child has to say, piece by piece. */
function said(child: Child): ReadableStreamDefaultReader<string> {
  return child.stdout.pipeThrough(new TextDecoderStream()).getReader();
}

const isMissing = (error: Error) =>
  error instanceof OperatorError && error.code === "ffmpeg-not-found";

Deno.test("startChild() throws ffmpeg-not-found and names PATH when there is no such program", () => {
  const options = { command: "no-such-program", args: [] };
  throws(() => startChild(options), (error: OperatorError) => {
    ok(isMissing(error));
    deepStrictEqual(error.advice.found, { PATH: Deno.env.get("PATH") });
    return error.message === 'Cannot start "no-such-program": it is not on PATH';
  });
});

const NO_PROGRAMS = [
  { name: "a path where nothing is", mode: undefined },
  { name: "a file that may not be run", mode: 0o644 },
];

for (const { name, mode } of NO_PROGRAMS) {
  Deno.test(`startChild() throws ffmpeg-not-found for ${name}`, async () => {
    await using folder = await tempFolder();
    const command = `${folder.path}/ffmpeg`;
    if (mode !== undefined) await Deno.writeTextFile(command, "\x7fno program", { mode });
    throws(() => startChild({ command, args: [] }), isMissing);
  });
}

Deno.test("startChild() hands over output and exit code", async () => {
  const child = startScript("echo out; exit 7");
  strictEqual(await readAll(child), "out\n");
  deepStrictEqual(await child.ended, { code: 7, signal: null });
  await child.stdin.close();
});

Deno.test("startChild() gives every line of the error stream, the unfinished last one too", async () => {
  const lines: string[] = [];
  const script = String.raw`printf 'one\n\ntwo\rthree\r\nfo' >&2; printf 'ur' >&2`;
  const child = startScript(script, (line) => lines.push(line));
  await Promise.all([readAll(child), child.ended, child.stdin.close()]);
  deepStrictEqual(lines, ["one", "two", "three", "four"]);
  deepStrictEqual(child.errorTail(), lines);
});

Deno.test("errorTail() keeps the last twenty lines of a child that says much", async () => {
  const child = startScript("i=0; while [ $i -lt 500 ]; do echo line $i >&2; i=$((i+1)); done");
  await Promise.all([readAll(child), child.ended, child.stdin.close()]);
  deepStrictEqual(
    child.errorTail(),
    Array.from({ length: 20 }, (_, index) => `line ${480 + index}`),
  );
});

Deno.test("stop() lets a child end in its own way", async () => {
  const child = startScript("trap 'echo bye; exit 3' INT; echo ready; read line");
  const output = said(child);
  strictEqual((await output.read()).value, "ready\n");
  await child.stop(30_000);
  strictEqual((await output.read()).value, "bye\n");
  strictEqual((await output.read()).done, true);
  deepStrictEqual(await child.ended, { code: 3, signal: null });
  await child.stdin.abort();
});

Deno.test("stop() kills a child that does not end within the grace", async () => {
  const child = startScript("trap '' INT; echo ready; read line");
  const output = said(child);
  strictEqual((await output.read()).value, "ready\n");
  const startedAt = performance.now();
  await child.stop(100);
  const tookMs = performance.now() - startedAt;
  strictEqual((await child.ended).signal, "SIGKILL");
  ok(tookMs >= 99 && tookMs < 1_500, `${tookMs} ms are not the grace`);
  strictEqual((await output.read()).done, true);
  await child.stdin.abort();
});

Deno.test("stop() and kill() do nothing when the child has ended", async () => {
  const child = startScript("exit 0");
  await Promise.all([readAll(child), child.ended, child.stdin.close()]);
  child.kill();
  await child.stop(1_000);
  deepStrictEqual(await child.ended, { code: 0, signal: null });
});

Deno.test("startChild() keeps a child out of the terminal's process group", async () => {
  const child = startScript("cut -d ' ' -f 5 /proc/$$/stat");
  const group = Number(await readAll(child));
  await Promise.all([child.ended, child.stdin.close()]);
  strictEqual(group, child.pid);
});

Deno.test("startChild() ties a child to the Worker that started it, and leaves it alone until then", async () => {
  const worker = new Worker(new URL("../support/child_worker.ts", import.meta.url), {
    type: "module",
  });
  const pid = await new Promise<number>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
  });
  deepStrictEqual(await stillThere([pid]), [pid]);
  worker.terminate();
  ok(await untilGone([pid], 5_000) < 5_000);
});

Deno.test("runChild() collects output, error text and exit code", async () => {
  const args = ["-c", "echo out; echo bad >&2; exit 5"];
  const { code, stdout, errorTail } = await runChild({ command: "sh", args });
  deepStrictEqual([code, new TextDecoder().decode(stdout), errorTail], [5, "out\n", ["bad"]]);
});

Deno.test("runChild() feeds a child more than a pipe holds while it reads what comes back", async () => {
  const sent = new Uint8Array(500_000).fill(0x61);
  const { code, stdout } = await runChild({
    command: "cat",
    args: [],
    onStdin: (stdin) => new Blob([sent]).stream().pipeTo(stdin),
  });
  deepStrictEqual([code, stdout.length], [0, sent.length]);
});

Deno.test("runChild() kills the child when its signal is aborted", async () => {
  const aborting = new AbortController();
  const running = runChild({
    command: "sh",
    args: ["-c", "echo ready >&2; exec sleep 60"],
    signal: aborting.signal,
    onErrorLine: () => aborting.abort(),
  });
  ok((await running).code !== 0);
});

Deno.test("runChild() kills the child at once when its signal was aborted before", async () => {
  const options = { command: "sleep", args: ["60"], signal: AbortSignal.abort() };
  ok((await runChild(options)).code !== 0);
});

Deno.test("runChild() throws ffmpeg-not-found when there is no such program", async () => {
  await rejects(runChild({ command: "/no/such/program", args: [] }), isMissing);
});
