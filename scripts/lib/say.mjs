// A terminal that is gone must not end the launcher before it has stopped what it started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** One line for the person at the terminal. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

export function complain(line) {
  process.stderr.write(`${line}\n`);
}
