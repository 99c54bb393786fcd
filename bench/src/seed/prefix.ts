/** The default of REDIS_PREFIX. */
export const PREFIX = '{pixdock}';
