import { createHash } from 'node:crypto';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { PICTURE_NAMES } from './pictures.js';

/** A row of a batch: where its source is, and what is to become of it. */
export interface Row {
  externalId: string;
  url: string;
  /** Null: it is published. */
  code: ErrorCode | null;
}

export interface Rows {
  /** In addresses and external ids, so that no two batches share any. */
  name: string;
  total: number;
  seed: number;
  /** `http://host:port` of the sources that may be reached. */
  origins: readonly string[];
  /** Whether some sources drop or stall each time they are asked: that takes half a minute, or more than one. */
  hasSlow: boolean;
}

interface Draw {
  /** Of this row alone. */
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
/** Few: a source that stalls holds a slot of the importer for 10 s, five times. */
const SLOW: readonly Kind[] = [
  { weight: 4, url: act('/reset?'), code: 'source_unreachable' },
  { weight: 4, url: act('/cut?'), code: 'source_unreachable' },
  { weight: 1, url: act('/stall?'), code: 'source_timeout' },
];

/** Share of rows that repeat the address of one that is at most so many rows before them. */
const REPEATED = 0.03;
const BACK = 200;

/** The row at a place, from 0; always the same one. */
export function rowAt(rows: Rows, place: number): Row {
  const { name, seed, origins, hasSlow } = rows;
  const key = `${name}-${place}`;
  const random = dice(`${seed} ${key}`);
  if (place > 0 && random() < REPEATED)
    return { ...rowAt(rows, Math.max(0, place - 1 - random.below(BACK))), externalId: key };
  const { url, code } = drawn(hasSlow ? [...KINDS, ...SLOW] : KINDS, random());
  const draw = {
    key,
    picture: PICTURE_NAMES[random.below(PICTURE_NAMES.length)] ?? '',
    here: origins[random.below(origins.length)] ?? '',
    there: origins[random.below(origins.length)] ?? '',
  };
  return { externalId: key, url: url(draw), code };
}

function drawn(kinds: readonly Kind[], share: number): Kind {
  let left = share * kinds.reduce((sum, { weight }) => sum + weight, 0);
  const kind = kinds.find(({ weight }) => (left -= weight) < 0);
  if (kind === undefined) throw new RangeError(`${share} is not below 1`);
  return kind;
}

/** Numbers from 0 up to 1 that depend on the text alone: its digest, four bytes at a time. */
function dice(text: string) {
  const digest = createHash('sha256').update(text).digest();
  let thrown = 0;
  const next = () => digest.readUInt32LE(4 * thrown++) / 2 ** 32;
  return Object.assign(next, { below: (limit: number) => Math.floor(next() * limit) });
}
