/* Loaded into a service: on SIGUSR2 it has a fault that nobody handles, of the kind that FAULT names. */
process.on('SIGUSR2', () => {
  if (process.env.FAULT === 'rejection') void Promise.reject(new Error('a planted fault'));
  else throw new Error('a planted fault');
});
