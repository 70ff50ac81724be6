/**
 * A real terminal whose screen becomes a picture: tmux keeps it, a browser draws it.
 *
 * In:   a command, keys to type.
 * Out:  the screen as text with colours, and as HTML.
 *
 * @module
 */

/** Size of the screen. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** How long a text may take to appear, in milliseconds. */
const LIMIT_MS = 60_000;

/** Between two looks at the screen, which nothing but a look tells to have changed. */
const LOOK_EVERY_MS = 200;

export class Terminal implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Starts a command in a folder. */
  static async start(
    command: string,
    options: {
      readonly size: ScreenSize;
      readonly cwd: string;
      readonly env: Record<string, string>;
    },
  ): Promise<Terminal> {
    const terminal = new Terminal(`lookback-${crypto.randomUUID()}`);
    const { columns, rows } = options.size;
    const env = Object.entries(options.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    await terminal.#tmux([
      ...["-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`],
      ...["-c", options.cwd, ...env, `${command}; sleep 600`],
    ]);
    return terminal;
  }

  /** Waits until the screen shows a text. */
  async shows(pattern: RegExp): Promise<void> {
    const endMs = Date.now() + LIMIT_MS;
    let screen = "";
    while (Date.now() < endMs) {
      screen = await this.#tmux(["capture-pane", "-p"]);
      if (pattern.test(screen)) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    throw new Error(`The terminal never showed ${pattern}, but:\n${screen}`);
  }

  /** Types a line and presses Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux(["send-keys", "-l", text]);
    await this.#tmux(["send-keys", "Enter"]);
  }

  /** The screen with its colours as escape sequences, without empty lines at its end. */
  async screen(): Promise<string> {
    return (await this.#tmux(["capture-pane", "-p", "-e", "-N"])).trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux(["kill-server"]);
  }

  async #tmux(args: readonly string[]): Promise<string> {
    const command = new Deno.Command("tmux", {
      args: ["-L", this.#socket, ...args],
      env: { LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
    });
    const { success, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (!success) throw new Error(`tmux ${args[0]} failed: ${text(stderr)}`);
    return text(stdout);
  }
}

const COLOURS = [
  ...["#3b4252", "#bf4b55", "#5f9e58", "#c79a3f", "#4f83b8", "#9a6ea8", "#3f9aa0", "#d8dee9"],
  ...["#6b7385", "#d9646e", "#7fbf77", "#e0b95c", "#6ea3d8", "#b98ac7", "#5cb8be", "#f4f6f9"],
] as const;

interface Look {
  readonly colour: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

const PLAIN: Look = { colour: undefined, isBold: false, isDim: false };

/** A screen as a page that looks like a terminal's window. */
export function terminalPage(screen: string, title: string): string {
  const lines = screen.split("\n").map(lineHtml).join("\n");
  return `<style>body{margin:0;background:#fff}
.window{display:inline-block;margin:0;border-radius:10px;overflow:hidden;background:#1b222c;border:1px solid #0f141b}
.bar{background:#2a333f;color:#9aa5b1;font:13px "Liberation Sans",Arial,sans-serif;padding:8px 14px;text-align:center}
.bar i{float:left;width:11px;height:11px;border-radius:50%;margin:2px 7px 0 0;background:#4a5563}
pre{margin:0;padding:14px 18px 16px;color:#dfe5ec;font:14px/1.42 "DejaVu Sans Mono","Liberation Mono",monospace}
b{color:#fff}</style><div class="window"><div class="bar"><i></i><i></i><i></i>${
    escaped(title)
  }</div><pre>${lines}</pre></div>`;
}

/** What begins a change of colours. */
const ESCAPE = "\u001b";

function lineHtml(line: string): string {
  let look = PLAIN;
  const parts = line.trimEnd().split(new RegExp(`${ESCAPE}\\[([\\d;:]*)m`));
  return parts.map((part, index) => {
    if (index % 2 === 1) {
      look = looked(look, part);
      return "";
    }
    if (part === "") return "";
    const style = [
      ...(look.colour === undefined ? [] : [`color:${look.colour}`]),
      ...(look.isBold ? ["font-weight:bold"] : []),
      ...(look.isDim ? ["opacity:.6"] : []),
    ].join(";");
    return style === "" ? escaped(part) : `<span style="${style}">${escaped(part)}</span>`;
  }).join("");
}

/** What an escape sequence changes. */
function looked(look: Look, sequence: string): Look {
  const codes = sequence === "" ? [0] : sequence.split(/[;:]/).map(Number);
  let now = look;
  for (const code of codes) {
    if (code === 0) now = PLAIN;
    else if (code === 1) now = { ...now, isBold: true };
    else if (code === 2) now = { ...now, isDim: true };
    else if (code === 22) now = { ...now, isBold: false, isDim: false };
    else if (code === 39) now = { ...now, colour: undefined };
    else if (code >= 30 && code <= 37) now = { ...now, colour: COLOURS[code - 30] };
    else if (code >= 90 && code <= 97) now = { ...now, colour: COLOURS[code - 82] };
  }
  return now;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
