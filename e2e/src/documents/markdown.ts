import { listFiles, readText } from './checkout.js';

/** Every page that a reader of the repository may open. */
export const PAGES: readonly string[] = listFiles().filter((path) => path.endsWith('.md'));

/** Pages of the project itself, whose paths are relative to the root. */
export const GUIDES: readonly string[] = PAGES.filter((path) => /^(docs\/)?[^/]+\.md$/.test(path));

/** Inline code, and the lines of code blocks. */
export function codeIn(page: string): string[] {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
  const rest = page.replaceAll(/^```\w*\n[\s\S]*?^```$/gm, '');
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks.flatMap((block) => block.split('\n')), ...spans];
}

/** Targets of links to other pages or files. */
export function linksIn(page: string): string[] {
  const links = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^https?:/.test(target));
}

/** Anchors of a page's headings, as GitHub and most renderers make them. */
export function anchorsIn(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

/** Cells of the table rows below the heading that matches, without the table's header. */
export function tableBelow(page: string, heading: RegExp): string[][] {
  const section = page.split(/^## /m).find((text) => heading.test(text.split('\n')[0] ?? ''));
  const rows = (section ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** A page with every run of white space as one space, for sentences that wrap. */
export const flatText = (path: string): string => readText(path).replaceAll(/\s+/g, ' ');
