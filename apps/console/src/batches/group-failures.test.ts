import type { ErrorCode } from '@pixdock/client';
import { expect, test } from 'vitest';
import { SOURCE, testImage } from '../testing/image.js';
import { groupFailures } from './group-failures.js';

const failed = (code: ErrorCode, url: string | null) =>
  testImage({
    source: { ...SOURCE, url },
    error: { code, title: code, retryable: true, type: '', status: 400, detail: '' },
  });

test('groups failures by code, the largest first, and counts the hosts of each', () => {
  const groups = groupFailures([
    failed('invalid_row', null),
    failed('source_timeout', 'https://a.example/1'),
    failed('source_timeout', 'https://b.example/2'),
    failed('source_timeout', 'https://b.example/3'),
  ]);
  expect(groups.map(({ code, images, hosts }) => [code, images.length, hosts])).toEqual([
    [
      'source_timeout',
      3,
      [
        { host: 'b.example', count: 2 },
        { host: 'a.example', count: 1 },
      ],
    ],
    ['invalid_row', 1, []],
  ]);
});
