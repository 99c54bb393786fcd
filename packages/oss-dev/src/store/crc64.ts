/** CRC-64/XZ, the checksum in `x-oss-hash-crc64ecma`; `digest` returns an unsigned decimal. Continues from that of `previous` bytes. */
export function createCrc64(previous = '0'): { update(chunk: Uint8Array): void; digest(): string } {
  const { low, high } = (tables ??= buildTables());
  let lo = ~Number(BigInt(previous) & 0xffffffffn);
  let hi = ~Number(BigInt(previous) >> 32n);
  return {
    update(chunk) {
      const whole = chunk.length - (chunk.length % 4);
      let at = 0;
      // Slicing-by-4: four bytes shift out the low half, and the high half replaces it.
      for (; at < whole; at += 4) {
        const a = (lo ^ byte(chunk, at)) & 255;
        const b = ((lo >>> 8) ^ byte(chunk, at + 1)) & 255;
        const c = ((lo >>> 16) ^ byte(chunk, at + 2)) & 255;
        const d = ((lo >>> 24) ^ byte(chunk, at + 3)) & 255;
        lo = hi ^ word(low, 768 + a) ^ word(low, 512 + b) ^ word(low, 256 + c) ^ word(low, d);
        hi = word(high, 768 + a) ^ word(high, 512 + b) ^ word(high, 256 + c) ^ word(high, d);
      }
      for (; at < chunk.length; at++) {
        const index = (lo ^ byte(chunk, at)) & 255;
        lo = ((lo >>> 8) | (hi << 24)) ^ word(low, index);
        hi = (hi >>> 8) ^ word(high, index);
      }
    },
    digest: () => ((BigInt(~hi >>> 0) << 32n) | BigInt(~lo >>> 0)).toString(),
  };
}

type Tables = { low: Int32Array; high: Int32Array };
let tables: Tables | undefined;

/** Entry `256 * n + b`: the CRC of byte b followed by n zero bytes. Reflected polynomial: 0xC96C5795D7870F42. */
function buildTables(): Tables {
  const low = new Int32Array(1024);
  const high = new Int32Array(1024);
  for (let index = 0; index < 1024; index++) {
    let lo = index < 256 ? index : word(low, index - 256);
    let hi = index < 256 ? 0 : word(high, index - 256);
    for (let bit = 0; bit < 8; bit++) {
      const carry = lo & 1;
      lo = (lo >>> 1) | (hi << 31);
      hi >>>= 1;
      if (carry) {
        lo ^= 0xd7870f42;
        hi ^= 0xc96c5795;
      }
    }
    low[index] = lo;
    high[index] = hi;
  }
  return { low, high };
}

const byte = (bytes: Uint8Array, at: number) => bytes[at] as number;
const word = (words: Int32Array, at: number) => words[at] as number;
