import type { Image } from '@pixdock/client';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../messages/say.js';
import { Empty, Loading, ProblemNotice } from '../parts/notice.js';
import { StatusBadge } from '../parts/status.js';
import { Thumb } from '../parts/thumb.js';
import { addressOf, route } from '../state/route.js';
import { may } from '../state/session.js';
import { filterOf } from './filter.js';
import { Filters } from './filters.js';
import { nameOf } from './name-of.js';
import { useImageList } from './use-image-list.js';

/** The images of the owner, newest first. */
export function Gallery() {
  const filter = filterOf(route.value.query);
  const isFiltered = Object.keys(filter).length > 0;
  const { images, isAtEnd, error, loadMore, reload } = useImageList(filter);
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
        {images.map((image) => (
          <li key={image.id}>
            <Card image={image} />
          </li>
        ))}
      </ul>
      {error !== null && <ProblemNotice error={error} retry={reload} />}
      {!isAtEnd && error === null && <MoreWhenVisible onVisible={loadMore} count={images.length} />}
      {isAtEnd && images.length > 0 && <p class="soft centered">{t('gallery.end')}</p>}
    </div>
  );
}

function Card({ image }: { image: Image }) {
  const name = nameOf(image);
  return (
    <a class="card" href={addressOf(`images/${image.id}`)}>
      <Thumb image={image} />
      <span class="card-name" title={name}>
        {name}
      </span>
      <StatusBadge status={image.status} />
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
