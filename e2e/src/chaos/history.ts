import type { Image } from '@pixdock/contract/image';
import { isOpenStatus } from '@pixdock/contract/status';
import type { Picture } from './pictures.js';
import { isRejected, type Wish } from './wishes.js';

/** An image that was requested once or several times. Its name is its Idempotency-Key, and its externalId unless it replaces others. */
export interface Wanted {
  name: string;
  picture: Picture;
  wish: Wish;
  /** Ids in all responses; more than one is an error. */
  ids: Set<string>;
  refusals: number;
  /** Requests that got no response, so it is unknown whether they were accepted. */
  unanswered: number;
}

export interface WantedBatch extends Omit<Wanted, 'picture' | 'wish'> {
  /** Names of the items. */
  items: string[];
}

type Request = 'promised' | 'unanswered';

/** A broken promise, and the image or the part of the system that it is about. */
export interface Finding {
  about: string;
  what: string;
}

/** The requests of a driver and their responses. */
export interface History {
  images: Map<string, Wanted>;
  batches: Map<string, WantedBatch>;
  /** Requested deletions by image id. */
  deletions: Map<string, Request>;
  /** Requests to keep an image, by its id. */
  keeps: Map<string, Request>;
  /** When the first approval of an image was sent, by its id. */
  approvals: Map<string, number>;
  /** When the first object of an image was stored, by its id. */
  stored: Map<string, number>;
  /** Images whose source the run itself removed. */
  harmed: Set<string>;
  /** Pids of decoders whose worker has ended. */
  deadDecoders: Set<number>;
  /** Broken promises that responses revealed during the run. */
  findings: Finding[];
  /** Responses to requests that create something; the status is null when none came. */
  submissions: { status: number | null; atMs: number }[];
  want(name: string, picture: Picture, wish?: Wish): Wanted;
  wantBatch(name: string, items: string[]): WantedBatch;
  /** Records an image from a response. */
  recordImage(image: Image, sentAtMs: number): void;
  /** Remembers the name of an image from a response: a deleted image shows it no longer. */
  recordName(image: Pick<Image, 'id' | 'externalId' | 'metadata'>): void;
  /** Notes the first time of something that happens to an image. */
  noteFirst(what: 'approvals' | 'stored', id: string): void;
  /** The name under which an image was requested; '' for an image that was not. */
  nameOf: (image: Image) => string;
  addFinding(about: string, what: string): void;
}

type Seen = Pick<Image, 'version' | 'status' | 'run'> & { receivedAtMs: number };

export function openHistory(): History {
  const seen = new Map<string, Seen[]>();
  const names = new Map<string, string>();
  const fresh = (name: string) => ({ name, ids: new Set<string>(), refusals: 0, unanswered: 0 });
  const history: History = {
    images: new Map(),
    batches: new Map(),
    deletions: new Map(),
    keeps: new Map(),
    approvals: new Map(),
    stored: new Map(),
    harmed: new Set(),
    deadDecoders: new Set(),
    findings: [],
    submissions: [],

    want(name, picture, wish = {}) {
      const fails = isRejected(wish) ? [...(picture.fails ?? []), 'content_rejected'] : picture.fails;
      const wanted = history.images.get(name) ?? { ...fresh(name), picture: { ...picture, fails }, wish };
      history.images.set(name, wanted);
      return wanted;
    },

    wantBatch(name, items) {
      const wanted = history.batches.get(name) ?? { ...fresh(name), items };
      history.batches.set(name, wanted);
      return wanted;
    },

    recordImage({ id, version, status, run }, sentAtMs) {
      const all = seen.get(id) ?? [];
      seen.set(id, all);
      const before = newest(all.filter(({ receivedAtMs }) => receivedAtMs <= sentAtMs));
      const now = { version, status, run, receivedAtMs: performance.now() };
      if (before !== null) compare(id, before, now);
      all.push(now);
    },

    recordName(image) {
      const name = shownName(image);
      if (name !== null) names.set(image.id, name);
    },

    noteFirst(what, id) {
      if (!history[what].has(id)) history[what].set(id, performance.now());
    },

    nameOf: (image) => (image.status === 'deleted' ? names.get(image.id) : shownName(image)) ?? '',

    addFinding: (about, what) => void history.findings.push({ about, what }),
  };

  function compare(id: string, before: Seen, now: Seen): void {
    const change = `${before.status} in version ${before.version}, then ${now.status} in version ${now.version}`;
    if (now.version < before.version) history.addFinding(id, `its version decreased: ${change}`);
    if (now.version === before.version && now.status !== before.status)
      history.addFinding(id, `two states under one version: ${change}`);
    if (isOpenStatus(before.status) || now.status === before.status) return;
    const isRetried = before.status === 'failed' && now.run > before.run;
    const { deleteAfterSeconds, replaces } = history.images.get(names.get(id) ?? '')?.wish ?? {};
    const mayBeDeleted = history.deletions.has(id) || (deleteAfterSeconds ?? replaces) !== undefined;
    const isDeleted = now.status === 'deleted' && mayBeDeleted;
    if (!isRetried && !isDeleted) history.addFinding(id, `changed a final state: ${change}`);
  }

  return history;
}

const shownName = ({ externalId, metadata }: Pick<Image, 'externalId' | 'metadata'>) =>
  metadata.name ?? externalId;

function newest(all: readonly Seen[]): Seen | null {
  return all.reduce<Seen | null>(
    (best, one) => (best === null || one.version >= best.version ? one : best),
    null,
  );
}
