/** Colour models (TIFF 6.0, PhotometricInterpretation). */
export const PHOTOMETRIC = { grey: 1, rgb: 2, cmyk: 5 };

const [SHORT, LONG] = [3, 4];

/** Makes an uncompressed TIFF with 8 bits per sample and one or two channels beside the colours. */
export function makeTiff(
  { width, height }: { width: number; height: number },
  photometric: number,
  samples: Buffer,
): Buffer {
  const channels = samples.length / (width * height);
  const own = photometric === PHOTOMETRIC.cmyk ? 4 : photometric === PHOTOMETRIC.rgb ? 3 : 1;
  const entries = (bitsAt: number, dataAt: number) => [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, bitsAt],
    [262, SHORT, 1, photometric],
    [273, LONG, 1, dataAt],
    [277, SHORT, 1, channels],
    [279, LONG, 1, samples.length],
    [338, SHORT, channels - own, 0],
  ];
  const bitsAt = 8 + 2 + entries(0, 0).length * 12 + 4;
  const dataAt = bitsAt + channels * 2;
  const file = Buffer.alloc(dataAt);
  file.write('II*\0\x08', 0, 'latin1');
  const all = entries(bitsAt, dataAt);
  file.writeUInt16LE(all.length, 8);
  for (const [i, [tag = 0, type = 0, count = 0, value = 0]] of all.entries()) {
    const at = 10 + i * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  for (let i = 0; i < channels; i++) file.writeUInt16LE(8, bitsAt + i * 2);
  return Buffer.concat([file, samples]);
}
