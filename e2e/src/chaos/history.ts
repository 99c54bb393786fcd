import { FINAL_STATUSES, type Image } from '@pixdock/contract/image';
import type { Picture } from './pictures.js';

/** One image that was asked for, however often, under a name of its own: its externalId and its Idempotency-Key. */
export interface Wanted {
  name: string;
  picture: Picture;
  /** Of every answer that told of one; more than one would be a fault. */
  ids: Set<string>;
  refusals: number;
  /** Requests that got no answer: something may have come of them, or not. */
  unanswered: number;
}

export interface WantedBatch extends Omit<Wanted, 'picture'> {
  /** Names of its items. */
  items: string[];
}

type Request = 'promised' | 'unanswered';

/** Something that is not as promised, and the image or the part that it is about. */
export interface Find {
  about: string;
  what: string;
}

/** All that a driver asked for and was told. */
export interface History {
  images: Map<string, Wanted>;
  batches: Map<string, WantedBatch>;
  /** Deletions by image. */
  deletions: Map<string, Request>;
  /** Images whose source the run itself took away. */
  harmed: Set<string>;
  /** What workers that are gone had running. */
  deadDecoders: Set<number>;
  /** What was found wrong while it ran. */
  finds: Find[];
  answers: Map<number, number>;
  want(name: string, picture: Picture): Wanted;
  wantBatch(name: string, items: string[]): WantedBatch;
  /** Notes an image as an answer told it. */
  saw(image: Image, askedAtMs: number): void;
  find(about: string, what: string): void;
}

type Seen = Pick<Image, 'version' | 'status' | 'run'> & { toldAtMs: number };

export function openHistory(): History {
  const seen = new Map<string, Seen[]>();
  const fresh = (name: string) => ({ name, ids: new Set<string>(), refusals: 0, unanswered: 0 });
  const history: History = {
    images: new Map(),
    batches: new Map(),
    deletions: new Map(),
    harmed: new Set(),
    deadDecoders: new Set(),
    finds: [],
    answers: new Map(),

    want(name, picture) {
      const wanted = history.images.get(name) ?? { ...fresh(name), picture };
      history.images.set(name, wanted);
      return wanted;
    },

    wantBatch(name, items) {
      const wanted = history.batches.get(name) ?? { ...fresh(name), items };
      history.batches.set(name, wanted);
      return wanted;
    },

    saw({ id, version, status, run }, askedAtMs) {
      const all = seen.get(id) ?? [];
      seen.set(id, all);
      const before = newest(all.filter(({ toldAtMs }) => toldAtMs <= askedAtMs));
      const now = { version, status, run, toldAtMs: performance.now() };
      if (before !== null) compare(id, before, now);
      all.push(now);
    },

    find: (about, what) => void history.finds.push({ about, what }),
  };

  function compare(id: string, before: Seen, now: Seen): void {
    const told = `${before.status} in version ${before.version}, then ${now.status} in version ${now.version}`;
    if (now.version < before.version) history.find(id, `its version fell: ${told}`);
    if (now.version === before.version && now.status !== before.status)
      history.find(id, `one version, two states: ${told}`);
    if (!FINAL_STATUSES.includes(before.status) || now.status === before.status) return;
    const isRetried = before.status === 'failed' && now.run > before.run;
    const isDeleted = now.status === 'deleted' && history.deletions.has(id);
    if (!isRetried && !isDeleted) history.find(id, `left a final state: ${told}`);
  }

  return history;
}

function newest(all: readonly Seen[]): Seen | null {
  return all.reduce<Seen | null>(
    (best, one) => (best === null || one.version >= best.version ? one : best),
    null,
  );
}
