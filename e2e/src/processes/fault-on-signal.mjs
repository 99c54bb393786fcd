/* Loaded into a service: SIGUSR2 causes an unhandled fault of the kind that FAULT names. */
process.on('SIGUSR2', () => {
  if (process.env.FAULT === 'rejection') void Promise.reject(new Error('a planted fault'));
  else throw new Error('a planted fault');
});
