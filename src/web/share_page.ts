/**
 * What somebody sees who was given a link: a film, when and where it was, how to
 * save it. HTML without a script, readable in any browser.
 *
 * Pure.
 *
 * @module
 */

export interface SharePageFacts {
  readonly cameraName: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly expiresMs: number;
  readonly filmUrl: string;
}

export const SHARE_STYLE =
  `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
video { display: block; width: 100%; max-height: 80vh; background: black; border-radius: .5rem; }
h1 { font-size: 1.25rem; }
a { color: LinkText; }
`;

export function sharePage(facts: SharePageFacts): string {
  const { cameraName, fromMs, toMs, expiresMs, filmUrl } = facts;
  const title = `${cameraName}, ${instant(fromMs)}`;
  return page(
    title,
    `<h1>${escaped(cameraName)}</h1>
<video controls playsinline preload="metadata" src="${escaped(filmUrl)}"></video>
<p>${instant(fromMs)} to ${instant(toMs)}</p>
<p><a href="${escaped(filmUrl)}" download>Save the film</a></p>
<p><small>This link works until ${instant(expiresMs)}.</small></p>`,
  );
}

export const GONE_PAGE: string = page(
  "Link not valid",
  `<h1>This link is not valid</h1>
<p>It has expired, was taken back, or was not copied whole. Ask whoever sent it for another one.</p>`,
);

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="/share.css">
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** "2026-11-21 20:57:09 UTC": whoever reads it may be in any zone. */
function instant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
