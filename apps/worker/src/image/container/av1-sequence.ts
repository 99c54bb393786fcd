export interface SequenceColour {
  primaries: number;
  transfer: number;
  isFullRange: boolean;
  isMonochrome: boolean;
}

const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const UNSPECIFIED = 2;

/**
 * Reads the colour from the sequence header at the start of AV1 data (AV1 5.3, 5.5); null without a header, or if it
 * describes the timing of a video.
 */
export function readSequenceColour(data: Buffer): SequenceColour | null {
  const type = ((data[0] ?? 0) >> 3) & 15;
  // Each is shorter than 128 bytes, so its size takes one byte.
  const start = 1 + (((data[0] ?? 0) >> 2) & 1) + (((data[0] ?? 0) >> 1) & 1);
  if (type === TEMPORAL_DELIMITER) return readSequenceColour(data.subarray(start));
  if (type !== SEQUENCE_HEADER) return null;
  const read = bitReader(data.subarray(start));
  const profile = read(3);
  return skipToColour(read) ? readColour(read, profile) : null;
}

type ReadBits = (count: number) => number;

/** Bits past the end are 0. */
function bitReader(bytes: Buffer): ReadBits {
  let at = 0;
  return (count) => {
    let value = 0;
    for (const end = at + count; at < end; at++)
      value = value * 2 + (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
}

/** Skips the fields between the profile and the colour; false if it cannot. */
function skipToColour(read: ReadBits): boolean {
  read(1);
  const isReduced = read(1) === 1;
  if (isReduced) read(5);
  else if (!skipOperatingPoints(read)) return false;
  const widthBits = read(4) + 1;
  const heightBits = read(4) + 1;
  read(widthBits + heightBits);
  if (!isReduced && read(1) === 1) read(7);
  read(3);
  if (!isReduced) skipVideoTools(read);
  read(3);
  return true;
}

function skipOperatingPoints(read: ReadBits): boolean {
  const hasTiming = read(1) === 1;
  const hasDelay = read(1) === 1;
  if (hasTiming) return false;
  for (let points = read(5) + 1; points > 0; points--) {
    read(12);
    if (read(5) > 7) read(1);
    if (hasDelay && read(1) === 1) read(4);
  }
  return true;
}

function skipVideoTools(read: ReadBits): void {
  read(4);
  const hasOrderHint = read(1) === 1;
  if (hasOrderHint) read(2);
  const forcesScreenTools = read(1) === 1 ? 2 : read(1);
  if (forcesScreenTools > 0 && read(1) === 0) read(1);
  if (hasOrderHint) read(3);
}

function readColour(read: ReadBits, profile: number): SequenceColour {
  const isHighDepth = read(1) === 1;
  if (profile === 2 && isHighDepth) read(1);
  const isMonochrome = profile !== 1 && read(1) === 1;
  const [primaries, transfer, matrix] =
    read(1) === 1 ? [read(8), read(8), read(8)] : [UNSPECIFIED, UNSPECIFIED, UNSPECIFIED];
  const isSrgb = primaries === 1 && transfer === 13 && matrix === 0;
  return { primaries, transfer, isMonochrome, isFullRange: (isSrgb && !isMonochrome) || read(1) === 1 };
}
