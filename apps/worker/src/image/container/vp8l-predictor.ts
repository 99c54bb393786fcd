/** Signature, width, height, alpha and version (RFC 9649 3.4). */
const HEADER_BYTES = 5;
/** A transform is present, and its type is the subtraction of green or the predictor (RFC 9649 4). */
const [SUBTRACT_GREEN, PREDICTOR] = [0b101, 0b001];

/** The side of the blocks, as a power of two, that each have a predictor in a VP8L image; null without predictors. */
export function readPredictorBits(image: Buffer): number | null {
  if (image.length < HEADER_BYTES + 2) return null;
  let bits = image.readUInt16LE(HEADER_BYTES);
  if ((bits & 0b111) === SUBTRACT_GREEN) bits >>= 3;
  return (bits & 0b111) === PREDICTOR ? ((bits >> 3) & 0b111) + 2 : null;
}
