// A decoder that never gets ready.
setInterval(() => {}, 1000);
