/** `-F` argument of curl that sends a file; curl has a quoting of its own, for paths with `;` or `,`. */
export function curlFile(field, path) {
  const plain = !/[;,"\\]/.test(path);
  const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return shellQuote(`${field}=@${plain ? path : quoted}`);
}

/** The text as one word of a POSIX shell; left alone where it is one already. */
export function shellQuote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
