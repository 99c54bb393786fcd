/** Whether the text is an origin of web pages as browsers send it: `https://shop.example.com`, `http://localhost:5173`. */
export function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
