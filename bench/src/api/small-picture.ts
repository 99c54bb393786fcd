import type { Picture } from '../landing/pictures.js';

/** The shortest body that the API takes for a JPEG, as far as it looks. */
export const SMALL_PICTURE: Picture = {
  path: '',
  body: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(1024)]),
  type: 'image/jpeg',
};
