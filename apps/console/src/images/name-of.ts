import type { Image } from '@pixdock/client';
import { t } from '../messages/say.js';

/** The name by which a person knows an image. */
export function nameOf({ source, externalId }: Image): string {
  const ofUrl = source.url === null ? '' : (new URL(source.url).pathname.split('/').at(-1) ?? '');
  return externalId ?? source.filename ?? (ofUrl || t('gallery.unnamed'));
}
