import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props<T> {
  items: readonly T[];
  keyOf: (item: T) => string | number;
  /** Of most rows, in pixels. A row with more text is higher. */
  rowHeight: number;
  label: string;
  render: (item: T) => ComponentChildren;
}

/** Rows beyond the visible ones, so that scrolling shows no gaps. */
const SPARE_ROWS = 6;

/** A list that has only the visible rows in the document. */
export function WindowedList<T>({ items, keyOf, rowHeight, label, render }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const { heights, observe } = useHeights();
  const tops = [0];
  for (const item of items) tops.push((tops.at(-1) ?? 0) + (heights.get(String(keyOf(item))) ?? rowHeight));
  const firstAt = (y: number) => tops.findIndex((top) => top >= y);
  const first = Math.max(0, firstAt(view.top) - SPARE_ROWS);
  const end = firstAt(view.top + view.height);
  const last = end === -1 ? items.length : end + SPARE_ROWS;
  return (
    // A scrollable region must be reachable by keyboard.
    <div class="windowed" ref={box} tabIndex={0} role="region" aria-label={label}>
      <ul style={{ height: `${tops.at(-1)}px` }}>
        {items.slice(first, last).map((item, i) => (
          <li
            key={keyOf(item)}
            data-key={keyOf(item)}
            ref={observe}
            aria-setsize={items.length}
            aria-posinset={first + i + 1}
            style={{ minHeight: `${rowHeight}px`, transform: `translateY(${tops[first + i]}px)` }}
          >
            {render(item)}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The heights of the rows that have been in the document, by key. */
function useHeights() {
  const [heights, setHeights] = useState<ReadonlyMap<string, number>>(new Map());
  const [observer] = useState(
    () => new ResizeObserver((entries) => setHeights((known) => withHeights(known, entries))),
  );
  const [observe] = useState(() => (row: HTMLElement | null) => void (row !== null && observer.observe(row)));
  useEffect(() => () => observer.disconnect(), []);
  return { heights, observe };
}

function withHeights(known: ReadonlyMap<string, number>, entries: readonly ResizeObserverEntry[]) {
  const changed = entries.flatMap(({ target }): [string, number][] => {
    const { dataset, offsetHeight } = target as HTMLElement;
    const key = dataset['key'] ?? '';
    // A row that has left the document has no height.
    return offsetHeight === 0 || known.get(key) === offsetHeight ? [] : [[key, offsetHeight]];
  });
  return changed.length === 0 ? known : new Map([...known, ...changed]);
}
