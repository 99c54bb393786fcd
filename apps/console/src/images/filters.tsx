import type { ImageFilter, Status } from '@pixdock/client';
import { t } from '../messages/say.js';
import { addressOf, navigate } from '../state/route.js';

const STATUSES = ['queued', 'processing', 'published', 'failed', 'canceled', 'deleted'] as const;
const LABELS = ['any', 'ai', 'maybe', 'suspected'] as const;
const NAMES = ['status', 'aiLabel', 'externalId', 'batchId'] as const;

export type Filter = Pick<ImageFilter, (typeof NAMES)[number]>;

/** The filter in the query of an address, so that it can be linked and survives a reload. */
export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of NAMES) {
    const value = query.get(name);
    if (value !== null && value !== '') Object.assign(filter, { [name]: value });
  }
  return filter;
}

export function Filters({ filter }: { filter: Filter }) {
  const change = (name: (typeof NAMES)[number], value: string) => {
    const query = new URLSearchParams(filter as Record<string, string>);
    if (value === '') query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    navigate(text === '' ? 'images' : `images?${text}`);
  };
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        {t('gallery.status')}
        <select
          value={filter.status ?? ''}
          onChange={({ currentTarget }) => change('status', currentTarget.value)}
        >
          <option value="">{t('gallery.any-status')}</option>
          {STATUSES.map((status: Status) => (
            <option key={status} value={status}>
              {t(`status.${status}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('gallery.label')}
        <select
          value={filter.aiLabel ?? ''}
          onChange={({ currentTarget }) => change('aiLabel', currentTarget.value)}
        >
          <option value="">{t('gallery.any-label')}</option>
          {LABELS.map((label) => (
            <option key={label} value={label}>
              {t(`gallery.label.${label}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('gallery.external-id')}
        <input
          type="search"
          value={filter.externalId ?? ''}
          onChange={({ currentTarget }) => change('externalId', currentTarget.value.trim())}
        />
      </label>
      <label>
        {t('gallery.batch')}
        <input
          type="search"
          value={filter.batchId ?? ''}
          placeholder="bat_…"
          onChange={({ currentTarget }) => change('batchId', currentTarget.value.trim())}
        />
      </label>
      {Object.keys(filter).length > 0 && (
        <a class="button" href={addressOf('images')}>
          {t('gallery.clear')}
        </a>
      )}
    </form>
  );
}
