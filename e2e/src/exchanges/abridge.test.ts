import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { abridge } from './abridge.js';
import { readableJson } from './readable-json.js';

type Members = Record<string, unknown>;

const IMAGE = {
  id: 1,
  status: 'queued',
  url: null,
  source: { kind: 'upload', bytes: 7 },
  timeline: [{ at: 1 }],
};
const FULL = { image: IMAGE };

test('names the object that one resembles, and what differs, also in an object within it', () => {
  expect(abridge({ items: [{ ...IMAGE, source: { kind: 'url', bytes: 7 } }] }, FULL)).toEqual({
    items: [{ like: 'image', source: { kind: 'url' } }],
  });
  const { url: _, ...withoutUrl } = IMAGE;
  expect(abridge(withoutUrl, FULL)).toEqual({ like: 'image', without: ['url'] });
  const other = { a: 1, b: 2, c: 3, d: 4 };
  expect(abridge(other, FULL)).toEqual(other);
});

/** The value that `abridge` was called with. */
function restore(value: unknown, full: Readonly<Record<string, Members>>): unknown {
  if (Array.isArray(value)) return value.map((element) => restore(element, full));
  if (typeof value !== 'object' || value === null) return value;
  const { like, ...members } = value as Members;
  if (typeof like === 'string') return merge(full[like] ?? {}, members);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, restore(member, full)]));
}

function merge(base: Members, { without = [], ...changed }: Members): Members {
  const kept = Object.entries(base).filter(([name]) => !(without as string[]).includes(name));
  const merged = Object.entries(changed).map(([name, member]) => {
    const known = base[name];
    const isPart = [member, known].every(
      (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
    );
    const isEmpty = Object.keys(known ?? {}).length === 0;
    return [name, isPart && !isEmpty ? merge(known as Members, member as Members) : member];
  });
  return { ...Object.fromEntries(kept), ...Object.fromEntries(merged) };
}

test('loses nothing, and is the same JSON when it is printed', () => {
  const leaf = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.string({ maxLength: 60 }),
    fc.constantFrom({}, []),
  );
  const names = fc.constantFrom('id', 'status', 'url', 'bytes', 'kind');
  const members = fc.dictionary(names, fc.oneof(leaf, fc.dictionary(names, leaf), fc.array(leaf)));
  fc.assert(
    fc.property(members, members, fc.array(members), (image, batch, values) => {
      const abridged = abridge(values, { image, batch });
      expect(JSON.parse(readableJson(abridged))).toEqual(abridged);
      expect(restore(abridged, { image, batch })).toEqual(values);
    }),
  );
});
