/** The server of the tests; PIXDOCK_REDIS_SERVER may name another one, such as valkey-server. */
export const REDIS_SERVER = process.env.PIXDOCK_REDIS_SERVER ?? 'redis-server';
/** Packages install it beside the server. */
export const REDIS_CLI = REDIS_SERVER.replace(/server$/, 'cli');
