import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fill, unknownPlaceholders } from "../../src/alert/template.ts";

Deno.test("fill() fills in once, and keeps control characters out", () => {
  const filling = {
    camera: "{class}",
    class: "a\0b\nc",
    zone: "",
    time: "",
    rule: "",
    priority: "",
    kind: "",
  };
  strictEqual(fill("{camera} {class} {zone}{x} {", filling), "{class} a b c {x} {");
  deepStrictEqual(unknownPlaceholders("{camera} {Camera} {x} {} { y }"), ["{Camera}", "{x}"]);
});
