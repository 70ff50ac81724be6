import { strictEqual } from "node:assert/strict";
import { decoderWords } from "../../src/media/decoder_words.ts";

const PICTURES = ["#software: Lavf", "0,  3600,  3600,  1,  345600, 0x1234abcd"];

Deno.test("decoderWords() finds the newest line that tells of no picture", () => {
  const said = ["moov atom not found", "Invalid data found"];
  strictEqual(decoderWords([...said, ...PICTURES]), "Invalid data found");
  strictEqual(decoderWords(PICTURES), undefined);
});
