import { SaxesParser } from 'saxes';
import { NAMESPACES, PROPERTIES, type PropertyName } from './names.js';

/** Longest XMP that is parsed. At 1 MiB, the parser takes about 0.1 s. */
export const MAX_XMP_BYTES = 1024 ** 2;
/** Packets of real files have about 10 levels. */
const MAX_DEPTH = 100;
/** Values of one property that are read, for example creators. */
const MAX_VALUES = 20;

export interface XmpPacket {
  values: ReadonlyMap<PropertyName, readonly string[]>;
  /** Whether the packet mentions the namespace of AI labels but cannot be read to its end. */
  mayHideLabel: boolean;
}

/**
 * Reads the known properties of a packet; if it is damaged, only those before the damage. A packet with a DOCTYPE counts as
 * damaged, so it cannot define entities.
 */
export function readXmp(packet: Buffer): XmpPacket {
  const values = new Map<PropertyName, string[]>();
  const text = decode(packet.subarray(0, MAX_XMP_BYTES));
  const isWhole = text !== null && parse(text, values);
  const mentionsLabel = (text ?? packet.toString('latin1')).includes(NAMESPACES.TC260);
  return { values, mayHideLabel: !isWhole && mentionsLabel };
}

// XMP in JPEG, PNG and WebP is UTF-8. Other containers allow UTF-16, with or without a byte order mark.
function decode(packet: Buffer): string | null {
  const start = packet.toString('hex', 0, 2);
  const encoding = ['feff', '003c'].includes(start)
    ? 'utf-16be'
    : ['fffe', '3c00'].includes(start)
      ? 'utf-16le'
      : 'utf-8';
  try {
    // Streaming ignores a character that the cut above splits.
    return new TextDecoder(encoding, { fatal: true }).decode(packet, { stream: true });
  } catch {
    return null;
  }
}

/** False if the XML is damaged. */
function parse(text: string, values: Map<PropertyName, string[]>): boolean {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const path: string[] = [];
  let content = '';
  const add = (element: string | undefined, value: string) => {
    const name = NAMES.get(element ?? '');
    if (name === undefined || value.trim() === '') return;
    const all = values.get(name) ?? [];
    if (all.length < MAX_VALUES) values.set(name, [...all, value.trim()]);
  };
  parser.on('error', fail);
  parser.on('doctype', fail);
  parser.on('opentag', ({ uri, local, attributes }) => {
    if (path.length === MAX_DEPTH) fail();
    path.push(`${uri}${local}`);
    content = '';
    for (const { uri: space, local: name, value } of Object.values(attributes)) {
      if (isBelowDescription(path, 0)) add(`${space}${name}`, value);
      if (isBelowDescription(path, 1) && `${space}${name}` === RESOURCE) add(path.at(-1), value);
    }
  });
  parser.on('text', (more) => {
    content += more;
  });
  parser.on('cdata', (more) => {
    content += more;
  });
  parser.on('closetag', () => {
    if (isBelowDescription(path, 1)) add(path.at(-1), content);
    else if (isBelowDescription(path, 3) && path.at(-1) === ITEM) add(path.at(-3), content);
    path.pop();
    content = '';
  });
  try {
    parser.write(text).close();
    return true;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error('damaged XMP');
}

const NAMES: ReadonlyMap<string, PropertyName> = new Map(PROPERTIES.map((name) => [qualified(name), name]));
const [DESCRIPTION, RDF, ITEM, RESOURCE] = ['Description', 'RDF', 'li', 'resource'].map(
  (local) => `${NAMESPACES.rdf}${local}`,
);

function qualified(name: PropertyName): string {
  const [prefix, local] = name.split(':') as [keyof typeof NAMESPACES, string];
  return `${NAMESPACES[prefix]}${local}`;
}

/** Whether the innermost element is this many levels below a description of the image itself (ISO 16684-1 7.4). */
function isBelowDescription(path: readonly string[], levels: number): boolean {
  return path.at(-1 - levels) === DESCRIPTION && path.at(-2 - levels) === RDF;
}
