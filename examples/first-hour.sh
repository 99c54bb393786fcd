#!/usr/bin/env bash
# The first hour of README.md: start Pixdock, upload the example, try what must be refused, stop. It also prints Chinese:
#
#   LC_ALL=zh_CN.UTF-8 examples/first-hour.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
case ${LC_ALL:-${LANG:-}} in zh*) language=zh ;; *) language=en ;; esac

check() { # what, actual, expected
  case $2 in
    $3) echo "$1: $2" ;;
    *) echo "$1: $2 instead of $3" >&2; exit 1 ;;
  esac
}

post() { # file, key; prints the status
  curl -sS -H "Authorization: Bearer $2" -H 'Prefer: wait=60' -H "Accept-Language: $language" -F "file=@$1" \
    -o "$folder/response" -w '%{http_code}' "$api/v1/images"
}

member() { # name; prints a member of the response
  node -p 'JSON.parse(fs.readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$folder/response" "$1"
}

until_closed() { # address
  for _ in {1..100}; do
    curl -s -o /dev/null "$1" || [ $? != 7 ] || return 0
    sleep 0.2
  done
  echo "$1 is still open" >&2
  exit 1
}

# Job control starts npm in a new process group. SIGINT to the group does what Ctrl-C does in a terminal.
set -m
npm start > "$folder/output" 2>&1 &
npm=$!
set +m
trap 'kill -INT -- "-$npm" 2> /dev/null && wait "$npm"; rm -rf "$folder"' EXIT
until grep -q 'Ctrl-C' "$folder/output"; do
  kill -0 "$npm" 2> /dev/null || { cat "$folder/output" >&2; exit 1; }
  sleep 0.2
done
cat "$folder/output"

printed=$(grep '^curl ' "$folder/output")
key=$(sed -n "s/^.*Bearer \([^']*\)'.*$/\1/p" <<< "$printed")
api=$(sed 's/^.* //; s/\/v1\/images$//' <<< "$printed")
redis=$(sed -n 's/^ *Redis .*\(127\.0\.0\.1:[0-9]*\).*$/http:\/\/\1/p' "$folder/output")
oss=$(sed -n 's/^ *OSS .* OSS[^ a-z]* *\(http:\/\/[^/]*\).*$/\1/p' "$folder/output")

check 'curl' "$(sh -c "$printed -o '$folder/response' -w '%{http_code}'")" 201
url=$(member url)
check "GET $url" "$(curl -sS -o /dev/null -w '%{http_code} %{content_type}' "$url")" '200 image/*'
check 'Bearer wrong' "$(post examples/photo.jpg wrong) $(member code)" '401 unauthorized'
head -c 20000 examples/photo.jpg > "$folder/broken.jpg"
check 'broken.jpg' "$(post "$folder/broken.jpg" "$key") $(member code)" '422 image_truncated'
member detail

kill -INT -- "-$npm"
wait "$npm" || true
for address in "$api" $oss $redis; do until_closed "$address"; done
tail -n 2 "$folder/output"
