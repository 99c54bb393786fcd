import { sleep } from '@pixdock/shared/runtime/clock';
import { type Driver, openDriver } from './driver.js';
import type { Picture } from './pictures.js';
import type { Random } from './random.js';
import type { Run } from './run.js';
import { untilAccepted } from './until-accepted.js';

export interface Traffic {
  /** Begins nothing more, and waits until all that was begun is answered. */
  stop(): Promise<void>;
}

const LANES = 4;
const MAX_PAUSE_MS = 300;
const MAX_ROWS = 6;
const BROKEN_SHARE = 0.15;

/** What a lane knows of what it asked for. */
interface Lane {
  run: Run;
  driver: Driver;
  random: Random;
  /** A name that nothing has yet. */
  newName(): string;
  uploads: { name: string; picture: Picture }[];
  ids: string[];
}

type Act = (lane: Lane) => Promise<unknown>;

/** Clients that do one thing after the other, each as chance has it, and all of it until it is accepted. */
export function startTraffic(run: Run, random: Random, prefix: string): Traffic {
  const over = new AbortController();
  const lanes = Array.from({ length: LANES }, async (_, i) => {
    let named = 0;
    const lane: Lane = {
      run,
      driver: openDriver(run),
      random: random.fork(`lane ${i}`),
      newName: () => `${prefix}-${i}-${named++}`,
      uploads: [],
      ids: [],
    };
    while (!over.signal.aborted) {
      await lane.random.pick(ACTS)(lane);
      await sleep(lane.random.below(MAX_PAUSE_MS), over.signal);
    }
  });
  const ended = Promise.all(lanes);
  // Whoever stops it is told.
  ended.catch(() => {});
  return {
    async stop() {
      over.abort();
      await ended;
    },
  };
}

const upload: Act = async (lane) => {
  const made = { name: lane.newName(), picture: draw(lane) };
  lane.ids.push(await untilAccepted(() => lane.driver.upload(made.name, made.picture)));
  lane.uploads.push(made);
};

const importFrom: Act = async (lane) => {
  const [name, picture] = [lane.newName(), draw(lane)];
  lane.ids.push(await untilAccepted(() => lane.driver.fetchFrom(name, picture)));
};

const batch: Act = async (lane) => {
  const name = lane.newName();
  const rows = Array.from({ length: 1 + lane.random.below(MAX_ROWS) }, (_, i) => {
    const picture = draw(lane);
    return { name: `${name}-${i}`, picture, url: lane.run.urlOf(picture, `${name}-${i}`) };
  });
  await untilAccepted(() => lane.driver.batch(name, rows));
};

/** One that asks three times at once, as hasty clients do. */
const atOnce: Act = async (lane) => {
  const [name, picture] = [lane.newName(), draw(lane)];
  await Promise.all([1, 2, 3].map(() => untilAccepted(() => lane.driver.upload(name, picture))));
};

/** One that goes away, and comes back. */
const brokenOff: Act = async (lane) => {
  const made = { name: lane.newName(), picture: draw(lane) };
  await lane.driver.breakOff(made.name, made.picture);
  await untilAccepted(() => lane.driver.upload(made.name, made.picture));
};

const repeat: Act = async (lane) => {
  if (lane.uploads.length === 0) return;
  const { name, picture } = lane.random.pick(lane.uploads);
  await untilAccepted(() => lane.driver.upload(name, picture));
};

const contradict: Act = async (lane) => {
  if (lane.uploads.length === 0) return;
  const { name, picture } = lane.random.pick(lane.uploads);
  const other = lane.run.pictures.good.find((one) => one !== picture);
  if (other !== undefined) await lane.driver.contradict(name, other);
};

const withOne =
  (act: (driver: Driver, id: string) => Promise<unknown>): Act =>
  async ({ driver, random, ids }) => {
    if (ids.length > 0) await act(driver, random.pick(ids));
  };

const look: Act = async (lane) => {
  await withOne((driver, id) => Promise.all([driver.read(id), driver.readForeign(id)]))(lane);
  await lane.driver.read('img_ffffffffffffffffffffffffffffffff');
};

/** The more often it stands here, the more often it is done. */
const ACTS: readonly Act[] = [
  upload,
  upload,
  upload,
  importFrom,
  importFrom,
  batch,
  batch,
  atOnce,
  brokenOff,
  repeat,
  contradict,
  withOne((driver, id) => driver.remove(id)),
  withOne((driver, id) => driver.retry(id)),
  look,
  look,
  look,
];

function draw({ run, random }: Lane): Picture {
  const { good, bad } = run.pictures;
  return random.pick(random.next() < BROKEN_SHARE ? bad : good);
}
