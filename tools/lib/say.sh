# shellcheck shell=bash disable=SC2154
# Talking to the user: steps with their time, progress of long commands, errors that say how to mend.
# Sourced by the scripts in tools/; expects `root` (the checkout).

deps="$root/.deps"
downloads="$deps/log/downloaded-bytes"
# The script that the user called starts the clock; those that it calls go on with it.
if [ -z "${CONSTEXPORT_STARTED:-}" ]; then
  export CONSTEXPORT_STARTED
  CONSTEXPORT_STARTED=$(date +%s)
  rm -f "$downloads"
fi

elapsed() { printf '%4d s' $(($(date +%s) - CONSTEXPORT_STARTED)); }
say() { printf '[%s] %s\n' "$(elapsed)" "$*"; }
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '%s\n' "$@" >&2
  exit 1
}

# Whether this run did anything: for scripts that mark their end.
# shellcheck disable=SC2034
worked=""

# The last line of a log as far as it fits; bytes that are not ASCII would be cut in two.
last_line() { tail -c 400 "$1" | tr '\r' '\n' | LC_ALL=C tr -cd '\n -~' | grep -v '^ *$' | tail -1 | cut -c1-90; }

# step TITLE COMMAND [ARG ...]: runs the command with its output in a log, shows that it is alive, and the log's end if it fails.
step() {
  worked=yes
  local title=$1 log pid last shown=0 status=0 began
  shift
  mkdir -p "$deps/log"
  log="$deps/log/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-' | cut -c1-60).log"
  say "$title"
  began=$(date +%s)
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null || true; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.5
    shown=$((shown + 1))
    # A terminal gets one line that changes, a log file one line in 15 seconds.
    if [ -t 1 ]; then
      last=$(last_line "$log") || last=
      printf '\r\033[K         %3d s  %s' $(($(date +%s) - began)) "$last"
    elif [ $((shown % 30)) -eq 0 ]; then
      last=$(last_line "$log") || last=
      printf '         %3d s  %s\n' $(($(date +%s) - began)) "$last"
    fi
  done
  [ ! -t 1 ] || printf '\r\033[K'
  wait "$pid" || status=$?
  trap - INT TERM
  if [ "$status" -ne 0 ]; then
    tail -n "${STEP_LOG_LINES:-40}" "$log" >&2
    die "\"$title\" failed (exit status $status); the whole output is in ${log#"$root"/}"
  fi
}

# Downloaded bytes, summed over the scripts of one run.
count_download() {
  mkdir -p "$deps/log"
  echo "$1" >>"$downloads"
}
megabytes_downloaded() {
  local sum=0 n
  [ ! -e "$downloads" ] || while read -r n; do sum=$((sum + n)); done <"$downloads"
  echo $(((sum + 500000) / 1000000))
}

# Compile jobs: one per core, but 3 GB each, which a file with LibTorch's headers may take.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 3000000)}' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  echo $((cores < memory ? cores : memory))
}
