export type Matrix = readonly [readonly number[], readonly number[], readonly number[]];

/** Linear RGB to XYZ of D50, with the columns of ICC's rXYZ, gXYZ and bXYZ (Bradford-adapted). */
export const ADOBE: Matrix = [
  [0.60974, 0.20528, 0.14919],
  [0.31111, 0.62567, 0.06322],
  [0.01947, 0.06087, 0.74457],
];
export const DISPLAY_P3: Matrix = [
  [0.51512, 0.29198, 0.1571],
  [0.2412, 0.69225, 0.06657],
  [-0.00105, 0.04189, 0.78407],
];
const XYZ_TO_SRGB: Matrix = [
  [3.13386, -1.61687, -0.49062],
  [-0.97877, 1.91614, 0.03345],
  [0.07195, -0.22899, 1.40523],
];
const GAMMA = 2.19921875;

/** A matrix profile with one gamma (ICC.1:2001-04), as small as it may be. */
export function makeProfile(name: string, matrix: Matrix, extra = ''): Buffer {
  const column = (i: number) => xyz(matrix.map((row) => row[i] ?? 0));
  const tags: [string, Buffer][] = [
    ['desc', description(name)],
    ['cprt', Buffer.concat([Buffer.from('text\0\0\0\0'), Buffer.from(`none${extra}\0`)])],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ['rXYZ', column(0)],
    ['gXYZ', column(1)],
    ['bXYZ', column(2)],
    ...(['rTRC', 'gTRC', 'bTRC'] as const).map((tag): [string, Buffer] => [tag, curve()]),
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
  xyz([0.9642, 1, 0.8249]).copy(header, 68, 8);
  return Buffer.concat([header, table, ...bodies]);
}

/** What a colour of such a profile is in sRGB, by the formulas. */
export function toSrgb(colour: readonly number[], matrix: Matrix): number[] {
  const linear = colour.map((value) => (value / 255) ** GAMMA);
  return times(XYZ_TO_SRGB, times(matrix, linear)).map((value) => {
    const v = Math.min(1, Math.max(0, value));
    return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
  });
}

const times = (matrix: Matrix, vector: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));

function xyz(values: readonly number[]): Buffer {
  const body = Buffer.alloc(20);
  body.write('XYZ ', 0, 'latin1');
  values.forEach((value, i) => body.writeInt32BE(Math.round(value * 65536), 8 + i * 4));
  return body;
}

function curve(): Buffer {
  const body = Buffer.alloc(14);
  body.write('curv', 0, 'latin1');
  body.writeUInt32BE(1, 8);
  body.writeUInt16BE(Math.round(GAMMA * 256), 12);
  return body;
}

function description(name: string): Buffer {
  const body = Buffer.alloc(12 + name.length + 1 + 78);
  body.write('desc', 0, 'latin1');
  body.writeUInt32BE(name.length + 1, 8);
  body.write(name, 12, 'latin1');
  return body;
}
