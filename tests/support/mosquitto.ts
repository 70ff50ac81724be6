/**
 * A real Mosquitto on loopback, and its tools, for tests: with a password file, with
 * TLS where it is asked for, and a memory of its own in the test's folder.
 *
 * @module
 */

import { join } from "node:path";
import { until } from "./until.ts";

export const USER = "lookback";
export const PASSWORD = "hunter2";

/** A message as mosquitto_sub prints it. */
export interface Heard {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: string;
}

export interface BrokerOptions {
  /** Folder for its configuration and its memory. */
  readonly folder: string;
  /** Lines for its configuration, behind the usual ones. */
  readonly extra?: readonly string[];
  readonly scheme?: "mqtt" | "mqtts" | "ws" | "wss";
  /** By default one that is free. */
  readonly port?: number;
  /** False lets everybody in. */
  readonly hasPassword?: boolean;
}

export interface Broker extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  /** Ends it; `SIGTERM` lets it write down what it knows. */
  stop(signal?: Deno.Signal): Promise<void>;
}

/** A port that nobody listens at, a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a broker; resolves when it listens. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { folder, scheme = "mqtt", port = freePort(), hasPassword = true } = options;
  const memory = join(folder, "broker");
  await Deno.mkdir(memory, { recursive: true });
  const passwords = join(memory, "passwords");
  if (hasPassword) await run("mosquitto_passwd", ["-b", "-c", passwords, USER, PASSWORD]);
  const config = join(memory, "mosquitto.conf");
  await Deno.writeTextFile(
    config,
    [
      // As root it would become another user, who may not enter the test's folder.
      ...(Deno.uid() === 0 ? ["user root"] : []),
      // Debian's 2.0.11 ends when it listens for nothing but WebSockets.
      ...(scheme.startsWith("ws") ? [`listener ${freePort()} 127.0.0.1`] : []),
      `listener ${port} 127.0.0.1`,
      ...(scheme.startsWith("ws") ? ["protocol websockets"] : []),
      ...(hasPassword ? ["allow_anonymous false", `password_file ${passwords}`] : [
        "allow_anonymous true",
      ]),
      "persistence true",
      `persistence_location ${memory}/`,
      "max_queued_messages 20000",
      ...(options.extra ?? []),
      "",
    ].join("\n"),
  );
  const child = new Deno.Command("mosquitto", {
    args: ["-c", config],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let hasEnded = false;
  const ended = child.status.then(() => hasEnded = true);
  await until(async () => {
    if (hasEnded) throw new Error(`The broker ended: ${await errors}`);
    return await isListening(port);
  }, { limitMs: 10_000, what: "the broker" });
  const stop = async (signal: Deno.Signal = "SIGTERM") => {
    if (!hasEnded) child.kill(signal);
    await ended;
    await errors;
  };
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    folder,
    stop,
    [Symbol.asyncDispose]: () => stop("SIGKILL"),
  };
}

async function isListening(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** Arguments of the tools for a broker: where it is, and as whom. */
function reach({ port }: Pick<Broker, "port">, extra: readonly string[]): string[] {
  return ["-h", "127.0.0.1", "-p", `${port}`, "-u", USER, "-P", PASSWORD, ...extra];
}

export interface Listener extends AsyncDisposable {
  readonly heard: readonly Heard[];
  /** Resolves with the first message, heard or to come, that is so. */
  first(isSo: (message: Heard) => boolean, what: string, limitMs?: number): Promise<Heard>;
}

/** mosquitto_sub, from the moment on that it listens. */
export async function listenTo(
  broker: Pick<Broker, "port">,
  { topics, flags = [], clientId }: {
    readonly topics: readonly string[];
    readonly flags?: readonly string[];
    /** Keeps its session: what comes while it is away is not lost. */
    readonly clientId?: string;
  },
): Promise<Listener> {
  const ready = `listening/${crypto.randomUUID()}`;
  const child = new Deno.Command("mosquitto_sub", {
    args: [
      ...reach(broker, flags),
      ...(clientId === undefined ? [] : ["-i", clientId, "-c"]),
      ...["-q", "2", "-F", "%t\t%q\t%r\t%x"],
      ...[...topics, ready].flatMap((topic) => ["-t", topic]),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const heard: Heard[] = [];
  let isReady = false;
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const message = parse(line);
        if (message.topic === ready) isReady = true;
        else heard.push(message);
      }
    }
  })();
  const listener: Listener = {
    heard,
    async first(isSo, what, limitMs = 15_000) {
      let found: Heard | undefined;
      await until(() => (found = heard.find(isSo)) !== undefined, { limitMs, what });
      return found!;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await reading;
    },
  };
  // Said until it is heard: then all that was subscribed to is. Of the highest quality, because
  // what is kept of that quality takes more steps, and comes in its order.
  await until(async () => {
    if (!isReady) await say(broker, { topic: ready, payload: "", qos: 2, flags });
    return isReady;
  }, { limitMs: 10_000, what: "mosquitto_sub" });
  return listener;
}

/** mosquitto_pub: one message. */
export async function say(
  broker: Pick<Broker, "port">,
  { topic, payload, qos = 1, flags = [] }: {
    readonly topic: string;
    readonly payload: string;
    readonly qos?: number;
    readonly flags?: readonly string[];
  },
): Promise<void> {
  const args = [...reach(broker, flags), "-t", topic, "-q", `${qos}`, "-m", payload];
  await run("mosquitto_pub", args);
}

function parse(line: string): Heard {
  const [topic = "", qos, retain, hex = ""] = line.split("\t");
  const payload = new TextDecoder().decode(Uint8Array.fromHex(hex));
  return { topic, qos: Number(qos), retain: retain === "1", payload };
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`"${command}" failed: ${new TextDecoder().decode(stderr)}`);
}
