/** Rows of the matrix from linear RGB to XYZ (D50). */
export type Matrix = readonly [readonly number[], readonly number[], readonly number[]];

export interface RgbColour {
  /** ASCII only. */
  name: string;
  matrix: Matrix;
  /** Maps a stored value to linear light, both 0 to 1. */
  toLinear: (value: number) => number;
}

/** Makes a matrix/TRC profile with one curve for all channels (ICC.1:2001-04 6.3.1.2). */
export function makeRgbProfile({ name, matrix, toLinear }: RgbColour, copyright = 'none'): Buffer {
  const column = (i: number) => xyz(matrix.map((row) => row[i] ?? 0));
  const trc = curve(toLinear);
  const tags: [string, Buffer][] = [
    ['desc', description(name)],
    ['cprt', Buffer.from(`text\0\0\0\0${copyright}\0`)],
    ['wtpt', xyz(D50)],
    ['rXYZ', column(0)],
    ['gXYZ', column(1)],
    ['bXYZ', column(2)],
    ['rTRC', trc],
    ['gTRC', trc],
    ['bTRC', trc],
  ];
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length, 0);
  let at = 128 + table.length;
  const bodies = tags.map(([tag, body], i) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    table.write(tag, 4 + i * 12, 'latin1');
    table.writeUInt32BE(at, 8 + i * 12);
    table.writeUInt32BE(body.length, 12 + i * 12);
    at += padded.length;
    return padded;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x02100000, 8);
  header.write('mntrRGB XYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz(D50).copy(header, 68, 8);
  return Buffer.concat([header, table, ...bodies]);
}

const D50 = [0.9642, 1, 0.8249];

function xyz(values: readonly number[]): Buffer {
  const body = Buffer.alloc(20);
  body.write('XYZ ', 0, 'latin1');
  values.forEach((value, i) => body.writeInt32BE(Math.round(value * 65_536), 8 + i * 4));
  return body;
}

/** Enough for 16-bit samples, since lcms interpolates between the points. */
const CURVE_POINTS = 4096;

function curve(toLinear: RgbColour['toLinear']): Buffer {
  const body = Buffer.alloc(12 + CURVE_POINTS * 2);
  body.write('curv', 0, 'latin1');
  body.writeUInt32BE(CURVE_POINTS, 8);
  for (let i = 0; i < CURVE_POINTS; i++)
    body.writeUInt16BE(Math.round(65_535 * clamp(toLinear(i / (CURVE_POINTS - 1)))), 12 + i * 2);
  return body;
}

// A hostile profile may have any curve.
const clamp = (value: number) => Math.min(1, Math.max(0, value)) || 0;

function description(name: string): Buffer {
  const body = Buffer.alloc(12 + name.length + 1 + 78);
  body.write('desc', 0, 'latin1');
  body.writeUInt32BE(name.length + 1, 8);
  body.write(name, 12, 'latin1');
  return body;
}
