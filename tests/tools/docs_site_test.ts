import { deepStrictEqual, match, ok } from "node:assert/strict";
import { makeSite } from "../../tools/docs/site.ts";
import { drawDiagram } from "../../tools/docs/diagram.ts";
import { DIAGRAMS } from "../../tools/docs/diagrams.ts";
import { faultsOf } from "../../tools/docs/check_docx.ts";
import { stepsOf } from "../../tools/guide_test.ts";

const TOP = new URL("../../", import.meta.url).pathname;

Deno.test("makeSite() gives pages whose links all lead to files and headings of the site", async () => {
  const site = await makeSite(TOP);
  const texts = new Map(site.map(({ path, bytes }) => [
    `/${path}`,
    path.endsWith(".html") ? new TextDecoder().decode(bytes) : "",
  ]));
  ok(texts.has("/docs/index.html") && texts.has("/docs/guide/install.html"));
  const broken = [...texts].flatMap(([page, text]) =>
    [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]!)
      .filter((target) => !/^(?:https?:|\/$)/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split("#", 2);
        const file = texts.get(path === "" ? page : path!);
        return file === undefined || anchor !== undefined && !file.includes(`id="${anchor}"`);
      })
      .map((target) => `${page}: ${target}`)
  );
  deepStrictEqual(broken, []);
});

Deno.test("makeSite() has no script and nothing that is inline, which the page's policy forbids", async () => {
  const html = (await makeSite(TOP)).filter(({ path }) => path.endsWith(".html"));
  const wrong = html.filter(({ bytes }) =>
    /<script|<style| style="| on\w+="/.test(new TextDecoder().decode(bytes))
  );
  deepStrictEqual(wrong.map(({ path }) => path), []);
});

Deno.test("drawDiagram() draws every box and every arrow of each diagram", () => {
  for (const diagram of DIAGRAMS) {
    const svg = drawDiagram(diagram);
    match(svg, /^<svg .*<\/svg>\s*$/s);
    deepStrictEqual(svg.match(/<line /g)?.length, diagram.arrows.length);
    for (const { text } of diagram.boxes) ok(svg.includes(text[0]!.replaceAll("&", "&amp;")));
    ok(!svg.includes("NaN"));
  }
});

Deno.test("faultsOf() names too few pages and pictures, and a chapter that the contents lack", () => {
  const text = "Contents\n1 What it is ........ 5\n2 Install it\n";
  deepStrictEqual(faultsOf({ pages: 3, pictures: 1, text }, ["What it is", "Install it"]), [
    "3 pages, need at least 30",
    "1 pictures, need at least 10",
    'the contents lack "Install it" with its page',
  ]);
});

Deno.test("stepsOf() takes what a reader on a new box types, and the answers to it", () => {
  const page = "```sh\na\n```\n```text answers\nx\n\n```\n```sh demo\nb\n```\n" +
    "```text answers\ny\n```\n```sh norun: no\nc\n```\n```sh box wait: 7 seconds\nd\n```\n";
  deepStrictEqual(stepsOf(page), [
    { script: "a", answers: "x\n\n\n\n", waitSeconds: 0 },
    { script: "d", answers: "", waitSeconds: 7 },
  ]);
});
