import { describe, expect, it } from 'vitest';
import { packetOf } from '../testing/labelled.js';
import { readLabel } from './read-label.js';
import { MAX_XMP_BYTES, readXmp } from './read-xmp.js';

const NAMESPACE = 'http://www.tc260.org.cn/ns/AIGC/1.0/';
const LABEL = '{"Label":"1"}';
const ELEMENT = `<T:AIGC xmlns:T="${NAMESPACE}">${LABEL}</T:AIGC>`;
const ATTRIBUTE = `xmlns:T="${NAMESPACE}" T:AIGC="{&quot;Label&quot;:&quot;1&quot;}"`;
const plain = packetOf({ elements: ELEMENT }).toString();

const labelOf = (packet: Buffer | string) => {
  const label = readLabel([readXmp(Buffer.from(packet as string))], []);
  return label === null ? null : (label.json ?? label.fault);
};

describe('reading XMP', () => {
  it.each([
    ['an element', { elements: ELEMENT }],
    ['an attribute', { attributes: ATTRIBUTE }],
    ['an element with another prefix', { elements: ELEMENT.replaceAll('T:', 'x1:').replace(':T', ':x1') }],
    ['an element with a default namespace', { elements: `<AIGC xmlns="${NAMESPACE}">${LABEL}</AIGC>` }],
    ['a list', { elements: ELEMENT.replace(LABEL, `<rdf:Alt><rdf:li>${LABEL}</rdf:li></rdf:Alt>`) }],
    ['character references', { elements: ELEMENT.replace('{', '&#x7b;').replace('}', '&#125;') }],
  ])('finds the label in %s', (_, members) => {
    expect(labelOf(packetOf(members))).toBe(LABEL);
  });

  it.each([
    ['UTF-16 little-endian with a mark', Buffer.from(`\ufeff${plain}`, 'utf16le')],
    ['UTF-16 little-endian without a mark', Buffer.from(plain, 'utf16le')],
    ['UTF-16 big-endian with a mark', Buffer.from(`\ufeff${plain}`, 'utf16le').swap16()],
    ['UTF-16 big-endian without a mark', Buffer.from(plain, 'utf16le').swap16()],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${plain}`)],
    [
      'a wrapper with padding',
      Buffer.from(`<?xpacket begin="\ufeff" id="W"?>${plain}${' '.repeat(2000)}<?xpacket end="w"?>\0`),
    ],
  ])('reads %s', (_, packet) => {
    expect(labelOf(packet)).toBe(LABEL);
  });

  it.each([
    [
      'the prefix bound to another namespace',
      { elements: ELEMENT.replace(NAMESPACE, 'http://example.com/') },
    ],
    [
      'the name in another element',
      { elements: `<o:o xmlns:o="urn:o"><rdf:Description>${ELEMENT}</rdf:Description></o:o>` },
    ],
    ['the name in text', { elements: `<o:o xmlns:o="urn:o">${ELEMENT.replaceAll('<', '&lt;')}</o:o>` }],
    ['a comment', { elements: `<!--${ELEMENT}-->` }],
  ])('finds no label in %s', (_, members) => {
    expect(labelOf(packetOf(members))).toBeNull();
  });

  it.each([
    ['entities', plain.replace('<x:', '<!DOCTYPE x [<!ENTITY a "1">]><x:').replace('"1"', '"&a;"')],
    ['an external entity', plain.replace('<x:', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x:')],
    ['an unknown entity', plain.replace('"1"', '"&one;"')],
    ['a prefix without a namespace', packetOf({ attributes: 'y:z="1"', elements: ELEMENT })],
    ['a duplicate attribute', packetOf({ attributes: `${ATTRIBUTE} ${ATTRIBUTE}` })],
    ['a packet that is cut off in the label', plain.slice(0, plain.indexOf('"1"'))],
    ['invalid UTF-8', Buffer.concat([Buffer.of(0xff), Buffer.from(plain)])],
    [
      'nesting that is too deep',
      packetOf({ elements: `${'<o xmlns="urn:o">'.repeat(200)}${'</o>'.repeat(200)}${ELEMENT}` }),
    ],
    [
      'a label behind 1 MiB',
      packetOf({ attributes: `xmlns:T="${NAMESPACE}"`, elements: ' '.repeat(MAX_XMP_BYTES) + ELEMENT }),
    ],
  ])('reports a malformed label for %s', (_, packet) => {
    expect(labelOf(packet)).toBe('malformed');
  });

  it('keeps a label that precedes the damage', () => {
    expect(labelOf(plain.replace('</T:AIGC>', '</T:AIGC><broken'))).toBe(LABEL);
  });

  it('reads 1 MiB of attributes and elements in linear time', () => {
    const attributes = Array.from({ length: 20_000 }, (_, i) => `a${i}="x"`).join(' ');
    const elements = '<o xmlns="urn:o"/>'.repeat(40_000);
    const start = process.cpuUsage();
    expect(labelOf(packetOf({ attributes, elements: ELEMENT + elements }))).toBe(LABEL);
    const { user, system } = process.cpuUsage(start);
    // A tenth of this on an idle machine.
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});
