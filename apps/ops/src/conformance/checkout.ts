import { fileURLToPath } from 'node:url';

/** The folder of the project, in which `npm run real-oss` runs. */
export const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
