import { invalid } from '../http/invalid.js';

export const MALFORMED = () => invalid('form-malformed');
export const NO_FILE = () => invalid('form-without-file');
export const TWO_FILES = () => invalid('form-with-files');
export const FILE_AS_TEXT = () => invalid('file-as-text');
export const URL_IN_FORM = () => invalid('url-in-form');
export const URL_BESIDE_FILE = () => invalid('url-beside-file');
export const TOO_LONG = () => invalid('field-too-long');
export const TOO_MANY = () => invalid('too-many-parts');
export const misspelled = (name: string, meant: string) =>
  invalid('misspelled-field', { field: name, meant });
export const partOfFile = (name: string, value: string) =>
  invalid('part-of-file', { sign: `${name}=${value}` });
export const twice = (name: string) => invalid('repeated', { field: name });
