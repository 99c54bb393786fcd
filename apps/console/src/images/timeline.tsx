import type { Image } from '@pixdock/client';
import { isUnpublishedStatus } from '@pixdock/contract/status';
import { t } from '../messages/say.js';
import { formatDuration, formatTime } from '../parts/format.js';

/** The stages of an image with the time that each began. */
export function Timeline({ image }: { image: Image }) {
  const [first] = image.timeline;
  return (
    <section class="panel padded">
      <h2>{t('image.timeline')}</h2>
      <ol class="timeline">
        {image.timeline.map(({ stage, at }, i) => (
          <li key={`${stage} ${at}`}>
            <span>{t(`stage.${stage}`)}</span>
            <time dateTime={at} class="soft">
              {i === 0 || first === undefined
                ? formatTime(at)
                : `+ ${formatDuration(secondsBetween(first.at, at))}`}
            </time>
          </li>
        ))}
        {isUnpublishedStatus(image.status) && image.finishedAt !== null && (
          <li class="bad-text">
            <span>{t(`status.${image.status}`)}</span>
            <time dateTime={image.finishedAt}>{formatTime(image.finishedAt)}</time>
          </li>
        )}
      </ol>
    </section>
  );
}

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;
