import type { ErrorCode } from '@pixdock/client';
import { sayIn } from '@pixdock/contract/messages/catalog';
import { imageErrors } from '@pixdock/contract/messages/errors/image';
import { requestErrors } from '@pixdock/contract/messages/errors/request';
import { serviceErrors } from '@pixdock/contract/messages/errors/service';
import { language } from '../state/preferences.js';

const say = sayIn({ ...imageErrors, ...requestErrors, ...serviceErrors });

/** Advice on an error, in the language of the page. */
export const fixOf = (code: ErrorCode): string => say(language.value, `${code}.fix`);

export const titleOf = (code: ErrorCode): string => say(language.value, `${code}.title`);
