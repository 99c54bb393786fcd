/** The `-F` argument of curl that sends a file. Paths with `;` or `,` need curl quotes inside the shell quotes. */
export function curlFile(field, path) {
  const plain = !/[;,"\\]/.test(path);
  const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return shellQuote(`${field}=@${plain ? path : quoted}`);
}

/** Quotes text as one word of a POSIX shell, unless it needs no quotes. */
export function shellQuote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
