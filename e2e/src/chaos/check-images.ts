import { FINAL_STATUSES, type Image } from '@pixdock/contract/image';
import { checkPromise } from './check-promise.js';
import { groupBy } from './group.js';
import type { Find, History, Wanted } from './history.js';

/** I1, I3 and I8: what was promised is there once and final, what was refused is not there, and nothing else. */
export function checkImages(history: History, images: readonly Image[]): Find[] {
  const byName = groupBy(images, ({ externalId }) => externalId ?? '');
  const ofBatches = new Set([...history.batches.values()].flatMap(({ items }) => items));
  const finds: Find[] = [];
  for (const wanted of history.images.values()) {
    const made = byName.get(wanted.name) ?? [];
    byName.delete(wanted.name);
    const isItem = ofBatches.has(wanted.name);
    finds.push(...(isItem ? [] : checkPromise(wanted, made)));
    for (const image of made) finds.push(...compareImage(wanted, image, history));
  }
  for (const strangers of byName.values())
    for (const { id, externalId } of strangers)
      finds.push({ about: id, what: `nobody asked for ${externalId}` });
  return finds;
}

function compareImage({ picture, name }: Wanted, image: Image, history: History): Find[] {
  const finds: Find[] = [];
  const { id, status, source, error, variants } = image;
  const add = (what: string) => void finds.push({ about: id, what });
  const asked = history.deletions.get(id);
  if (!FINAL_STATUSES.includes(status)) add(`${name} is not final: ${status} (${image.stage})`);
  if (asked === 'promised' && status !== 'deleted') add(`to be deleted, and ${status}`);
  if (asked === undefined && status === 'deleted') add('deleted, and nobody asked for that');
  if (status === 'published' && !('main' in variants)) add('published without main');
  if (status !== 'published' && image.url !== null) add(`${status}, and it has a URL`);
  if (status === 'published' && source.sha256 !== picture.sha256) add('made from other bytes than were sent');
  if (status === 'published' && picture.fails !== null) add('published, and the picture is broken');
  if (status === 'failed' && !mayFail(image, picture.fails, history))
    add(`failed: ${error?.code}, ${error?.detail}`);
  return finds;
}

function mayFail({ id, error }: Image, fails: readonly string[] | null, history: History): boolean {
  return history.harmed.has(id) || (fails ?? []).includes(error?.code ?? '');
}
