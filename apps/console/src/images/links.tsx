import type { Image } from '@pixdock/client';
import { t } from '../messages/say.js';
import { CopyButton } from '../parts/copy-button.js';
import { formatPixels, formatSize, formatType } from '../parts/format.js';
import { ProblemNotice } from '../parts/notice.js';
import { useTask } from '../parts/use-task.js';
import { currentClient } from '../state/session.js';
import { nameOf } from './name-of.js';
import { htmlOf, markdownOf } from './snippets.js';

/** The variants with their URLs, to copy in the form that a page, a document or a chat needs. */
export function Links({ image }: { image: Image }) {
  const alt = nameOf(image).replace(/\.(?:jpe?g|png|webp|gif|avif|tiff?)$/i, '');
  return (
    <section class="panel">
      <h2 class="padded">{t('image.variants')}</h2>
      <ul class="rows">
        {Object.entries(image.variants).map(([name, variant]) => (
          <li key={name} class="link-row">
            <div class="link-facts">
              <strong>{name}</strong>
              <span class="soft">
                {formatType(variant.mediaType)} · {formatPixels(variant.width, variant.height)} ·{' '}
                {formatSize(variant.bytes)}
              </span>
              {variant.url !== null && (
                <a href={variant.url} target="_blank" rel="noreferrer" class="url">
                  {variant.url}
                </a>
              )}
            </div>
            {variant.url === null && <OpenButton id={image.id} variant={name} />}
            {variant.url !== null && (
              <div class="actions" role="group" aria-label={`${t('image.copy-as')}: ${name}`}>
                <CopyButton text={variant.url} name="URL" />
                <CopyButton text={markdownOf(alt, variant.url)} name="Markdown" />
                <CopyButton text={htmlOf(alt, { ...variant, url: variant.url })} name="HTML" />
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Opens a variant of a private image with a signed URL. */
function OpenButton({ id, variant }: { id: string; variant: string }) {
  const task = useTask();
  const open = async () => {
    const { url } = await currentClient().images.sign(id, { variant });
    window.open(url, '_blank', 'noreferrer');
  };
  return (
    <div class="actions">
      {task.error !== null && <ProblemNotice error={task.error} />}
      <button type="button" disabled={task.busy} onClick={() => task.run(open)}>
        {t('image.open')}
      </button>
    </div>
  );
}
