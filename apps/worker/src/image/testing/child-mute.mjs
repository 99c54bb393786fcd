// A decoder that never reports that it is ready.
setInterval(() => {}, 1000);
