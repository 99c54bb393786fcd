import { expect, it } from 'vitest';
import { DEFAULT, profile } from '../testing/bench.js';
import { LABELS } from '../testing/labelled.js';
import { chooseMetadata, describeProvenance } from './keep.js';
import type { Provenance } from './provenance.js';
import { readLabel } from './read-label.js';

const ID = 'img_1';
const provenanceOf = (json: string): Provenance => ({
  label: readLabel([{ values: new Map([['TC260:AIGC', [json]]]), mayHideLabel: false }], []),
  copyright: { creator: 'Ada', notice: '© Ada', licenseUrl: null },
  c2pa: true,
});
const keep = (json: string, propagator: string | null) =>
  chooseMetadata(provenanceOf(json), { isKept: true, propagator }, DEFAULT, ID).aigc;

it('copies the JSON unchanged without a propagator', () => {
  expect(keep(LABELS.text ?? '', null)).toBe(LABELS.text);
});

it.each([
  ['{"Label":"1","ContentProducer":"A"}', { ContentPropagator: 'Me', PropagateID: ID }],
  [
    '{"Label":"1","ContentPropagator":"","PropagateID":"own"}',
    { ContentPropagator: 'Me', PropagateID: 'own' },
  ],
])('fills in the propagator of %s', (json, added) => {
  expect(JSON.parse(keep(json, 'Me') ?? '')).toEqual({ ...JSON.parse(json), ...added });
});

it('fills in the propagator within a member AIGC', () => {
  expect(keep('{"AIGC":{"Label":"1"}}', 'Me')).toBe(
    '{"AIGC":{"Label":"1","ContentPropagator":"Me","PropagateID":"img_1"}}',
  );
});

it('repeats numbers and characters that XML cannot contain as in the source', () => {
  const members = '"Label":1,"ProduceID":9007199254740993,"x":[2.50,-1e3,"1.50","\\"2.50","\\uffff"]';
  expect(keep(`{${members}}`, 'Me')).toBe(`{${members},"ContentPropagator":"Me","PropagateID":"img_1"}`);
});

it('leaves a label alone that names another propagator', () => {
  expect(keep(LABELS.full ?? '', 'Me')).toBe(LABELS.full);
});

it('drops the label if the setting says so, and reports it', () => {
  const provenance = provenanceOf(LABELS.full ?? '');
  const kept = chooseMetadata(provenance, { isKept: false, propagator: 'Me' }, DEFAULT, ID);
  expect(kept).toEqual({ aigc: null, digitalSourceType: null, copyright: null });
  const { aiLabel, c2pa, copyright } = describeProvenance(provenance, kept, ['webp']);
  expect(aiLabel).toMatchObject({ label: 'ai', written: false, omitted: 'setting' });
  expect([c2pa, copyright]).toEqual([true, null]);
});

it('keeps the copyright only for a profile that asks for it', () => {
  const asks = profile({ variants: { main: {} }, metadata: 'copyright' });
  const provenance = provenanceOf(LABELS.full ?? '');
  const kept = chooseMetadata(provenance, { isKept: true, propagator: null }, asks, ID);
  expect(kept.copyright).toEqual(provenance.copyright);
  expect(describeProvenance(provenance, kept, ['jpeg']).copyright).toMatchObject({
    creator: 'Ada',
    written: true,
  });
  expect(describeProvenance(provenance, kept, ['gif']).copyright).toMatchObject({ written: false });
});

it('names the propagator that outputs have', () => {
  const provenance = provenanceOf('{"Label":"1"}');
  const kept = chooseMetadata(provenance, { isKept: true, propagator: 'Me' }, DEFAULT, ID);
  expect(describeProvenance(provenance, kept, ['jpeg']).aiLabel?.propagator).toBe('Me');
});
