import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cameraScene, makeTiles, type Tiles } from './scene.js';

export interface Picture {
  path: string;
  body: Buffer;
  type: string;
}

interface Kind {
  format: 'jpeg' | 'png' | 'webp';
  width: number;
  height: number;
  /** EXIF orientation of a camera held upright. */
  isRotated?: boolean;
}

const TWELVE = { format: 'jpeg', width: 4032, height: 3024 } as const;
const EIGHT = { format: 'jpeg', width: 3264, height: 2448 } as const;
const FIVE = { format: 'jpeg', width: 2592, height: 1944 } as const;
const TWO = { format: 'jpeg', width: 1600, height: 1200 } as const;
const TWELVE_ROTATED: Kind = { ...TWELVE, isRotated: true };
const EIGHT_ROTATED: Kind = { ...EIGHT, isRotated: true };
const FIVE_ROTATED: Kind = { ...FIVE, isRotated: true };
const TWO_ROTATED: Kind = { ...TWO, isRotated: true };

/** Sizes that phones and web pages send, in an order in which the first ones are already a mixture. */
const KINDS: readonly Kind[] = [
  TWELVE,
  EIGHT_ROTATED,
  FIVE,
  { format: 'webp', width: 2048, height: 1536 },
  TWELVE_ROTATED,
  { format: 'png', width: 1440, height: 900 },
  EIGHT,
  TWO_ROTATED,
  TWELVE,
  { format: 'jpeg', width: 512, height: 512 },
  FIVE_ROTATED,
  EIGHT,
  TWELVE_ROTATED,
  { format: 'webp', width: 1200, height: 900 },
  TWO,
  EIGHT_ROTATED,
  { format: 'png', width: 1024, height: 768 },
  TWELVE_ROTATED,
  FIVE,
  { format: 'jpeg', width: 6000, height: 4000 },
];

const ROTATED = 6;
/** Camera JPEGs have near 2 bits a pixel; this quality gives that for the noise of the scene. */
const CAMERA_QUALITY = 92;

/** Writes generated pictures, the same in each run, to a folder. */
export async function makePictures(folder: string, count: number, scale: number): Promise<Picture[]> {
  const tiles = await makeTiles();
  const made = new Map<Kind, Promise<Buffer>>();
  const pictures: Picture[] = [];
  for (let i = 0; i < count; i++) {
    const kind = KINDS[i % KINDS.length] ?? TWELVE;
    const encoded = made.get(kind) ?? encode(tiles, kind, scale);
    made.set(kind, encoded);
    const path = join(folder, `picture-${i}.${kind.format}`);
    await writeFile(path, await encoded);
    pictures.push({ path, body: await readFile(path), type: `image/${kind.format}` });
  }
  return pictures;
}

/** The pictures in turn. @param place from 0 */
export function pictureAt(pictures: readonly Picture[], place: number): Picture {
  const picture = pictures[place % pictures.length];
  if (picture === undefined) throw new TypeError('no pictures');
  return picture;
}

async function encode(tiles: Tiles, kind: Kind, scale: number): Promise<Buffer> {
  const { format, width, height, isRotated } = kind;
  const image = await cameraScene(tiles, Math.ceil(width * scale), Math.ceil(height * scale));
  if (isRotated === true) image.withMetadata({ orientation: ROTATED });
  if (format === 'png') return image.png().toBuffer();
  if (format === 'webp') return image.webp({ quality: 85, effort: 2 }).toBuffer();
  return image.jpeg({ quality: CAMERA_QUALITY }).toBuffer();
}
