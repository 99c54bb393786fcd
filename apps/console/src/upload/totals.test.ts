import { expect, test } from 'vitest';
import { addUp } from './totals.js';
import { newUpload } from './upload.js';

test('counts each finished file once, and ignores canceled ones', () => {
  const states = ['published', 'known', 'refused', 'sending', 'canceled'] as const;
  const uploads = states.map((state) => {
    const upload = newUpload({ file: new File(['12345'], 'a.jpg'), name: 'a.jpg' }, 'default');
    upload.state.value = state;
    return upload;
  });
  const sums = addUp(uploads);
  expect(sums).toMatchObject({ files: 4, finished: 3, published: 1, known: 1, problems: 1, arrived: 3 });
  expect(sums).toMatchObject({ totalBytes: 20, sentBytes: 15 });
});
