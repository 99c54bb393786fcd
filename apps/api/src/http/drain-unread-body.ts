import type { IncomingMessage, ServerResponse } from 'node:http';

// As nginx's lingering close: a client that sends its whole body before it looks for an answer must be able to find
// one, and closing on unread bytes would reset the connection under it.
const LONGEST_MS = 30_000;
const LONGEST_SILENCE_MS = 5000;

/** Reads and drops what is left of a body once its answer is sent, for a while; then closes. */
export function drainUnread(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete || request.destroyed) return;
    const { socket } = request;
    const close = () => socket.destroySoon();
    const end = setTimeout(close, LONGEST_MS);
    let silence = setTimeout(close, LONGEST_SILENCE_MS);
    request.on('data', () => {
      clearTimeout(silence);
      silence = setTimeout(close, LONGEST_SILENCE_MS);
    });
    // An answered request is not told when its connection goes.
    request.once('end', stop);
    socket.once('close', stop);
    request.resume();
    function stop() {
      clearTimeout(end);
      clearTimeout(silence);
      socket.off('close', stop);
    }
  });
}
