import { type Arguments, type Catalog, catalog, sayIn } from '@pixdock/contract/messages/catalog';
import { language } from '../state/preferences.js';
import { batchMessages } from './batches.js';
import { frameMessages } from './frame.js';
import { imageMessages } from './image.js';
import { operatorMessages } from './operator.js';
import { reviewMessages } from './review.js';
import { unitMessages } from './units.js';
import { uploadMessages } from './upload.js';

const messages = catalog({
  ...frameMessages,
  ...unitMessages,
  ...uploadMessages,
  ...imageMessages,
  ...batchMessages,
  ...operatorMessages,
  ...reviewMessages,
});

type Params = typeof messages extends Catalog<infer P> ? P : never;
export type MessageName = keyof Params;

const sayOne = sayIn<Params>(messages);

/** Says a text in the language of the page. A component that calls it follows the language. */
export const t = <Name extends MessageName>(name: Name, ...params: Arguments<Params, Name>): string =>
  sayOne(language.value, name, ...params);
