// A closed terminal must not end the launcher before it has stopped its children.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** As the contract package reads it, which is not built when a start begins. */
export const languageOf = ({ DEFAULT_LANGUAGE, LC_ALL, LC_MESSAGES, LANG }) =>
  ['en', 'zh'].find((one) => one === DEFAULT_LANGUAGE?.trim()) ??
  (/^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en');

let language = languageOf(process.env);

/** Sets the language to that of these settings, which may come from `.env`. */
export const speak = (settings) => {
  language = languageOf(settings);
};

/** The text in the language of the person at the terminal. */
export const inLanguage = (text) => text[language];

/** Prints a line, or a message in both languages. */
export const say = (message) => process.stdout.write(`${lineOf(message)}\n`);

export const complain = (message) => process.stderr.write(`${lineOf(message)}\n`);

/** Translates a message; a string is a line already. */
export const lineOf = (message) => (typeof message === 'string' ? message : inLanguage(message));

/** An error that the person at the terminal can fix: its message is shown without a stack. */
export class Problem extends Error {
  exitCode = 1;

  constructor(message, details = '') {
    super([lineOf(message), details].filter((line) => line !== '').join('\n'));
  }
}

/** A fault of the settings or of their environment, as the services report it: a restart does not help. */
export class SettingsProblem extends Problem {
  exitCode = EXIT_CONFIG;
}

/** EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;
