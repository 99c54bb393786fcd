import { describe, expect, it } from 'vitest';
import { packetOf } from '../testing/labelled.js';
import { withSegment } from '../testing/pictures.js';
import { jpeg, provenanceOf, XMP_SIGNATURE } from '../testing/read-provenance.js';

describe('a DigitalSourceType', () => {
  const typed = (type: string) =>
    packetOf({
      attributes: `xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalSourceType="${type}"`,
    });
  const labelOf = async (type: string) =>
    (
      await provenanceOf(
        'jpeg',
        withSegment(await jpeg(), 0xe1, Buffer.concat([Buffer.from(XMP_SIGNATURE), typed(type)])),
      )
    ).label;

  it.each([
    ['http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia', 'ai'],
    ['https://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia', 'ai'],
    ['trainedAlgorithmicMedia', 'ai'],
    ['http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia', 'maybe'],
    ['http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic', 'maybe'],
  ])('%s counts as %s and is copied', async (type, label) => {
    expect(await labelOf(type)).toMatchObject({ label, source: 'iptc', digitalSourceType: type, json: null });
  });

  it.each([
    'http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture',
    'http://example.com/trainedAlgorithmicMedia',
    'constructor',
  ])('%s does not count as a label', async (type) => {
    expect(await labelOf(type)).toBeNull();
  });
});
