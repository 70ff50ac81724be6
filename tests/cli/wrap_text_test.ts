import { deepStrictEqual } from "node:assert/strict";
import { wrapText } from "../../src/cli/wrap_text.ts";

const WRAPPED = [
  { name: "leaves a short text alone", text: "it is well", width: 10, want: ["it is well"] },
  { name: "breaks at blanks", text: "it is not well", width: 9, want: ["it is not", "well"] },
  {
    name: "gives a long word a line of its own",
    text: "see /var/lib/lookback now",
    width: 5,
    want: ["see", "/var/lib/lookback", "now"],
  },
  { name: "has a line for nothing", text: "", width: 5, want: [""] },
] as const;

for (const { name, text, width, want } of WRAPPED) {
  Deno.test(`wrapText() ${name}`, () => deepStrictEqual(wrapText(text, width), want));
}
