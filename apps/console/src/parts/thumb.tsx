import type { Image } from '@pixdock/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { thumbHashToDataURL } from 'thumbhash';
import { currentClient } from '../state/session.js';
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
      {small === null && status === 'published' && <PrivatePicture image={image} alt={alt} />}
    </span>
  );
}

/** The picture of a private image, with a URL that is signed once it is near the screen. */
function PrivatePicture({ image: { id, variants }, alt }: { image: Image; alt: string }) {
  const [url, setUrl] = useState<string>();
  const element = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const closing = new AbortController();
    const variant = 'thumb' in variants ? 'thumb' : 'main';
    const sign = () => currentClient().images.sign(id, { variant, signal: closing.signal });
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return;
      observer.disconnect();
      // The placeholder stays if the URL cannot be signed, for example of an image that is being deleted.
      sign().then(
        (signed) => setUrl(signed.url),
        () => {},
      );
    });
    if (element.current !== null) observer.observe(element.current);
    return () => {
      observer.disconnect();
      closing.abort();
    };
  }, [id]);
  return <img ref={element} src={url} alt={alt} decoding="async" class="picture" />;
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
