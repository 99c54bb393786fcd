/** A file name as parameter of Content-Disposition, in any script (RFC 8187). */
export function encodedFileName(name: string): string {
  const whole = name.replaceAll(/\p{Cs}/gu, '');
  const encoded = encodeURIComponent(whole).replaceAll(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename*=UTF-8''${encoded}`;
}
