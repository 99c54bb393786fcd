import type { IncomingMessage, ServerResponse } from 'node:http';

// Like nginx's lingering close: a client that sends its whole body before it reads must receive the response, and closing
// with unread bytes would reset the connection.
const LONGEST_MS = 30_000;
const LONGEST_SILENCE_MS = 5000;

/** Discards the rest of a body after the response is sent, for a limited time; then closes the connection. */
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
    // After its response, a request emits no event when the connection closes.
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
