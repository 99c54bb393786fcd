/** The owner of every bucket and object; the id is a placeholder in the format of OSS. */
export const owner = { ID: '0000000000000000', DisplayName: 'pixdock-dev' };
