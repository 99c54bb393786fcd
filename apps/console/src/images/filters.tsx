import type { Status } from '@pixdock/client';
import { t } from '../messages/say.js';
import { addressOf, navigate } from '../state/route.js';
import { titleOf } from './error-words.js';
import { type Filter, type FilterName, IMAGE_CODES } from './filter.js';

const STATUSES = ['queued', 'processing', 'published', 'failed', 'canceled', 'deleted'] as const;
const LABELS = ['any', 'ai', 'maybe', 'suspected'] as const;

export function Filters({ filter }: { filter: Filter }) {
  const change = (name: FilterName, value: string) => {
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
        {t('gallery.code')}
        <select
          value={filter.code ?? ''}
          onChange={({ currentTarget }) => change('code', currentTarget.value)}
        >
          <option value="">{t('gallery.any-code')}</option>
          {IMAGE_CODES.map((code) => (
            <option key={code} value={code}>
              {titleOf(code)}
            </option>
          ))}
        </select>
      </label>
      <Day name="since" filter={filter} onChange={change} />
      <Day name="until" filter={filter} onChange={change} />
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

interface DayProps {
  name: 'since' | 'until';
  filter: Filter;
  onChange: (name: FilterName, value: string) => void;
}

function Day({ name, filter, onChange }: DayProps) {
  return (
    <label>
      {t(`gallery.${name}`)}
      <input
        type="date"
        value={filter[name] ?? ''}
        onChange={({ currentTarget }) => onChange(name, currentTarget.value)}
      />
    </label>
  );
}
