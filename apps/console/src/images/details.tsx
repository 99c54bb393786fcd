import type { Image } from '@pixdock/client';
import { t } from '../messages/say.js';
import { formatPixels, formatSize, formatTime, formatType } from '../parts/format.js';

/** The facts before and after, and how the image is identified. */
export function Details({ image }: { image: Image }) {
  const { source, receipt } = image;
  const main = image.status === 'published' ? image.variants['main'] : undefined;
  const [colorBefore, colorAfter] = receipt?.colorProfile.split(' → ') ?? [];
  const facts: [string, string | null, string | null][] = [
    [
      'image.format',
      source.mediaType && formatType(source.mediaType),
      main ? formatType(main.mediaType) : null,
    ],
    [
      'image.dimensions',
      source.width === null || source.height === null ? null : formatPixels(source.width, source.height),
      main ? formatPixels(main.width, main.height) : null,
    ],
    [
      'image.size',
      source.bytes === null ? null : formatSize(source.bytes),
      main ? formatSize(main.bytes) : null,
    ],
    ['image.color', colorBefore ?? null, main ? (colorAfter ?? colorBefore ?? null) : null],
  ];
  const known = facts.filter(([, before, after]) => before !== null || after !== null);
  return (
    <div class="halves">
      {known.length > 0 && (
        <section class="panel padded">
          <h2>{t('image.facts')}</h2>
          <table class="facts">
            <thead>
              <tr>
                <td />
                <th scope="col">{t('image.before')}</th>
                <th scope="col">{t('image.after')}</th>
              </tr>
            </thead>
            <tbody>
              {known.map(([name, before, after]) => (
                <tr key={name}>
                  <th scope="row">{t(name as 'image.format')}</th>
                  <td>{before ?? '–'}</td>
                  <td>{after ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <section class="panel padded">
        <h2>{t('image.details')}</h2>
        <dl class="details">
          <Fact name={t('image.id')} value={image.id} isCode />
          <Fact name={t('image.reused')} value={image.reusedId} isCode />
          <Fact name={t('image.external-id')} value={image.externalId} />
          <Fact name={t('image.file')} value={source.filename} />
          <Fact name={t('image.source-url')} value={source.url} />
          <Fact name={t('image.profile')} value={image.profile} />
          <Fact name={t('image.attempts')} value={String(image.attempts)} />
          <Fact
            name={t('image.expires')}
            value={image.expiresAt === null ? null : formatTime(image.expiresAt)}
          />
        </dl>
      </section>
    </div>
  );
}

function Fact({ name, value, isCode = false }: { name: string; value: string | null; isCode?: boolean }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{isCode ? <code>{value}</code> : value}</dd>
    </div>
  );
}
