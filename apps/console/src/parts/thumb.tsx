import type { Image } from '@pixdock/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { thumbHashToDataURL } from 'thumbhash';
import { currentClient, may } from '../state/session.js';
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
      {small === null && (status === 'published' || isShownHeld(image)) && (
        <PictureWithoutUrl image={image} alt={alt} />
      )}
    </span>
  );
}

/** Whether the image waits for a decision, and the key may see it. */
export const isShownHeld = ({ status, stage }: Image) =>
  status === 'processing' && stage === 'reviewing' && may('review');

/** The picture of a private or a held image, which gets a URL once it is near the screen. */
function PictureWithoutUrl({ image, alt }: { image: Image; alt: string }) {
  const [url, setUrl] = useState<string>();
  const element = useRef<HTMLImageElement>(null);
  const { id, status } = image;
  useEffect(() => {
    const closing = new AbortController();
    let made: string | undefined;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return;
      observer.disconnect();
      // Without a picture the placeholder stays, for example while the image is being deleted.
      urlOf(image, closing.signal).then(
        (found) => {
          made = found;
          setUrl(found);
        },
        () => {},
      );
    });
    if (element.current !== null) observer.observe(element.current);
    return () => {
      observer.disconnect();
      closing.abort();
      // Of a held image.
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [id, status]);
  return <img ref={element} src={url} alt={alt} decoding="async" class="picture" />;
}

/** A signed URL of a published image; of a held one, whose bytes are not in OSS, the URL of its bytes in this page. */
async function urlOf({ id, status, variants }: Image, signal: AbortSignal): Promise<string> {
  const { images } = currentClient();
  if (status === 'published')
    return (await images.sign(id, { variant: 'thumb' in variants ? 'thumb' : 'main', signal })).url;
  const bytes = await new Response(await images.content(id, { signal })).blob();
  signal.throwIfAborted();
  return URL.createObjectURL(bytes);
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
