import { createHash } from 'node:crypto';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { PICTURE_NAMES } from './pictures.js';

/** A row of a batch, with its expected outcome. */
export interface Row {
  externalId: string;
  url: string;
  /** Expected error; null if the image is published. */
  code: ErrorCode | null;
}

export interface Rows {
  /** Part of URLs and external ids, so that two batches never share any. */
  name: string;
  total: number;
  /** How they are sent. */
  format: 'csv' | 'workbook';
  seed: number;
  /** Origins of the allowed sources. */
  origins: readonly string[];
  /** Whether some sources always drop or stall; such a row takes half a minute to more than a minute. */
  hasSlow: boolean;
}

interface Draw {
  /** Unique per row. */
  key: string;
  picture: string;
  here: string;
  there: string;
}

interface Kind {
  weight: number;
  url: (draw: Draw) => string;
  code: ErrorCode | null;
}

const image = (name: string) => (draw: Draw) => `${draw.here}/image/${name}/${draw.key}`;
const act = (path: string) => (draw: Draw) => `${draw.here}${path}${draw.key}`;
const picture = (draw: Draw) => image(draw.picture)(draw);

const KINDS: readonly Kind[] = [
  { weight: 530, url: picture, code: null },
  { weight: 40, url: (draw) => `${picture(draw)}?type=text/html`, code: null },
  { weight: 60, url: act('/flaky/'), code: null },
  {
    weight: 60,
    url: (draw) => `${draw.here}/redirect?to=${encodeURIComponent(picture({ ...draw, here: draw.there }))}`,
    code: null,
  },
  { weight: 90, url: act('/status/404?'), code: 'source_not_found' },
  { weight: 10, url: act('/status/410?'), code: 'source_not_found' },
  { weight: 20, url: act('/status/403?'), code: 'source_denied' },
  { weight: 40, url: image('page'), code: 'unsupported_media_type' },
  { weight: 20, url: act('/lie?length=3&'), code: 'unsupported_media_type' },
  { weight: 30, url: image('truncated'), code: 'image_truncated' },
  { weight: 20, url: image('corrupt'), code: 'image_corrupt' },
  { weight: 20, url: ({ key }) => `no-address-${key}`, code: 'invalid_row' },
  { weight: 20, url: ({ key }) => `http://127.0.0.1:9/${key}`, code: 'source_forbidden' },
];
/** Rare, because a stalled source occupies a slot of the importer for 10 s, five times. */
const SLOW: readonly Kind[] = [
  { weight: 4, url: act('/reset?'), code: 'source_unreachable' },
  { weight: 4, url: act('/cut?'), code: 'source_unreachable' },
  { weight: 1, url: act('/stall?'), code: 'source_timeout' },
];

/** Share of rows that repeat the URL of one of the `BACK` rows before them. */
const REPEATED = 0.03;
const BACK = 200;

/** The row at an index from 0, the same for the same seed. */
export function rowAt(rows: Rows, place: number): Row {
  const { name, seed, origins, hasSlow } = rows;
  const key = `${name}-${place}`;
  const random = dice(`${seed} ${key}`);
  if (place > 0 && random() < REPEATED)
    return { ...rowAt(rows, Math.max(0, place - 1 - random.below(BACK))), externalId: key };
  const { url, code } = pickKind(hasSlow ? [...KINDS, ...SLOW] : KINDS, random());
  const draw = {
    key,
    picture: PICTURE_NAMES[random.below(PICTURE_NAMES.length)] ?? '',
    here: origins[random.below(origins.length)] ?? '',
    there: origins[random.below(origins.length)] ?? '',
  };
  return { externalId: key, url: url(draw), code };
}

function pickKind(kinds: readonly Kind[], share: number): Kind {
  let remaining = share * kinds.reduce((sum, { weight }) => sum + weight, 0);
  const kind = kinds.find(({ weight }) => (remaining -= weight) < 0);
  if (kind === undefined) throw new RangeError(`${share} is not below 1`);
  return kind;
}

/** Pseudo-random numbers in [0, 1) from the digest of a text, four bytes at a time. */
function dice(text: string) {
  const digest = createHash('sha256').update(text).digest();
  let drawn = 0;
  const next = () => digest.readUInt32LE(4 * drawn++) / 2 ** 32;
  return Object.assign(next, { below: (limit: number) => Math.floor(next() * limit) });
}
