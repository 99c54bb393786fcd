// A closed terminal must not end the launcher before it has stopped its children.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** The text in the language of the locale, such as `zh_CN.UTF-8`. */
export function inLanguage({ en, zh }, { LC_ALL, LC_MESSAGES, LANG } = process.env) {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? zh : en;
}

export const LANGUAGE = inLanguage({ en: 'en', zh: 'zh' });

/** Prints a line, or a message in both languages. */
export const say = (message) => process.stdout.write(`${lineOf(message)}\n`);

export const complain = (message) => process.stderr.write(`${lineOf(message)}\n`);

/** Translates a message; a string is a line already. */
export const lineOf = (message) => (typeof message === 'string' ? message : inLanguage(message));

/** An error that the person at the terminal can fix: its message is shown without a stack. */
export class Problem extends Error {
  constructor(message, details = '') {
    super([lineOf(message), details].filter((line) => line !== '').join('\n'));
  }
}
