# Fills the server of the same Pod and prints a line about it twice a second. POSIX sh and awk, and
# the image's own client: nothing else can be relied on in an image.
#
# From its environment: PLATEAU_SECONDS, PLATEAU_BYTES_A_SECOND, PLATEAU_KEYS (of the key space),
# PLATEAU_WRITES (awk: one round of writes), PLATEAU_REPEATEDLY (a command for the server, or none).
set -u
for client in valkey-cli redis-cli keydb-cli; do
  command -v "$client" >/dev/null && break
done

# Hundredths of a second since the machine started.
now() {
  read -r up _ </proc/uptime
  now=${up%.*}${up#*.}
}

# What cannot be compressed: a snapshot of it takes as long as one of real data.
pool=$(mktemp)
head -c 150000 /dev/urandom | base64 | tr -d '\n' >"$pool"

describe() {
  cgroup=1
  [ -e /sys/fs/cgroup/cgroup.controllers ] && cgroup=2
  echo "node cgroup=$cgroup kernel=$(uname -r) began=$(date +%s)"
}

# One line for each INFO: `sample number=7 at=350 used_memory=…`, or `sample number=7 at=350 down=1`.
sample() {
  now
  # A server that loads its data set answers with an error.
  timeout 10 "$client" INFO 2>/dev/null | tr -d '\r' | awk -F: -v number="$1" -v at=$((now - start)) '
    BEGIN {
      split("redis_version valkey_version uptime_in_seconds maxmemory maxmemory_policy " \
        "used_memory used_memory_rss evicted_keys current_cow_size rdb_last_bgsave_status " \
        "rdb_last_cow_size rdb_saves aof_last_bgrewrite_status aof_last_cow_size aof_rewrites", \
        names, " ")
      for (i in names) wanted[names[i]]
      line = "sample number=" number " at=" at
    }
    $1 in wanted { line = line " " $1 "=" $2; answered = 1 }
    /^db0:/ { split($2, parts, /[=,]/); line = line " keys=" parts[2] }
    END { print line (answered ? "" : " down=1"); fflush() }'
}

observe() {
  number=0
  while :; do
    number=$((number + 1))
    sample "$number"
    sleep 0.5
  done
}

# The writes of one second, in the protocol of Redis.
writes() {
  awk -v seed="$tick" -v tick="$tick" -v bytes="$PLATEAU_BYTES_A_SECOND" -v keys="$PLATEAU_KEYS" -v pool="$pool" '
    function word(text) { print "$" length(text); print text; written += length(text) }
    function send(n, a, b, c, d, e) {
      print "*" n
      word(a); word(b)
      if (n > 2) word(c)
      if (n > 3) word(d)
      if (n > 4) word(e)
    }
    function value(size) { return substr(data, 1 + int(rand() * (length(data) - size)), size) }
    function any() { return sprintf("key:%010d", int(rand() * keys)) }
    function fresh() { return sprintf("%06d%06d", tick, round) }
    BEGIN {
      ORS = "\r\n"
      srand(seed)
      getline data <pool
      while (written < bytes) {
        round++
        '"$PLATEAU_WRITES"'
      }
    }'
}

# All the time, so that a fork it makes is under way while others write.
repeat() {
  while :; do
    # shellcheck disable=SC2086 # a command is words
    timeout 5 "$client" $PLATEAU_REPEATEDLY >/dev/null 2>&1
    sleep 0.2
  done
}

# Until the server answers: it is given half a minute to start.
for _ in $(seq 60); do
  timeout 5 "$client" PING 2>/dev/null | grep -q PONG && break
  sleep 0.5
done

now
start=$now
describe
observe &
observer=$!
repeater=
if [ -n "$PLATEAU_REPEATEDLY" ]; then
  repeat &
  repeater=$!
fi
tick=0
refused=0
accepted=0
while now && [ $((now - start)) -lt $((PLATEAU_SECONDS * 100)) ]; do
  began=$now
  tick=$((tick + 1))
  result=$(writes 2>/dev/null | "$client" --pipe --pipe-timeout 10 2>/dev/null | tail -n 1)
  case $result in
  errors:*)
    errors=${result#errors: } errors=${errors%%,*}
    refused=$((refused + errors))
    accepted=$((accepted + ${result##*: } - errors))
    ;;
  esac
  now
  left=$((100 - now + began))
  [ "$left" -le 0 ] || sleep "0.$(printf %02d $((left < 100 ? left : 99)))"
done
kill "$observer"
[ -z "$repeater" ] || kill "$repeater"
sample 1000000
echo "end rounds=$tick accepted=$accepted refused=$refused"
# Ending would start it again.
exec tail -f /dev/null
