import type { Image } from '@pixdock/client';
import { thumbHashToDataURL } from 'thumbhash';
import { Icon } from './icon.js';

/** A small picture of an image; until it is loaded, its placeholder. */
export function Thumb({ image, alt = '' }: { image: Image; alt?: string }) {
  const { placeholder, variants, url, status } = image;
  const small = variants['thumb']?.url ?? url;
  const background = placeholder === null ? {} : { backgroundColor: placeholder.color };
  return (
    <span class="thumb" style={background}>
      {placeholder !== null && <img src={pictureOf(placeholder.thumbhash)} alt="" class="placeholder" />}
      {status === 'failed' && <Icon name="alert" />}
      {small !== null && status === 'published' && (
        <img src={small} alt={alt} loading="lazy" decoding="async" class="picture" />
      )}
    </span>
  );
}

const pictures = new Map<string, string>();
const MAX_PICTURES = 500;

function pictureOf(thumbhash: string): string {
  const known = pictures.get(thumbhash);
  if (known !== undefined) return known;
  const bytes = Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0));
  const picture = thumbHashToDataURL(bytes);
  if (pictures.size >= MAX_PICTURES) pictures.clear();
  pictures.set(thumbhash, picture);
  return picture;
}
