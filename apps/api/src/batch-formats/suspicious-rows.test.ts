import { sayDetail } from '@pixdock/contract/messages/detail';
import { testItem } from '@pixdock/shared/testing/batch';
import { expect, it } from 'vitest';
import { openSuspiciousRows } from './suspicious-rows.js';

const rowOf = (row: number, url: string) => ({ row, line: row, cells: [], value: { url }, fault: null });

function warningsOf(rows: { url: string; externalId?: string | null; isInvalid?: boolean }[]): string[] {
  const suspicious = openSuspiciousRows();
  for (const [i, { url, externalId = null, isInvalid = false }] of rows.entries()) {
    const origin = isInvalid ? null : ({ kind: 'url', url, headers: {} } as const);
    suspicious.note(rowOf(i + 2, url), testItem(i + 2, { origin, externalId }));
  }
  return suspicious.warnings().map(({ code, detail }) => `${code}: ${sayDetail('en', detail)}`);
}

it('names the rows with a URL or an externalId of an earlier row', () => {
  const [a, b] = ['https://a.example/1.jpg', 'https://a.example/2.jpg'];
  expect(
    warningsOf([
      { url: a, externalId: 'x' },
      { url: b, externalId: 'y' },
      { url: a, externalId: 'y' },
    ]),
  ).toEqual([
    `repeated_url: Row 4 has the URL of row 2: ${a}`,
    'repeated_external_id: Row 4 has the externalId of row 3: "y"',
  ]);
});

it.each(['6.90123E+12', '6,9e+12'])('recognizes %s as a number that Excel has shortened', (externalId) => {
  expect(warningsOf([{ url: 'https://a.example/1', externalId }])).toEqual([
    expect.stringMatching(/^shortened_number: Row 2: "6.*Excel/),
  ]);
  expect(warningsOf([{ url: 'https://a.example/1', externalId: 'E+12' }])).toEqual([]);
});

it('repairs full-width punctuation in a URL, also in one that is invalid', () => {
  expect(
    warningsOf([
      { url: 'https：／／a．example／1.jpg', isInvalid: true },
      { url: 'https://a.example/／2.jpg' },
      { url: '图／片', isInvalid: true },
      { url: 'https://a.example/图片.jpg' },
    ]),
  ).toEqual([
    expect.stringMatching(/^full_width_url: Row 2 .* https:\/\/a\.example\/1\.jpg$/),
    expect.stringMatching(/^full_width_url: Row 3 .* https:\/\/a\.example\/\/2\.jpg$/),
  ]);
});

it('names twenty rows of each kind and counts the others', () => {
  const warnings = warningsOf(Array.from({ length: 1000 }, () => ({ url: 'https://a.example/1' })));
  expect(warnings).toHaveLength(21);
  expect(warnings.at(-1)).toMatch(/^repeated_url: 979 further rows/);
});
