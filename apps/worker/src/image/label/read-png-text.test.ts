import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packetOf } from '../testing/labelled.js';
import { withChunk } from '../testing/png.js';
import { png, provenanceOf } from '../testing/read-provenance.js';

const LABEL = '{"Label":"1"}';

describe('a text chunk of PNG', () => {
  const text = (...parts: (string | Buffer)[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const labelOf = async (type: string, data: Buffer) =>
    (await provenanceOf('png', withChunk(await png(), type, data))).label;

  it('has its text decoded as UTF-8, or else as Latin-1', async () => {
    const utf8 = await labelOf('tEXt', text('AIGC\0{"Label":"1","ContentProducer":"图像"}'));
    expect(utf8?.producer).toBe('图像');
    const latin1 = await labelOf('tEXt', Buffer.from('AIGC\0{"Label":"1","ContentProducer":"é"}', 'latin1'));
    expect(latin1?.producer).toBe('é');
  });

  it.each([
    ['a bomb', 'zTXt', text('AIGC\0\0', deflateSync(Buffer.alloc(64 * 1024 ** 2)))],
    ['damaged compression', 'zTXt', text('AIGC\0\0', 'no zlib')],
    ['a missing translated keyword', 'iTXt', text('AIGC\0\0\0zh')],
    ['characters that XML cannot contain', 'iTXt', text('AIGC\0\0\0\0\0{"Label":"1","a":"\uffff"}')],
  ])('with %s is a malformed label', async (_, type, data) => {
    expect(await labelOf(type, data)).toMatchObject({
      source: 'png-text',
      fault: 'malformed',
    });
  });

  it('yields to a label in XMP that can be copied', async () => {
    const xmp = packetOf({
      elements: `<T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">${LABEL}</T:AIGC>`,
    });
    const labelled = withChunk(await png(), 'iTXt', text('XML:com.adobe.xmp\0\0\0\0\0', xmp));
    const both = withChunk(labelled, 'tEXt', text('AIGC\0{"Label":"3"}'));
    expect((await provenanceOf('png', both)).label).toMatchObject({ source: 'xmp', json: LABEL });
  });

  it('is ignored if it ends within the keyword', async () => {
    const file = withChunk(await png(), 'tEXt', Buffer.from('AIG'));
    const checksum = file.indexOf('tEXtAIG') + 7;
    file.write('C\0', checksum, 'latin1');
    expect((await provenanceOf('png', file, await png())).label).toBeNull();
  });

  it('does not label the image with another keyword', async () => {
    expect(await labelOf('tEXt', text(`AIGC2\0${LABEL}`))).toBeNull();
    expect(await labelOf('tEXt', text(`Comment\0${LABEL}`))).toBeNull();
  });
});
