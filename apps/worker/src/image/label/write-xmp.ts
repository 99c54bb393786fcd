import { NAMESPACES, type PropertyName } from './names.js';
import type { Copyright } from './read-copyright.js';

/** Everything that an output may carry beside its pixels and its colour profile. */
export interface KeptMetadata {
  aigc: string | null;
  digitalSourceType: string | null;
  copyright: Copyright | null;
}

/** Writes a new packet with only these properties (ISO 16684-1 7); null if all are null. */
export function writeXmp({ aigc, digitalSourceType, copyright }: KeptMetadata): string | null {
  const texts: [PropertyName, string | null, list: 'Seq' | 'Alt' | null][] = [
    ['TC260:AIGC', aigc, null],
    ['Iptc4xmpExt:DigitalSourceType', digitalSourceType, null],
    ['dc:creator', copyright?.creator ?? null, 'Seq'],
    ['dc:rights', copyright?.notice ?? null, 'Alt'],
    ['xmpRights:WebStatement', copyright?.licenseUrl ?? null, null],
  ];
  const present = texts.flatMap(([name, text, list]) => (text === null ? [] : [{ name, text, list }]));
  if (present.length === 0) return null;
  const prefixes = new Set(present.map(({ name }) => name.split(':')[0] as keyof typeof NAMESPACES));
  const spaces = [...prefixes].map((prefix) => ` xmlns:${prefix}="${NAMESPACES[prefix]}"`).join('');
  const properties = present
    .map(({ name, text, list }) => `<${name}>${valueOf(text, list)}</${name}>`)
    .join('');
  return `${HEAD}<rdf:Description rdf:about=""${spaces}>${properties}</rdf:Description>${TAIL}`;
}

const HEAD = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${NAMESPACES.rdf}">`;
const TAIL = '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>';

function valueOf(text: string, list: 'Seq' | 'Alt' | null): string {
  if (list === null) return escaped(text);
  const language = list === 'Alt' ? ' xml:lang="x-default"' : '';
  return `<rdf:${list}><rdf:li${language}>${escaped(text)}</rdf:li></rdf:${list}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

// Readers turn a plain carriage return into a line feed (XML 1.0, 2.11).
const escaped = (text: string) => text.replace(/[&<>\r]/g, (character) => ENTITIES[character] ?? '');
