import type { StoredFormat } from '@pixdock/contract/media-type';
import { describe, expect, it } from 'vitest';
import { box } from '../testing/heif.js';
import { withSegment } from '../testing/pictures.js';
import { withChunk } from '../testing/png.js';
import { jpeg, picture, provenanceOf } from '../testing/read-provenance.js';
import { withWebpChunk } from '../testing/webp.js';

describe('a C2PA manifest', () => {
  const jumbf = Buffer.concat([
    Buffer.from('JP\0\x01\0\0\0\x01\0\0\0\x40jumb\0\0\0\x21jumdc2pa\0\x11\0\x10', 'latin1'),
    Buffer.alloc(40),
  ]);
  const uuid = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex');
  it.each<[StoredFormat, (file: Buffer) => Buffer]>([
    ['jpeg', (file) => withSegment(file, 0xeb, jumbf)],
    ['png', (file) => withChunk(file, 'caBX', jumbf)],
    ['webp', (file) => withWebpChunk(file, 'C2PA', jumbf)],
    ['avif', (file) => Buffer.concat([file, box('uuid', uuid, Buffer.alloc(8))])],
    [
      'gif',
      (file) => {
        const at = 13 + (3 << (((file[10] ?? 0) & 7) + 1));
        const block = Buffer.from('!\xff\x0bC2PA_GIF\x01\0\0\x01x\0', 'latin1');
        return Buffer.concat([file.subarray(0, at), block, file.subarray(at)]);
      },
    ],
  ])('is found in %s', async (format, add) => {
    const encoded = picture();
    const plain = await (format === 'avif'
      ? encoded.avif({ effort: 0 })
      : encoded.toFormat(format)
    ).toBuffer();
    expect((await provenanceOf(format, plain)).c2pa).toBe(false);
    expect((await provenanceOf(format, add(plain))).c2pa).toBe(true);
  });

  it('is not any other JUMBF or uuid box', async () => {
    const other = Buffer.from(jumbf.toString('latin1').replace('jumdc2pa', 'jumdcbor'), 'latin1');
    expect((await provenanceOf('jpeg', withSegment(await jpeg(), 0xeb, other))).c2pa).toBe(false);
    const avif = await picture().avif({ effort: 0 }).toBuffer();
    const uuidBox = box('uuid', Buffer.alloc(16), uuid);
    expect((await provenanceOf('avif', Buffer.concat([avif, uuidBox]))).c2pa).toBe(false);
  });
});
