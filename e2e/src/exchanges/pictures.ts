import { crc32 } from 'node:zlib';
import type { NamedBytes } from './recording.js';

/* Fixed bytes: an encoder's output, and so the recorded digests, would change with its version. */

/** 16 × 12, palette. */
export const PNG = named(
  'png.png',
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAMBAMAAACZySCyAAAAMFBMVEUTDng6DngTWngTLXheWnheP3heJHg6LXheCXg8R3gTQ3h+Wnh+P3g5XXh+JHh+CXivJbzEAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAWElEQVQImWNgYGAUlOjo/8+AxBAQlOj4/5+BmcFQUCwt7x2DsXF5eVnaOxDDuLwMJlIaGnOGYdWqVTOnQhgzZ04NPXOGQUlJd+YUF+/dIMbdKy67YQzv3QB03CfYHTS9JQAAAABJRU5ErkJggg==',
);
/** 24 × 16. */
export const JPEG = named(
  'jpeg.jpg',
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAQABgDASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAABAAFBv/EABYQAQEBAAAAAAAAAAAAAAAAAAMAYf/EABYBAQEBAAAAAAAAAAAAAAAAAAQCBf/EABgRAAMBAQAAAAAAAAAAAAAAAAACAwEh/9oADAMBAAIRAxEAPwDnDHJJjkgxySY5KapMLBzHKtExyo+1NhLcP//Z',
);
/** 20 × 20. */
export const OTHER_JPEG = named(
  'other.jpg',
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAUABQDASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAQFBv/EABsQAAIDAQEBAAAAAAAAAAAAAAADAQJhITER/8QAFgEBAQEAAAAAAAAAAAAAAAAABQQC/8QAGhEBAQACAwAAAAAAAAAAAAAAAAMBAhMhMf/aAAwDAQACEQMRAD8Ay6JwoWnClacKFpw1tUrCzl4TzwGjCeeAq5QWLdN2lIKV0gAJ2XQY9aR8ABUBx4//2Q==',
);
/** 16 × 16. */
export const WEBP = named(
  'webp.webp',
  'UklGRkIAAABXRUJQVlA4IDYAAAAQAgCdASoQABAABABoJbACdAEQ/iHcF80AAP7y2TkIPKNlPsqz9vXWr/u8a7YNUt5MvoQAAAA=',
);
/** 8 × 8. */
export const GIF = named(
  'gif.gif',
  'R0lGODlhCAAIAIEAADYOeA4xeDExeBMOeCH5BAQAAAAALAAAAAAIAAgAAAIRnA15qJcaXAo0iCuqxRrn6hUAOw==',
);
/** 16 × 16, ten scans. */
export const PROGRESSIVE = named(
  'progressive.jpg',
  '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAwX/xAAVAQEBAAAAAAAAAAAAAAAAAAABA//aAAwDAQACEAMQAAABmqiVP//EABUQAQEAAAAAAAAAAAAAAAAAAAEA/9oACAEBAAEFAggggv/EABURAQEAAAAAAAAAAAAAAAAAAAIA/9oACAEDAQE/AQ7/xAAWEQADAAAAAAAAAAAAAAAAAAAAAQL/2gAIAQIBAT8BdH//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAY/Ah//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAE/IQq//9oADAMBAAIAAwAAABCT/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAwEBPxBf/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAgEBPxA//8QAFRABAQAAAAAAAAAAAAAAAAAAAGH/2gAIAQEAAT8Qgggg/9k=',
);
/** 200 × 100. */
export const WIDE = named(
  'wide.png',
  'iVBORw0KGgoAAAANSUhEUgAAAMgAAABkCAMAAAD0WI85AAAAA1BMVEWgMCCaKnaBAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAKUlEQVR4nO3BAQEAAACCIP+vbkhAAQAAAAAAAAAAAAAAAAAAAAAAAPBiToQAAXDFK0cAAAAASUVORK5CYII=',
);
/** Three frames of 6 × 6. */
export const ANIMATED = named(
  'animated.gif',
  'R0lGODlhBgAGAIAAAExpcQAAACH/C05FVFNDQVBFMi4wAwEAAAAh+QQFCgAAACwAAAAABgAGAAACBYyPqcsFACH5BAUKAAAALAAAAAAGAAYAgExpcVBQUAIFjI+pywUAIfkEBQoAAAAsAAAAAAYABgCATGlxoKCgAgWMj6nLBQA7',
);
/** Starts like a photo from an iPhone. */
export const HEIC = {
  name: 'photo.heic',
  bytes: Buffer.concat([Buffer.from('0000001866747970686569630000000068656963', 'hex'), Buffer.alloc(100)]),
};
export const LABELLED = {
  name: 'png.png with a label of AI-generated content',
  bytes: withText(PNG.bytes, 'AIGC\0{"Label":"1","ContentProducer":"producer","ProduceID":"1"}'),
};
export const TRUNCATED = { name: 'the first half of jpeg.jpg', bytes: JPEG.bytes.subarray(0, 280) };
export const CORRUPT = { name: 'png.png with other pixels', bytes: corrupted(PNG.bytes) };

function named(name: string, base64: string): NamedBytes & { bytes: Buffer } {
  return { name, bytes: Buffer.from(base64, 'base64') };
}

function corrupted(png: Buffer): Buffer {
  const bytes = Buffer.from(png);
  bytes.fill(0x55, 150, 190);
  return bytes;
}

/** Inserts a text chunk after the header chunk of a PNG. */
function withText(png: Buffer, text: string): Buffer {
  const body = Buffer.from(`tEXt${text}`);
  const [length, checksum] = [body.length - 4, crc32(body)].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  });
  const chunk = [length, body, checksum].flatMap((part) => part ?? []);
  return Buffer.concat([png.subarray(0, 33), ...chunk, png.subarray(33)]);
}
