# run-tied.sh SIGNAL SECONDS COMMAND…: runs a command that does not outlive the parent of this script.
#
# The parent holds the other end of stdin. When that end closes, the parent has exited or was killed. SIGNAL then goes to
# the process group (0 sends nothing: the command watches its parent), and SIGKILL follows after SECONDS. SIGTERM to this
# script is passed on to the command. The exit code is the command's.
signal=$1 seconds=$2
shift 2
exec 9<&0
"$@" </dev/null 9<&- &
command=$!
trap 'kill -s TERM "$command" 2>/dev/null' TERM
{
  trap '' TERM
  PATH=$PATH:/usr/bin:/bin
  while read -r _; do :; done
  kill -s "$signal" -- "-$$"
  while [ "$seconds" -gt 0 ] && kill -s 0 "$command"; do
    sleep 1
    seconds=$((seconds - 1))
  done
  kill -s KILL -- "-$$"
} <&9 9<&- 3<&- 4<&- 5<&- >/dev/null 2>&1 &

# The rest of the group, which includes the watcher above, is stopped by the parent, or by the watcher without a parent.
# A signal interrupts `wait`.
while
  wait "$command"
  status=$?
  kill -s 0 "$command"
do :; done 2>/dev/null
exit "$status"
