/** Encodes a text in GB18030, which Node can only decode. Half of a surrogate pair becomes `?`. */
export function encodeGb18030(text: string): Buffer {
  codes ??= readCodes();
  const bytes = Buffer.allocUnsafe(4 * text.length);
  let end = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code =
      point < 0x80 ? point : point < FIRST_BEYOND ? codes[point] : codeAt(point - FIRST_BEYOND + BEYOND);
    if (code === undefined || (code === 0 && point !== 0)) end = bytes.writeUInt8(0x3f, end);
    else if (code < 0x80) end = bytes.writeUInt8(code, end);
    else end = code < 0x10000 ? bytes.writeUInt16BE(code, end) : bytes.writeUInt32BE(code, end);
  }
  return bytes.subarray(0, end);
}

/** The codes of the first 65,536 characters; 0 without one. */
let codes: Uint32Array | undefined;

const FIRST_BEYOND = 0x10000;
/** The number of the four-byte code of the first character beyond 65,536. */
const BEYOND = 189_000;
/** Four-byte codes of the characters below it. */
const FOUR_BYTE_CODES = 39_420;

/** The four-byte code with a number. */
function codeAt(number: number): number {
  const [fourth, a] = [number % 10, Math.floor(number / 10)];
  const [third, b] = [a % 126, Math.floor(a / 126)];
  const [second, first] = [b % 10, Math.floor(b / 10)];
  return Buffer.from([0x81 + first, 0x30 + second, 0x81 + third, 0x30 + fourth]).readUInt32BE();
}

/** Decodes every code, each followed by a line feed, which is part of none. */
function readCodes(): Uint32Array {
  const all = Array.from({ length: FOUR_BYTE_CODES }, (_, number) => codeAt(number));
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) all.push(lead * 0x100 + trail);
  const bytes = Buffer.concat(all.map((code) => Buffer.from(`${code.toString(16)}0a`, 'hex')));
  const found = new Uint32Array(FIRST_BEYOND);
  // Codes of two bytes come last, and replace those of four.
  for (const [i, character] of new TextDecoder('gb18030').decode(bytes).split('\n').entries())
    if (character.length === 1 && character !== '\ufffd') found[character.charCodeAt(0)] = all[i] ?? 0;
  return found;
}
