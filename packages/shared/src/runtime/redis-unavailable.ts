const MESSAGES =
  /^(Connection is closed|Command timed out|Stream isn't writeable|Reached the max retries|OOM |MISCONF |LOADING |READONLY |NOAUTH |WRONGPASS |CLUSTERDOWN |TRYAGAIN |MASTERDOWN |Cluster isn't ready|Too many Cluster redirections)/;

/** Whether an error says that Redis is unreachable, refuses commands, or belongs to another staging. */
export function isRedisUnavailable(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    MESSAGES.test(error.message) ||
    [
      'MaxRetriesPerRequestError',
      'ClusterAllFailedError',
      'ReplyError',
      'EpochEnded',
      'OtherStaging',
    ].includes(error.name) ||
    ('syscall' in error &&
      /^(connect|read|write)$/.test(String(error.syscall)) &&
      /^E(CONN|PIPE|TIMEDOUT|HOST|NET)/.test(code))
  );
}
