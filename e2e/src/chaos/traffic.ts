import { sleep } from '@pixdock/shared/runtime/clock';
import { type Driver, openDriver } from './driver.js';
import type { Picture } from './pictures.js';
import type { Random } from './random.js';
import type { Installation } from './run.js';
import { untilAccepted } from './until-accepted.js';
import { WISHES, type Wish } from './wishes.js';

export interface Traffic {
  /** Starts no new requests and waits for the responses to those already sent. */
  stop(): Promise<void>;
}

const LANES = 4;
const MAX_PAUSE_MS = 300;
const MAX_ROWS = 6;
const BROKEN_SHARE = 0.15;
/** Share of rows with a wish, and of images with a deletion time. */
const WISH_SHARE = 0.3;
/** Half of the images that are deleted later are kept, some at the last moment. */
const DELETE_AFTER_S = 3;
/** Products whose images the lanes replace. */
const PRODUCTS = 3;

/** One client and its earlier requests. */
interface Lane {
  run: Installation;
  driver: Driver;
  random: Random;
  prefix: string;
  /** A name that is not used yet. */
  newName(): string;
  uploads: { name: string; picture: Picture }[];
  ids: string[];
}

type Action = (lane: Lane) => Promise<unknown>;

/** Starts clients that send random requests one after another, and repeat each until it is accepted. */
export function startTraffic(run: Installation, random: Random, prefix: string): Traffic {
  const over = new AbortController();
  const lanes = Array.from({ length: LANES }, async (_, i) => {
    let named = 0;
    const lane: Lane = {
      run,
      driver: openDriver(run),
      random: random.fork(`lane ${i}`),
      prefix,
      newName: () => `${prefix}-${i}-${named++}`,
      uploads: [],
      ids: [],
    };
    while (!over.signal.aborted) {
      await lane.random.pick(ACTIONS)(lane);
      await sleep(lane.random.below(MAX_PAUSE_MS), over.signal);
    }
  });
  const ended = Promise.all(lanes);
  // `stop` reports the error.
  ended.catch(() => {});
  return {
    async stop() {
      over.abort();
      await ended;
    },
  };
}

const upload: Action = async (lane) => {
  const made = { name: lane.newName(), picture: draw(lane) };
  lane.ids.push(await untilAccepted(() => lane.driver.upload(made.name, made.picture)));
  lane.uploads.push(made);
};

const uploadInParts: Action = async (lane) => {
  const [name, picture] = [lane.newName(), draw(lane)];
  lane.ids.push(await untilAccepted(() => lane.driver.uploadInParts(name, picture)));
};

/** Staging in a folder has no direct uploads. */
const uploadDirect: Action = async (lane) => {
  const [name, picture] = [lane.newName(), draw(lane)];
  const isFolder = lane.run.stack.env['STAGING_URL'] === undefined;
  const how = isFolder ? 'uploadInParts' : 'uploadDirect';
  lane.ids.push(await untilAccepted(() => lane.driver[how](name, picture)));
};

const importFrom: Action = async (lane) => {
  const [name, picture] = [lane.newName(), draw(lane)];
  lane.ids.push(await untilAccepted(() => lane.driver.importImage(name, picture)));
};

const batch: Action = async (lane) => {
  const name = lane.newName();
  const rows = Array.from({ length: 1 + lane.random.below(MAX_ROWS) }, (_, i) => {
    const picture = draw(lane);
    const wish = drawWish(lane);
    return { name: `${name}-${i}`, picture, url: lane.run.urlOf(picture, `${name}-${i}`), wish };
  });
  await untilAccepted(() => lane.driver.batch(name, rows));
};

const workbook: Action = async (lane) => {
  const name = lane.newName();
  const rows = Array.from({ length: 1 + lane.random.below(MAX_ROWS) }, (_, i) => ({
    name: `${name}-${i}`,
    picture: draw(lane),
  }));
  await untilAccepted(() => lane.driver.workbook(name, rows));
};

/** Sends the same upload three times at once. */
const uploadThreeTimes: Action = async (lane) => {
  const [name, picture] = [lane.newName(), draw(lane)];
  await Promise.all([1, 2, 3].map(() => untilAccepted(() => lane.driver.upload(name, picture))));
};

/** Disconnects in the middle of an upload, then repeats it. */
const interruptUpload: Action = async (lane) => {
  const made = { name: lane.newName(), picture: draw(lane) };
  await lane.driver.abortUpload(made.name, made.picture);
  await untilAccepted(() => lane.driver.upload(made.name, made.picture));
};

const repeat: Action = async (lane) => {
  if (lane.uploads.length === 0) return;
  const { name, picture } = lane.random.pick(lane.uploads);
  await untilAccepted(() => lane.driver.upload(name, picture));
};

const reuseName: Action = async (lane) => {
  if (lane.uploads.length === 0) return;
  const { name, picture } = lane.random.pick(lane.uploads);
  const other = lane.run.pictures.good.find((one) => one !== picture);
  if (other !== undefined) await lane.driver.reuseName(name, other);
};

async function uploadWith(lane: Lane, wish: Wish): Promise<string> {
  const [name, picture] = [lane.newName(), draw(lane)];
  const id = await untilAccepted(() => lane.driver.upload(name, picture, wish));
  // The traffic does not delete an image that replaces others.
  if (wish.replaces === undefined) lane.ids.push(id);
  return id;
}

const uploadReviewed: Action = (lane) => uploadWith(lane, lane.random.pick(WISHES));

const deleteLater: Action = async (lane) => {
  const id = await uploadWith(lane, { ...drawWish(lane), deleteAfterSeconds: DELETE_AFTER_S });
  if (lane.random.next() < 0.5) return;
  await sleep(lane.random.below(DELETE_AFTER_S * 1000));
  await lane.driver.keep(id);
};

const replaceOlder: Action = (lane) =>
  uploadWith(lane, { replaces: `${lane.prefix}-product-${lane.random.below(PRODUCTS)}` });

const withOne =
  (act: (driver: Driver, id: string) => Promise<unknown>): Action =>
  async ({ driver, random, ids }) => {
    if (ids.length > 0) await act(driver, random.pick(ids));
  };

const look: Action = async (lane) => {
  await withOne((driver, id) => Promise.all([driver.read(id), driver.readAsOther(id)]))(lane);
  await lane.driver.read('img_ffffffffffffffffffffffffffffffff');
};

/** Repeated entries are picked more often. */
const ACTIONS: readonly Action[] = [
  upload,
  upload,
  upload,
  uploadInParts,
  uploadDirect,
  importFrom,
  importFrom,
  batch,
  batch,
  workbook,
  uploadThreeTimes,
  interruptUpload,
  uploadReviewed,
  uploadReviewed,
  deleteLater,
  deleteLater,
  replaceOlder,
  replaceOlder,
  ({ driver }) => driver.decideHeld(),
  repeat,
  reuseName,
  withOne((driver, id) => driver.remove(id)),
  withOne((driver, id) => driver.retry(id)),
  look,
  look,
  look,
];

const drawWish = ({ random }: Lane): Wish => (random.next() < WISH_SHARE ? random.pick(WISHES) : {});

function draw({ run, random }: Lane): Picture {
  const { good, bad } = run.pictures;
  return random.pick(random.next() < BROKEN_SHARE ? bad : good);
}
