const URL_IN_TEXT = /https?:\/\/[^\s"'<>，、；|]+/gi;
const TRAILING = /[.,;:!?)\]}]+$/;

/** The URLs in any text, each once, in order. */
export function findUrls(text: string): { urls: string[]; repeated: number } {
  const all = (text.match(URL_IN_TEXT) ?? []).map((url) => url.replace(TRAILING, ''));
  const urls = [...new Set(all)].filter((url) => URL.canParse(url));
  return { urls, repeated: all.length - new Set(all).size };
}
