import type { Image } from '@pixdock/contract/image';
import { isOpenStatus } from '@pixdock/contract/status';
import { checkPromise } from './check-promise.js';
import { groupBy } from './group.js';
import type { Finding, History, Wanted } from './history.js';
import { isPrivate, isReviewed } from './wishes.js';

/** I1, I3 and I8: every accepted image exists once and is final; no refused image and no other image exists. */
export function checkImages(history: History, images: readonly Image[]): Finding[] {
  const byName = groupBy(images, history.nameOf);
  const ofBatches = new Set([...history.batches.values()].flatMap(({ items }) => items));
  const current = currentImages(history, images);
  const findings: Finding[] = [];
  for (const wanted of history.images.values()) {
    const made = byName.get(wanted.name) ?? [];
    byName.delete(wanted.name);
    const isItem = ofBatches.has(wanted.name);
    findings.push(...(isItem ? [] : checkPromise(wanted, made)));
    for (const image of made)
      findings.push(...compareImage(wanted, image, history, fateOf(wanted, image, history, current)));
  }
  for (const strangers of byName.values())
    for (const image of strangers)
      findings.push({ about: image.id, what: `${history.nameOf(image) || 'it'} was never requested` });
  return findings;
}

/** Whether an image is deleted at the end; null if either is right. */
type Fate = 'deleted' | 'there' | null;

function fateOf(
  { wish, picture }: Wanted,
  image: Image,
  history: History,
  current: Map<string, Image>,
): Fate {
  const { deleteAfterSeconds, replaces } = wish;
  const [deletion, keep] = [history.deletions.get(image.id), history.keeps.get(image.id)];
  const isDue = deleteAfterSeconds !== undefined && keep === undefined;
  const isReplaced = replaces !== undefined && isOlder(image, current.get(replaces) ?? image);
  if (deletion === 'promised' || isDue) return 'deleted';
  // An image that is never published deletes neither others nor itself.
  if (isReplaced) return picture.fails === null ? 'deleted' : null;
  return deletion === undefined && keep !== 'unanswered' ? 'there' : null;
}

/** The newest image of each externalId whose images replace each other, among those that can be published. */
export function currentImages(history: History, images: readonly Image[]): Map<string, Image> {
  const current = new Map<string, Image>();
  for (const image of images) {
    const { wish, picture } = history.images.get(history.nameOf(image)) ?? {};
    if (wish?.replaces === undefined || picture?.fails !== null) continue;
    const other = current.get(wish.replaces);
    if (other === undefined || isOlder(other, image)) current.set(wish.replaces, image);
  }
  return current;
}

/** By the time of the submission. Lists order images of the same millisecond by id. */
const isOlder = (a: Image, b: Image) => `${a.createdAt} ${a.id}` < `${b.createdAt} ${b.id}`;

function compareImage(
  { picture, name, wish }: Wanted,
  image: Image,
  history: History,
  fate: Fate,
): Finding[] {
  const findings: Finding[] = [];
  const { id, status, source, error, variants } = image;
  const add = (what: string) => void findings.push({ about: id, what });
  const [storedAt, approvedAt = Number.POSITIVE_INFINITY] = [
    history.stored.get(id),
    history.approvals.get(id),
  ];
  if (isOpenStatus(status)) add(`${name} is not final: ${status} (${image.stage})`);
  if (fate === 'deleted' && status !== 'deleted') add(`should be deleted, but is ${status}`);
  if (fate === 'there' && status === 'deleted') add('deleted without a request');
  if (isReviewed(wish) && storedAt !== undefined && storedAt < approvedAt)
    add('had an object before anyone approved it');
  if (isPrivate(wish) && image.url !== null) add('private, but has a URL');
  if (status === 'deleted' && image.externalId !== null) add('deleted, but has its externalId');
  if (status === 'published' && !('main' in variants)) add('published without main');
  if (status !== 'published' && image.url !== null) add(`${status}, but has a URL`);
  if (status === 'published' && source.sha256 !== picture.sha256) add('made from other bytes than were sent');
  if (status === 'published' && picture.fails !== null) add('published although the picture is broken');
  if (status === 'failed' && !mayFail(image, picture.fails, history))
    add(`failed: ${error?.code}, ${error?.detail}`);
  return findings;
}

function mayFail({ id, error }: Image, fails: readonly string[] | null, history: History): boolean {
  return history.harmed.has(id) || (fails ?? []).includes(error?.code ?? '');
}
