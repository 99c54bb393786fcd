import { expect, it } from 'vitest';
import { differences } from './differences.js';

const STRUCTURE = { 'File:FileType': 'PNG', 'PNG:BitDepth': 8 };
const AIGC = '{"Label":"1","ProduceID":"a"}';
const labelled = { ...STRUCTURE, 'XMP-TC260:Aigc': AIGC };
const expected = { aigc: AIGC, digitalSourceType: null };
const none = { aigc: null, digitalSourceType: null };

it('accepts an output with only the label', () => {
  expect(differences(labelled, expected)).toEqual([]);
  expect(differences(STRUCTURE, none)).toEqual([]);
});

it.each([
  ['a missing label', STRUCTURE, expected, ['has undefined as Label', 'has undefined as ProduceID']],
  [
    'a changed field',
    { ...labelled, 'XMP-TC260:Aigc': '{"Label":"1","ProduceID":"b"}' },
    expected,
    ['has "b" as ProduceID'],
  ],
  ['a label from nowhere', labelled, none, ['has "1" as Label', 'has "a" as ProduceID']],
  [
    'a source type from nowhere',
    { ...labelled, 'XMP-iptcExt:DigitalSourceType': 'x' },
    expected,
    ['has the source type x'],
  ],
  ['EXIF', { ...labelled, 'IFD0:Make': 'x' }, expected, ['has IFD0:Make']],
  ['a comment', { ...labelled, 'File:Comment': 'x' }, expected, ['has File:Comment']],
  ['an unreadable file', {}, none, ['cannot be read']],
])('reports %s', (_, tags, wanted, found) => {
  expect(differences(tags, wanted)).toEqual(found);
});
