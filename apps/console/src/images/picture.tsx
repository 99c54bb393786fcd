import type { Image } from '@pixdock/client';
import { isDeletedStatus, isOpenStatus } from '@pixdock/contract/status';
import { useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { isShownHeld, Thumb } from '../parts/thumb.js';
import { useObjectUrl } from '../parts/use-object-url.js';
import { fileOf } from '../upload/page-queue.js';

/** The image; with its file at hand, before and after below a slider. */
export function Picture({ image }: { image: Image }) {
  const before = useObjectUrl(fileOf(image.id));
  const [share, setShare] = useState(50);
  const [isBroken, setIsBroken] = useState(false);
  const after = image.status === 'published' ? image.url : null;
  if (after === null) return <Pending image={image} before={before} />;
  const main = image.variants['main'];
  const ratio = main === undefined ? {} : { aspectRatio: `${main.width} / ${main.height}` };
  const layers = main === undefined ? {} : { '--ratio': String(main.width / main.height) };
  if (before === null || isBroken)
    return (
      <figure class="picture-frame">
        <img src={after} alt={t('image.alt')} style={ratio} />
      </figure>
    );
  return (
    <figure class="picture-frame compare">
      <div class="layers" style={layers}>
        <img src={after} alt={t('image.alt')} />
        <img
          src={before}
          alt={t('image.alt-before')}
          style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
          onError={() => setIsBroken(true)}
        />
        <span class="divider" style={{ left: `${share}%` }} />
        <span class="tag start">{t('image.before')}</span>
        <span class="tag end">{t('image.after')}</span>
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label={t('image.compare')}
          onInput={({ currentTarget }) => setShare(Number(currentTarget.value))}
        />
      </div>
    </figure>
  );
}

function Pending({ image, before }: { image: Image; before: string | null }) {
  // Nothing to show beside the reason.
  if (before === null && image.status === 'failed') return null;
  const text = isDeletedStatus(image.status)
    ? t('image.gone')
    : isOpenStatus(image.status)
      ? t(isShownHeld(image) ? 'image.held' : 'image.wait')
      : null;
  return (
    <figure class="picture-frame pending">
      {before === null ? <Thumb image={image} /> : <img src={before} alt={t('image.alt-before')} />}
      {text !== null && <figcaption>{text}</figcaption>}
    </figure>
  );
}
