# Ends what the launcher started when the launcher itself was killed (kill -9) and could not.
#
# Reads `watch PID`, `last PID` (Redis, which the others need until they are done) and `forget PID`. Each PID leads a
# process group. The end of the input is the end of the launcher: what is watched has noticed that by itself and gets
# 15 s to finish, then is killed; then the last ones get TERM, and 5 s more.
trap '' HUP INT TERM
PATH=$PATH:/usr/bin:/bin
watched=
last=

without() { # WORD WORDS…: the words but that one
  unwanted=$1
  shift
  for word in "$@"; do [ "$word" = "$unwanted" ] || printf '%s ' "$word"; done
}

living() { # PIDS…: those that are still there
  for pid in "$@"; do if kill -0 "$pid" 2>/dev/null; then printf '%s ' "$pid"; fi; done
}

end() { # SIGNAL PIDS…: their whole groups
  signal=$1
  shift
  for pid in "$@"; do kill -s "$signal" -- "-$pid" 2>/dev/null; done
}

while read -r verb pid; do
  case $verb in
    watch) watched="$watched $pid" ;;
    last) last="$last $pid" ;;
    forget)
      watched=$(without "$pid" $watched)
      last=$(without "$pid" $last)
      ;;
  esac
done

seconds=0
watched=$(living $watched)
while [ -n "$watched" ] && [ $seconds -lt 15 ]; do
  sleep 1
  watched=$(living $watched)
  seconds=$((seconds + 1))
done
end KILL $watched

end TERM $last
seconds=0
last=$(living $last)
while [ -n "$last" ] && [ $seconds -lt 5 ]; do
  sleep 1
  last=$(living $last)
  seconds=$((seconds + 1))
done
end KILL $last
