/** Bytes of a key frame before its first partition (RFC 6386 9.1). */
const FRAME_HEADER_BYTES = 10;

/** The quantizer indexes, 0 to 127, of the segments of a VP8 key frame (RFC 6386 9.2 to 9.6 and 19.2). */
export function readQuantizers(frame: Buffer): number[] {
  const read = openBools(frame.subarray(FRAME_HEADER_BYTES));
  const flag = () => read(1) === 1;
  const optional = (bits: number) => (flag() ? signed(bits) : 0);
  const signed = (bits: number) => {
    const value = read(bits);
    return flag() ? -value : value;
  };
  // Colour space and clamping.
  read(2);
  let segments: number[] = [];
  let isAbsolute = false;
  if (flag()) {
    const updatesMap = flag();
    if (flag()) {
      isAbsolute = flag();
      segments = [0, 0, 0, 0].map(() => optional(7));
      for (let i = 0; i < 4; i++) optional(6);
    }
    if (updatesMap) for (let i = 0; i < 3; i++) if (flag()) read(8);
  }
  // Loop filter: type, level and sharpness.
  read(10);
  if (flag() && flag()) for (let i = 0; i < 8; i++) optional(6);
  // Partitions.
  read(2);
  const base = read(7);
  if (segments.length === 0) return [base];
  return segments.map((value) => (isAbsolute ? value : base + value));
}

/** The boolean decoder with probability one half, which all these fields use (RFC 6386 7.3). */
function openBools(data: Buffer): (bits: number) => number {
  let at = 2;
  let value = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
  let range = 255;
  let shifts = 0;
  const readBool = () => {
    const split = 1 + (((range - 1) * 128) >> 8);
    const isSet = value >= split << 8;
    if (isSet) {
      range -= split;
      value -= split << 8;
    } else range = split;
    while (range < 128) {
      value <<= 1;
      range <<= 1;
      if (++shifts === 8) {
        shifts = 0;
        value |= data[at++] ?? 0;
      }
    }
    return isSet ? 1 : 0;
  };
  return (bits) => {
    let number = 0;
    for (let i = 0; i < bits; i++) number = (number << 1) | readBool();
    return number;
  };
}
