import type { Image } from '@pixdock/client';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Empty, Loading, ProblemNotice } from '../parts/notice.js';
import { Reason } from '../parts/reason.js';
import { StatusBadge } from '../parts/status.js';
import { Thumb } from '../parts/thumb.js';
import { addressOf, route } from '../state/route.js';
import { may } from '../state/session.js';
import { filterOf } from './filter.js';
import { Filters } from './filters.js';
import { nameOf } from './name-of.js';
import { SelectionBar } from './selection-bar.js';
import { useImageList } from './use-image-list.js';
import { useSelection } from './use-selection.js';

/** The images of the owner, newest first or in the order of the name that is searched. */
export function Gallery() {
  const filter = filterOf(route.value.query);
  const isFiltered = Object.keys(filter).length > 0;
  const { images, isAtEnd, error, loadMore, reload } = useImageList(filter);
  const selection = useSelection(images, filter);
  return (
    <div>
      <h1 tabIndex={-1}>{t('gallery.title')}</h1>
      <Filters filter={filter} />
      {images.length === 0 && isAtEnd && (
        <Empty
          icon="images"
          title={t(isFiltered ? 'gallery.none' : 'gallery.empty')}
          {...(isFiltered ? {} : { hint: t('gallery.empty-hint') })}
        >
          {isFiltered ? (
            <a class="button" href={addressOf('images')}>
              {t('gallery.clear')}
            </a>
          ) : (
            may('submit') && (
              <a class="button primary" href={addressOf('')}>
                {t('gallery.upload')}
              </a>
            )
          )}
        </Empty>
      )}
      <ul class="gallery">
        {images.flatMap((image) => [
          <li key={image.id}>
            <Card image={image} />
            <input
              type="checkbox"
              aria-label={t('gallery.select', { name: nameOf(image) })}
              checked={selection.has(image)}
              onClick={({ shiftKey }) => selection.toggle(image, shiftKey)}
            />
          </li>,
          // The Tab key goes from the box to the bar.
          selection.images.length > 0 && image === selection.last && (
            <li key="selection" class="selection-bar panel">
              <SelectionBar selection={selection} shown={images.length} />
            </li>
          ),
        ])}
      </ul>
      {error !== null && <ProblemNotice error={error} retry={reload} />}
      {!isAtEnd && error === null && <MoreWhenVisible onVisible={loadMore} count={images.length} />}
      {isAtEnd && images.length > 0 && <p class="soft centered">{t('gallery.end')}</p>}
    </div>
  );
}

function Card({ image }: { image: Image }) {
  const name = nameOf(image);
  const { filename } = image.source;
  return (
    <a class="card" href={addressOf(`images/${image.id}`)}>
      <Thumb image={image} />
      <span class="card-name" title={name}>
        {name}
      </span>
      {filename !== null && !name.endsWith(filename) && <span class="card-file">{filename}</span>}
      <StatusBadge image={image} />
      {image.error !== null && <Reason {...image.error} />}
    </a>
  );
}

/** Loads the next page before its end is reached. */
function MoreWhenVisible({ onVisible, count }: { onVisible: () => void; count: number }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mark.current === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && onVisible(), {
      rootMargin: '600px',
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [count]);
  return (
    <div ref={mark}>
      <Loading />
    </div>
  );
}
