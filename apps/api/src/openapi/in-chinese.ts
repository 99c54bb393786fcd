import { CHINESE_OPENAPI } from '../messages/openapi.js';

/** Members whose content is data, not text about it. */
const DATA = ['example', 'examples', 'default', 'enum', 'const', 'required'];

/** A copy of the document with the Chinese texts; a text without one stays as it is. */
export function inChinese(document: object): object {
  const textAt = (place: string, english: string): string => {
    const general = /[.?][^.?]*$/.exec(place)?.[0];
    return CHINESE_OPENAPI[place] ?? CHINESE_OPENAPI[general ?? place] ?? english;
  };

  const translate = (node: unknown, place: string): unknown => {
    if (Array.isArray(node)) return node.map((one) => translate(one, placeOf(one, place)));
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([name, value]): [string, unknown] => {
      if (typeof value === 'string') {
        if (name === 'description') return [name, textAt(place, value)];
        return [name, name === 'summary' ? textAt(`${place}.summary`, value) : value];
      }
      return [name, DATA.includes(name) ? value : translateMember(name, value, place)];
    });
    return Object.fromEntries(entries);
  };

  const translateMember = (name: string, value: unknown, place: string): unknown => {
    const into = PLACES[name];
    if (into === undefined) return translate(value, placeOf(value, OWN_PLACE.includes(name) ? name : place));
    return Object.fromEntries(
      Object.entries(value as object).map(([member, one]) => [
        member,
        translate(one, placeOf(one, into(place, member))),
      ]),
    );
  };

  return translate(document, '') as object;
}

const OWN_PLACE = ['info', 'servers'];

/** The place of the members of these members. */
const PLACES: Readonly<Record<string, (place: string, member: string) => string>> = {
  properties: (place, member) => `${place}.${member}`,
  responses: (place, member) => `${place}.${member}`,
  headers: (_, member) => `header.${member}`,
  schemas: (_, member) => member,
  securitySchemes: (_, member) => member,
  // The JSON body and the form of an operation have members of the same names.
  content: (place, member) => (member === 'multipart/form-data' ? `${place}.form` : place),
};

/** Operations, parameters and tags name their own place. */
function placeOf(node: unknown, place: string): string {
  if (typeof node !== 'object' || node === null) return place;
  const { operationId, name, in: location, description } = node as Record<string, unknown>;
  if (typeof operationId === 'string') return operationId;
  if (typeof name !== 'string') return place;
  return typeof location === 'string'
    ? `${place}?${name}`
    : typeof description === 'string'
      ? `tag.${name}`
      : place;
}
