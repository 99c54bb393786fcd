/** XML namespaces of the properties that outputs may keep, by their usual prefix. */
export const NAMESPACES = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  /** TC260-PG-20258A, the practice guide to GB 45438-2025. */
  TC260: 'http://www.tc260.org.cn/ns/AIGC/1.0/',
  /** IPTC Photo Metadata Standard, Extension schema. */
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  dc: 'http://purl.org/dc/elements/1.1/',
  xmpRights: 'http://ns.adobe.com/xap/1.0/rights/',
  cc: 'http://creativecommons.org/ns#',
} as const;

/** A property as `prefix:name`, with the prefix of NAMESPACES. */
export const PROPERTIES = [
  'TC260:AIGC',
  'Iptc4xmpExt:DigitalSourceType',
  'dc:creator',
  'dc:rights',
  'xmpRights:WebStatement',
  'cc:license',
] as const;
export type PropertyName = (typeof PROPERTIES)[number];

/** Characters that XML 1.0 cannot contain, not even escaped (2.2). */
export const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
