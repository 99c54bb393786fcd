/** Whom everything here belongs to: the id's form is OSS's, its value is nobody's. */
export const owner = { ID: '0000000000000000', DisplayName: 'pixdock-dev' };
