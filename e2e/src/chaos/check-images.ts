import type { Image } from '@pixdock/contract/image';
import { isOpenStatus } from '@pixdock/contract/status';
import { checkPromise } from './check-promise.js';
import { groupBy } from './group.js';
import type { Finding, History, Wanted } from './history.js';

/** I1, I3 and I8: every accepted image exists once and is final; no refused image and no other image exists. */
export function checkImages(history: History, images: readonly Image[]): Finding[] {
  const byName = groupBy(images, history.nameOf);
  const ofBatches = new Set([...history.batches.values()].flatMap(({ items }) => items));
  const findings: Finding[] = [];
  for (const wanted of history.images.values()) {
    const made = byName.get(wanted.name) ?? [];
    byName.delete(wanted.name);
    const isItem = ofBatches.has(wanted.name);
    findings.push(...(isItem ? [] : checkPromise(wanted, made)));
    for (const image of made) findings.push(...compareImage(wanted, image, history));
  }
  for (const strangers of byName.values())
    for (const image of strangers)
      findings.push({ about: image.id, what: `${history.nameOf(image) || 'it'} was never requested` });
  return findings;
}

function compareImage({ picture, name }: Wanted, image: Image, history: History): Finding[] {
  const findings: Finding[] = [];
  const { id, status, source, error, variants } = image;
  const add = (what: string) => void findings.push({ about: id, what });
  const asked = history.deletions.get(id);
  if (isOpenStatus(status)) add(`${name} is not final: ${status} (${image.stage})`);
  if (asked === 'promised' && status !== 'deleted') add(`should be deleted, but is ${status}`);
  if (asked === undefined && status === 'deleted') add('deleted without a request');
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
