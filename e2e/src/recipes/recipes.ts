import { readText } from '../documents/checkout.js';

export interface Recipe {
  language: string;
  code: string;
}

/** The recipes of a page by heading, with the sentence below the heading that says how they were checked. */
export function recipesOf(page: string): Map<string, { checked: string; recipes: Recipe[] }> {
  const sections = readText(page).split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', , checked = ''] = section.split('\n');
      const blocks = section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
      const recipes = [...blocks].map(([, language = '', code = '']) => ({ language, code }));
      return [heading, { checked, recipes }];
    }),
  );
}
