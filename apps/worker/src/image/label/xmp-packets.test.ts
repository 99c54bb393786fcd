import { describe, expect, it } from 'vitest';
import { packetOf } from '../testing/labelled.js';
import { withSegment } from '../testing/pictures.js';
import { jpeg, provenanceOf, XMP_SIGNATURE } from '../testing/read-provenance.js';

const LABEL = '{"Label":"1"}';

describe('extended XMP', () => {
  const part = (guid: string, offset: number, data: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length, 0);
    head.writeUInt32BE(offset, 4);
    return Buffer.concat([Buffer.from(`http://ns.adobe.com/xmp/extension/\0${guid}`), head, data]);
  };
  const GUID = 'A'.repeat(32);
  const extended = packetOf({
    elements: `<T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">${LABEL}</T:AIGC>`,
  });
  const main = (guid: string) =>
    Buffer.concat([
      Buffer.from(XMP_SIGNATURE),
      packetOf({ attributes: `xmlns:n="http://ns.adobe.com/xmp/note/" n:HasExtendedXMP="${guid}"` }),
    ]);

  it('has a label if the packet names it', async () => {
    const named = withSegment(withSegment(await jpeg(), 0xe1, part(GUID, 0, extended)), 0xe1, main(GUID));
    expect((await provenanceOf('jpeg', named)).label?.json).toBe(LABEL);
  });

  it('is not a segment that ends within the signature', async () => {
    const segment = Buffer.from(XMP_SIGNATURE).subarray(0, 10);
    const file = withSegment(await jpeg(), 0xe1, segment);
    const behind = Buffer.concat([
      file.subarray(0, 16),
      Buffer.from(XMP_SIGNATURE).subarray(10),
      file.subarray(16),
    ]);
    expect((await provenanceOf('jpeg', behind, await jpeg())).label).toBeNull();
  });

  it.each([
    ['that no packet names', 'B'.repeat(32), 0],
    ['whose first part is missing', GUID, 100],
  ])('is ignored %s', async (_, guid, offset) => {
    const file = withSegment(withSegment(await jpeg(), 0xe1, part(guid, offset, extended)), 0xe1, main(GUID));
    expect((await provenanceOf('jpeg', file)).label).toBeNull();
  });
});
