/** Node only decodes GB18030. Takes characters of one or two bytes. */
export function gb18030(text: string): Buffer<ArrayBuffer> {
  const decoder = new TextDecoder('gb18030');
  const codes = new Map<string, Buffer>();
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const bytes = Buffer.from([lead, trail]);
      codes.set(decoder.decode(bytes), bytes);
    }
  const bytes = Array.from(text, (char) => (char < '\x80' ? Buffer.from(char) : codes.get(char)));
  return Buffer.concat(bytes.map((code) => code ?? Buffer.from('?')));
}
