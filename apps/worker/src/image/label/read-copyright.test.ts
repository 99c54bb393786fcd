import { describe, expect, it } from 'vitest';
import { exifSegment, makeExif } from '../testing/exif.js';
import { packetOf } from '../testing/labelled.js';
import { withSegment } from '../testing/pictures.js';
import { jpeg, picture, provenanceOf, XMP_SIGNATURE } from '../testing/read-provenance.js';

describe('copyright', () => {
  const rights = packetOf({
    elements:
      '<d:creator xmlns:d="http://purl.org/dc/elements/1.1/"><rdf:Seq><rdf:li>Ada</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></d:creator>' +
      '<d:rights xmlns:d="http://purl.org/dc/elements/1.1/"><rdf:Alt><rdf:li xml:lang="x-default">© Ada</rdf:li></rdf:Alt></d:rights>' +
      '<r:WebStatement xmlns:r="http://ns.adobe.com/xap/1.0/rights/">https://example.com/terms</r:WebStatement>',
  });
  const inXmp = async (packet: Buffer) => {
    const file = withSegment(await jpeg(), 0xe1, Buffer.concat([Buffer.from(XMP_SIGNATURE), packet]));
    return (await provenanceOf('jpeg', file)).copyright;
  };

  it('is read from XMP', async () => {
    const expected = { creator: 'Ada; Bob', notice: '© Ada', licenseUrl: 'https://example.com/terms' };
    expect(await inXmp(rights)).toEqual(expected);
  });

  it('is read from EXIF', async () => {
    const file = await picture()
      .withExif({ IFD0: { Artist: 'Ada', Copyright: '2026 Ada' } })
      .jpeg()
      .toBuffer();
    expect((await provenanceOf('jpeg', file)).copyright).toEqual({
      creator: 'Ada',
      notice: '2026 Ada',
      licenseUrl: null,
    });
  });

  it('is left out if it is not UTF-8', async () => {
    const copyright = Buffer.from('© 2026 Ada', 'latin1');
    const exif = makeExif([[0x8298, 2, copyright.length, 26]], copyright);
    expect(
      (await provenanceOf('jpeg', withSegment(await jpeg(), 0xe1, exifSegment(exif)))).copyright,
    ).toBeNull();
    const iim = iimSegment([[116, copyright]]);
    expect((await provenanceOf('jpeg', withSegment(await jpeg(), 0xed, iim))).copyright).toBeNull();
  });

  it('is read from IPTC-IIM', async () => {
    const block = iimSegment([
      [80, Buffer.from('Ada')],
      [116, Buffer.from('© Ada')],
    ]);
    const { copyright } = await provenanceOf('jpeg', withSegment(await jpeg(), 0xed, block));
    expect(copyright).toEqual({ creator: 'Ada', notice: '© Ada', licenseUrl: null });
  });

  function iimSegment(datasets: readonly (readonly [number: number, value: Buffer])[]): Buffer {
    const parts = datasets.map(([number, value]) =>
      Buffer.concat([Buffer.of(0x1c, 2, number, 0, value.length), value]),
    );
    const body = Buffer.concat(parts);
    const head = Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0', 'latin1');
    return Buffer.concat([head, Buffer.of(body.length), body]);
  }

  it.each([
    [
      'a script as the licence',
      rights.toString().replace('https://example.com/terms', 'javascript:alert(1)'),
      'licenseUrl',
    ],
    ['a notice that is too long', rights.toString().replace('© Ada', 'x'.repeat(2000)), 'notice'],
  ] as const)('leaves out %s', async (_, packet, member) => {
    expect((await inXmp(Buffer.from(packet)))?.[member]).toBeNull();
  });
});
