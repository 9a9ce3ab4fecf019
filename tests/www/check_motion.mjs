import assert from "node:assert/strict";
import test from "node:test";
import { isAnimated } from "../../www/motion.js";

const bytes = (...parts) => Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : [part])));
const webp = (chunk, flags) => bytes("RIFF", 0, 0, 0, 0, "WEBP", chunk, 10, 0, 0, 0, flags, 0, 0, 0);
const avif = (length, ...brands) => bytes(0, 0, 0, length, "ftyp", brands[0], 0, 0, 0, 0, ...brands.slice(1));
const chunk = (type, length) => [0, 0, length >> 8, length & 255, type, "\0".repeat(length + 4)];
const png = (...chunks) => bytes(0x89, "PNG\r\n\x1a\n", ...chunks.flat());

const cases = [
  ["an animated WebP", "image/webp", webp("VP8X", 0x12), true],
  ["a WebP with transparency", "image/webp", webp("VP8X", 0x10), false],
  ["a simple WebP", "image/webp", webp("VP8 ", 0x02), false],
  ["an AVIF sequence by its own brand", "image/avif", avif(20, "avis", "mif1"), true],
  ["an AVIF sequence by a compatible brand", "image/avif", avif(24, "avif", "mif1", "avis"), true],
  ["a still AVIF", "image/avif", avif(24, "avif", "mif1", "miaf"), false],
  ["a brand beyond the box", "image/avif", avif(20, "avif", "mif1", "avis"), false],
  ["an empty file", "image/avif", bytes(), false],
  ["an animated PNG", "image/png", png(chunk("IHDR", 13), chunk("iCCP", 300), chunk("acTL", 8), chunk("IDAT", 9)), true],
  ["a PNG", "image/png", png(chunk("IHDR", 13), chunk("gAMA", 4), chunk("IDAT", 9), chunk("acTL", 8)), false],
  ["a PNG whose picture begins later", "image/png", png(chunk("IHDR", 13), chunk("iCCP", 60000)).subarray(0, 4096), false],
  ["a PNG that is cut off", "image/png", bytes(0x89, "PNG", 13, 10, 26, 10, 0, 0), false],
  ["a GIF", "image/gif", bytes(), true],
  ["a JPEG", "image/jpeg", bytes(0xff, 0xd8), false],
];

for (const [what, type, head, moves] of cases)
  test(`${what} is ${moves ? "animated" : "still"}`, () => assert.equal(isAnimated(type, head), moves));
