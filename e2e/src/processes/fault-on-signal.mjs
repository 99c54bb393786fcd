/* Preloaded into a service: causes an unhandled exception or rejection, chosen by FAULT, on SIGUSR2. */
process.on('SIGUSR2', () => {
  if (process.env.FAULT === 'rejection') void Promise.reject(new Error('a planted fault'));
  else throw new Error('a planted fault');
});
