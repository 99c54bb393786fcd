import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { OssError } from './errors.js';
import type { Body } from './request.js';

/** A form up to its file: `fields` by lower-case name; `contentType` of the file part. */
export type Form = {
  fields: ReadonlyMap<string, string>;
  file: Readable;
  filename: string;
  contentType: string;
};

/** Limit for the total of all fields before the file. */
const maxFieldBytes = 8 * 1024 ** 2;

/** Reads multipart/form-data up to the part named `file` and leaves its bytes to the caller. Later parts are ignored. */
export function readForm(body: Body, contentType: string): Promise<Form> {
  if (!/^multipart\/form-data;.*boundary=/i.test(contentType)) {
    const message = 'Bucket POST must be of the enclosure-type multipart/form-data.';
    throw new OssError('RequestIsNotMultiPartContent', message);
  }
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    let fieldBytes = 0;
    const form = new Busboy({
      headers: { 'content-type': contentType },
      limits: { fieldSize: maxFieldBytes },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
    });
    form.on('field', (name, value) => {
      fieldBytes += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (fieldBytes > maxFieldBytes)
        reject(new OssError('InvalidArgument', 'The form fields exceed 8 MiB.'));
      fields.set(name.toLowerCase(), value);
    });
    form.on('file', (_name, file, filename, _encoding, type) => {
      // Without these handlers, the reader of the file would never see a malformed end or a disconnect.
      file.on('error', () => {});
      form.on('error', () => file.destroy(malformed()));
      body.once('close', () => body.complete || file.destroy(malformed()));
      resolve({ fields, file, filename: filename ?? '', contentType: type });
    });
    form.on('error', () => reject(malformed()));
    form.on('finish', () =>
      reject(new OssError('InvalidArgument', 'POST requires exactly one file upload per request.')),
    );
    // Node 24 closes a complete body before the parser has finished.
    body.once('close', () => body.complete || reject(malformed()));
    body.pipe(form);
  });
}

function malformed(): OssError {
  const message = 'The body of your POST request is not well-formed multipart/form-data.';
  return new OssError('MalformedPOSTRequest', message);
}
