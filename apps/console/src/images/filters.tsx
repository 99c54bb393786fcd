import { STATUSES } from '@pixdock/contract/status';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages/say.js';
import { addressOf, navigate } from '../state/route.js';
import { titleOf } from './error-words.js';
import { type Filter, type FilterName, IMAGE_CODES } from './filter.js';

const LABELS = ['any', 'ai', 'maybe', 'suspected'] as const;

export function Filters({ filter }: { filter: Filter }) {
  const change = (name: FilterName, value: string) => {
    const query = new URLSearchParams(filter as Record<string, string>);
    if (value === '') query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    navigate(text === '' ? 'images' : `images?${text}`, name === 'search' && filter.search !== undefined);
  };
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <Search value={filter.search ?? ''} onChange={(value) => change('search', value)} />
      <Choice
        label={t('gallery.status')}
        any={t('gallery.any-status')}
        values={STATUSES}
        wordOf={(status) => t(`status.${status}`)}
        value={filter.status}
        onChange={(value) => change('status', value)}
      />
      <Choice
        label={t('gallery.code')}
        any={t('gallery.any-code')}
        values={IMAGE_CODES}
        wordOf={titleOf}
        value={filter.code}
        onChange={(value) => change('code', value)}
      />
      <Day name="since" filter={filter} onChange={change} />
      <Day name="until" filter={filter} onChange={change} />
      <Choice
        label={t('gallery.label')}
        any={t('gallery.any-label')}
        values={LABELS}
        wordOf={(label) => t(`gallery.label.${label}`)}
        value={filter.aiLabel}
        onChange={(value) => change('aiLabel', value)}
      />
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

/** A search begins after a pause in typing. */
const TYPING_MS = 300;
/** As long as an externalId. */
const MAX_LENGTH = 256;

function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const searched = useRef(value);
  const latest = useRef(onChange);
  latest.current = onChange;
  // The filter was cleared, or the address changed.
  useEffect(() => {
    if (value !== searched.current) setText(value);
    searched.current = value;
  }, [value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === searched.current) return;
    const timer = setTimeout(() => {
      searched.current = wanted;
      latest.current(wanted);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="search">
      {t('gallery.search')}
      <input
        type="search"
        maxLength={MAX_LENGTH}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </label>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  /** The words of the choice that filters nothing. */
  any: string;
  values: readonly Value[];
  wordOf: (value: Value) => string;
  value: Value | undefined;
  onChange: (value: string) => void;
}

function Choice<Value extends string>({ label, any, values, wordOf, value, onChange }: ChoiceProps<Value>) {
  return (
    <label>
      {label}
      <select value={value ?? ''} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{any}</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {wordOf(one)}
          </option>
        ))}
      </select>
    </label>
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
