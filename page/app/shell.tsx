/**
 * What is around every page: head with the way to the others, and the page itself.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import type { VNode } from "preact";
import { logOut } from "../api/calls.ts";
import { isConnected } from "../api/news_stream.ts";
import { Access } from "../pages/access.tsx";
import { Account } from "../pages/account.tsx";
import { CameraPage } from "../pages/camera.tsx";
import { Cameras } from "../pages/cameras.tsx";
import { Events } from "../pages/events.tsx";
import { Exports } from "../pages/exports.tsx";
import { System } from "../pages/system.tsx";
import { Together } from "../pages/together.tsx";
import { Icon, type IconName, Mark } from "./icons.tsx";
import { Lazy } from "./lazy.tsx";
import { notifyProblem } from "./notices.tsx";
import { route } from "./router.ts";
import { hashOf, type PageName } from "./routes.ts";
import { may, session, trouble } from "./state.ts";
import { type Theme, theme } from "./theme.ts";

interface Place {
  readonly page: PageName;
  readonly icon: IconName;
  readonly label: string;
  readonly for: "viewer" | "operator" | "administrator";
}

const PLACES: readonly Place[] = [
  { page: "cameras", icon: "cameras", label: "Cameras", for: "viewer" },
  { page: "together", icon: "together", label: "Together", for: "viewer" },
  { page: "events", icon: "events", label: "Events", for: "viewer" },
  { page: "exports", icon: "exports", label: "Exports", for: "operator" },
  { page: "system", icon: "system", label: "System", for: "viewer" },
  { page: "configuration", icon: "configuration", label: "Settings", for: "administrator" },
  { page: "access", icon: "access", label: "Access", for: "administrator" },
];

/** The settings bring a reader of YAML, as large as all the rest: it comes when it is needed. */
const Configuration = () => <Lazy load={() => import("../pages/configuration.tsx")} />;

const PAGES: Readonly<Record<PageName, () => VNode>> = {
  cameras: Cameras,
  camera: CameraPage,
  together: Together,
  events: Events,
  exports: Exports,
  system: System,
  configuration: Configuration,
  access: Access,
  account: Account,
};

export function Shell(): VNode {
  const { page, id } = route.value;
  const Page = PAGES[page];
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  // Who goes to another page by keyboard goes on from its top, not from where the link was.
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    scrollTo(0, 0);
  }, [page, id]);
  return (
    <>
      <a class="skip" href="#main" onClick={skipTo(main)}>To the content</a>
      <Head page={page} />
      <Trouble />
      <main id="main" ref={main} tabIndex={-1}>
        <Page key={page} />
      </main>
    </>
  );
}

/** The hash is the router's: the link moves the focus by itself. */
function skipTo(main: { readonly current: HTMLElement | null }) {
  return (event: Event) => {
    event.preventDefault();
    main.current?.focus();
  };
}

function Head({ page }: { readonly page: PageName }): VNode {
  const current = page === "camera" ? "cameras" : page;
  return (
    <header class="head">
      <a class="brand" href={hashOf("cameras")} aria-label="Lookback, to all cameras">
        <Mark />
        <span>Lookback</span>
      </a>
      <nav aria-label="Pages">
        {PLACES.filter((place) => may(place.for)).map(({ page, icon, label }) => (
          <a
            key={page}
            href={hashOf(page)}
            title={label}
            {...(page === current ? { "aria-current": "page" as const } : {})}
          >
            <Icon name={icon} />
            <span>{label}</span>
          </a>
        ))}
      </nav>
      <div class="head-end">
        <ThemeChoice />
        <a class="user" href={hashOf("account")} title="Your password">{session.value?.user}</a>
        <button type="button" class="bare" aria-label="Log out" title="Log out" onClick={leave}>
          <Icon name="leave" />
        </button>
      </div>
    </header>
  );
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = {
  system: "light",
  light: "dark",
  dark: "system",
};

function ThemeChoice(): VNode {
  const text = `Colours: ${theme.value === "system" ? "as the system" : theme.value}`;
  return (
    <button
      type="button"
      class="bare"
      aria-label={text}
      title={text}
      onClick={() => theme.value = NEXT_THEME[theme.value]}
    >
      <Icon name="theme" />
    </button>
  );
}

function Trouble(): VNode | null {
  const text = trouble.value !== ""
    ? trouble.value
    : isConnected.value
    ? ""
    : "No news from the server: trying again";
  return (
    <div class="trouble" role="status">
      {text !== "" && <p>{text}</p>}
    </div>
  );
}

async function leave(): Promise<void> {
  try {
    await logOut();
    session.value = null;
  } catch (error) {
    notifyProblem("Cannot log out", error);
  }
}
