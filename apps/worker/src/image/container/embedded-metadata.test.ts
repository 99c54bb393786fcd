import { expect, it, vi } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { gifExtension, makeGif } from '../testing/gif.js';
import { findMetadata } from './embedded-metadata.js';

it('reads each byte of the XMP of a GIF at most once', () => {
  const size = { width: 1, height: 1 };
  const packet = gifExtension(0xff, Buffer.from('XMP DataXMP'), Buffer.from('<x/>'));
  const gif = makeGif(size, [size], { extensions: Array.from({ length: 50 }, () => packet) });
  withBytes(gif, (bytes) => {
    const slice = vi.spyOn(bytes, 'slice');
    expect(findMetadata(bytes, 'gif').kinds).toContain('xmp');
    const read = slice.mock.calls.reduce((sum, [, length]) => sum + length, 0);
    expect(read).toBeLessThanOrEqual(gif.length);
  });
});
