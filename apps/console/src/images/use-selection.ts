import type { Image } from '@pixdock/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Filter } from './filter.js';

/** The chosen ones of the shown images; none after the filter has changed. */
export function useSelection(shown: readonly Image[], filter: Filter) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const clear = () => setIds(new Set());
  useEffect(clear, [JSON.stringify(filter)]);
  useEffect(() => {
    const escape = ({ key }: KeyboardEvent) => {
      // A dialog closes first.
      if (key === 'Escape' && document.querySelector('dialog[open]') === null) clear();
    };
    addEventListener('keydown', escape);
    return () => removeEventListener('keydown', escape);
  }, []);

  /** @param withRange chooses also the images since the last chosen one */
  function toggle({ id }: Image, withRange: boolean): void {
    const placeOf = (wanted: string | null) => shown.findIndex((image) => image.id === wanted);
    const to = placeOf(id);
    const from = withRange && placeOf(last.current) !== -1 ? placeOf(last.current) : to;
    const next = new Set(ids);
    for (const image of shown.slice(Math.min(from, to), Math.max(from, to) + 1))
      if (ids.has(id)) next.delete(image.id);
      else next.add(image.id);
    last.current = id;
    setIds(next);
  }

  const images = shown.filter(({ id }) => ids.has(id));
  return {
    images,
    /** The image that was chosen last. */
    last: shown.find(({ id }) => id === last.current) ?? images.at(-1),
    has: ({ id }: Image) => ids.has(id),
    toggle,
    clear,
    all: () => setIds(new Set(shown.map(({ id }) => id))),
  };
}

export type Selection = ReturnType<typeof useSelection>;
