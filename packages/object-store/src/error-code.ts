/** The code in an OSS error document, or null. */
export function codeInXml(document: string): string | null {
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(document)?.[1] ?? null;
}
