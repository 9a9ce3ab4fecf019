#!/bin/sh
# The gallery in containers, as docker-compose.yml runs it: built, started, tested by the end-to-end tests, killed, stopped
# and started, upgraded. If no engine answers, root starts one of the test's own, whose data is in VITRINE_TEST_IMAGES, a folder
# of its own, or else in VITRINE_TEST_DOCKER.
stays_root=1 # the engine runs as root
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"
# shellcheck source=tests/e2e/remote.sh
. "${srcdir:-.}/tests/e2e/remote.sh"

engine= # the process id of an engine of the test's own
project=vitrine-$mark
tag=$mark
base=debian:bookworm-slim
made_base=

# ---- the engine ----

engine_answers() {
  docker info >"$work/info" 2>&1
}

# A killed run leaves its containers, and the engine starts them again.
sweep_engine() {
  docker ps -aq | xargs -r docker rm -f
  docker volume ls -q | xargs -r docker volume rm -f
  docker network prune -f
}

# Prints commands that remove the engine's rules and chains: rules first, and chains when they are empty.
list_engine_rules() {
  iptables-save | awk '
    /^\*/ { table = substr($1, 2) }
    /^-A .*(DOCKER|docker0|br-[0-9a-f]+)/ { sub(/^-A/, "-D"); print "iptables -t", table, $0 }
    /^:DOCKER/ { print "iptables -t", table, "-F", substr($1, 2); print "iptables -t", table, "-X", substr($1, 2) }
  ' | sort -k 4,4
}

start_engine() {
  [ "$(id -u)" -eq 0 ] || bail_skip 'no Docker engine answers, and only root can start one'
  command -v dockerd >/dev/null || bail_skip 'no Docker engine answers, and docker.io is not installed'
  list_engine_rules >"$work/rules"
  forward_policy=$(iptables -S FORWARD | head -n 1) # -P FORWARD ACCEPT
  forwarding=$(cat /proc/sys/net/ipv4/ip_forward)
  DOCKER_HOST=unix://$work/docker.sock
  export DOCKER_HOST
  setpriv --pdeathsig TERM dockerd --host "$DOCKER_HOST" --data-root "${VITRINE_TEST_IMAGES:-$VITRINE_TEST_DOCKER}" \
    --exec-root "$work/engine" --pidfile "$work/docker.pid" >"$work/engine.log" 2>&1 &
  engine=$!
  poll engine_answers || {
    tail -n 20 "$work/engine.log" | sed 's/^/# /'
    echo 'Bail out! dockerd does not start'
    exit 1
  }
  sweep_engine >"$work/sweep.log" 2>&1
  # The tags stay the same, so that images are built once.
  project='vitrine-test'
  tag='test'
}

# Removes what dockerd leaves: its bridge, and its changes in the kernel. Rules that libvirt, for example, has added meanwhile
# stay.
stop_engine() {
  [ -n "$engine" ] || return 0
  docker image prune -f >"$work/prune.log" 2>&1
  kill -TERM "$engine"
  wait "$engine"
  engine=
  ip link delete docker0 2>"$work/ip.log"
  list_engine_rules | grep -Fvx -f "$work/rules" | while read -r rule; do $rule; done
  # shellcheck disable=SC2086
  iptables $forward_policy
  echo "$forwarding" >/proc/sys/net/ipv4/ip_forward
}

compose() {
  # shellcheck disable=SC2086
  $compose_command -p "$project" -f "$top/docker-compose.yml" --env-file "$work/env" "$@"
}

clean_up_containers() {
  [ "$failures" -eq 0 ] || compose logs --no-color --tail=40 2>&1 | sed 's/^/# log: /'
  compose down --volumes --timeout 1 >"$work/down.log" 2>&1
  if [ -z "$engine" ]; then
    docker rmi "vitrine-build:$tag" "vitrine-worker:$tag" "vitrine-web:$tag" "vitrine-worker:$tag-next" \
      "vitrine-web:$tag-next" ${made_base:+"$made_base"} >"$work/rmi.log" 2>&1
  fi
  stop_engine
  clean_up
}

command -v docker >/dev/null || bail_skip 'docker is not installed'
if docker compose version >"$work/version" 2>&1; then
  compose_command='docker compose'
elif command -v docker-compose >/dev/null; then
  compose_command=docker-compose
else
  bail_skip 'neither the Compose plugin nor docker-compose is installed'
fi
: >"$work/env" # instead of an operator's .env
trap clean_up_containers EXIT
engine_answers || start_engine

# ---- building ----

layers() {
  docker image inspect -f '{{json .RootFS.Layers}}' "vitrine-worker:$1" "vitrine-web:$1"
}

if ! docker image inspect $base >"$work/base.log" 2>&1 && ! docker pull $base >"$work/base.log" 2>&1; then
  built "$base is made from Debian's packages" "$top/tests/container/make_base" $base
  made_base=$base
fi
docker image inspect "vitrine-build:$tag" >"$work/before.log" 2>&1
is_known=$?

VITRINE_TAG=$tag
VITRINE_PORT=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
export VITRINE_TAG VITRINE_PORT
url=http://127.0.0.1:$VITRINE_PORT
holds 'docker-compose.yml is valid' compose config -q
built 'the build stage of the Dockerfile builds' docker build -q --target build -t "vitrine-build:$tag" "$top"
built 'compose builds both images' compose build

# Today's docker builds with BuildKit; Debian's can, and docker-compose 1.29 does not.
buildkit() {
  DOCKER_BUILDKIT=1 "$@" build -q - >"$work/buildkit.log" 2>&1 <<DOCKERFILE
FROM $base
DOCKERFILE
}
# build_afresh TAG: builds both images without the cache.
build_afresh() {
  "$buildkit" build -q --no-cache --target worker -t "vitrine-worker:$1" "$top" &&
    "$buildkit" build -q --target web -t "vitrine-web:$1" "$top"
}
# Only on request, because it takes six more minutes, and only for a new build.
if [ "${VITRINE_TEST_LAYERS:-}" = 1 ] && [ $is_known -ne 0 ]; then
  for buildkit in docker /usr/bin/docker none; do
    ! buildkit "$buildkit" || break
  done
  if [ "$buildkit" != none ]; then
    DOCKER_BUILDKIT=1
    export DOCKER_BUILDKIT
    built 'BuildKit builds both images without its cache' build_afresh "$tag-a"
    built 'BuildKit builds both images a second time without its cache' build_afresh "$tag-b"
    unset DOCKER_BUILDKIT
    is 'two builds without cache have the same layers' "$(layers "$tag-a")" "$(layers "$tag-b")"
    docker rmi "vitrine-worker:$tag-a" "vitrine-web:$tag-a" "vitrine-worker:$tag-b" "vitrine-web:$tag-b" \
      >"$work/rmi.log"
    [ -z "$engine" ] || docker builder prune -af >"$work/prune.log" 2>&1
  else
    skip 'BuildKit builds both images without its cache' 'there is no BuildKit here'
  fi
else
  skip 'BuildKit builds both images without its cache' 'VITRINE_TEST_LAYERS=1 asks for it, and they are new'
fi

# in_image IMAGE COMMAND: runs it by the image's shell.
in_image() {
  docker run --rm --network none --entrypoint sh "vitrine-$1:$tag" -c "$2" 2>&1
}
# shellcheck disable=SC2016
is 'the worker image contains no compiler, npm, nginx or curl' '' \
  "$(in_image worker 'for tool in gcc make npm perldoc nginx curl; do command -v $tool; done')"
# shellcheck disable=SC2016
is 'the web image contains no compiler, npm, worker or curl' '' \
  "$(in_image web 'for tool in gcc make npm spawn-fcgi multiwatch vitrine curl; do command -v $tool; done')"
is 'nothing in the worker image has a known vulnerability' 0 "$(in_image worker 'vitrine check --libraries; echo $?')"
is 'the files of the page differ in time, for their entity tags' '' \
  "$(in_image web "find /usr/share/vitrine/www -type f -not -name '*.gz' -printf '%T@\n'" | sort | uniq -d)"
in_image web "find /usr/share/vitrine/www -type f -printf '%T@ %P\n'" | sort >"$work/times"
is 'each compressed file of the page has the time of the plain one' "$(grep -v '[.]gz$' "$work/times")" \
  "$(sed -n 's/[.]gz$//p' "$work/times")"

# ---- up ----

id_of() {
  compose ps -q "$1"
}
is_well() {
  [ "$(docker inspect -f '{{.State.Health.Status}}' "$(id_of "$1")")" = healthy ]
}
# each FORMAT: prints this of docker inspect for both containers.
each() {
  docker inspect -f "$1" "$(id_of web)" "$(id_of worker)" | xargs
}

built 'docker compose up starts both containers' compose up -d
eventually 'the gallery answers at the published port' answers
eventually "the worker's container becomes healthy" is_well worker
eventually "nginx's container becomes healthy" is_well web
data=$(docker volume inspect -f '{{.Mountpoint}}' "${project}_data")
[ -r "$data/catalogue.sqlite" ] || data=

is 'the port is published on 127.0.0.1 only' "127.0.0.1:$VITRINE_PORT" "$(docker port "$(id_of web)" 8080/tcp)"
is 'the worker has no network' none "$(docker inspect -f '{{.HostConfig.NetworkMode}}' "$(id_of worker)")"
is 'both containers have a read-only root file system' 'true true' "$(each '{{.HostConfig.ReadonlyRootfs}}')"
is 'neither container is privileged' 'false false' "$(each '{{.HostConfig.Privileged}}')"
is 'the memory of both containers is limited' '268435456 2147483648' "$(each '{{.HostConfig.Memory}}')"
is 'the number of processes of both containers is limited' '64 256' "$(each '{{.HostConfig.PidsLimit}}')"
is 'both containers are started again when they end' 'unless-stopped unless-stopped' "$(each '{{.HostConfig.RestartPolicy.Name}}')"

for service in web worker; do
  container=$(id_of $service)
  uid=10001
  [ $service = worker ] || uid=10002
  is "$service: every process runs as user $uid" $uid \
    "$(docker top "$container" -eo uid,pid | awk 'NR > 1 { print $1 }' | sort -u)"
  is "$service: no process has or can gain a capability" 'CapBnd: 0000000000000000 CapEff: 0000000000000000 NoNewPrivs: 1' \
    "$(docker exec "$container" sh -c 'cat /proc/[0-9]*/status' |
      grep -E '^(CapEff|CapBnd|NoNewPrivs):' | sort -u | xargs)"
  is "$service: the root file system is read-only" '' \
    "$(docker exec "$container" sh -c 'for folder in / /etc /home /root /run /tmp /usr /usr/share/vitrine /var /var/lib /var/tmp; do
      touch $folder/x 2>/dev/null && echo $folder; done')"
done
is 'nginx can write neither pictures nor sockets' '' \
  "$(docker exec "$(id_of web)" sh -c 'for folder in "$VITRINE_DATA" "$VITRINE_DATA/uploads" "$VITRINE_RUN"; do
    touch $folder/x 2>/dev/null && echo $folder; done')"
like "nginx's container cannot read the catalogue" 'Permission denied' \
  "$(docker exec "$(id_of web)" cat /var/lib/vitrine/catalogue.sqlite 2>&1)"

# ---- the end-to-end tests that the host passes ----

cat >"$work/restart" <<RESTART
#!/bin/sh
# restart [NAME=VALUE...]: for the tests in e2e/.
env VITRINE_TAG='$VITRINE_TAG' VITRINE_PORT=$VITRINE_PORT "\$@" \\
  $compose_command -p '$project' -f '$top/docker-compose.yml' --env-file '$work/env' up -d || exit 1
for _ in \$(seq 400); do
  curl -fs -o '$work/health' --max-time 5 $url/healthz && exit 0
  sleep 0.05
done
exit 1
RESTART
chmod 755 "$work/restart"

# Those in which nginx, packages, volumes and settings matter. How C code answers is the host's to test.
for name in upload first_page serving compressed originals settings; do
  suite $name
done
# What follows compares originals byte for byte, as nginx serves them.
VITRINE_METADATA=show
export VITRINE_METADATA
"$work/restart" >"$work/restart.log" 2>&1

# ---- logs ----

# log_of SERVICE REGEX: the lines of its log that match.
log_of() {
  docker logs "$(id_of "$1")" 2>&1 | grep -E -- "$2"
}
is_logged() {
  log_of web "q=$mark-logged" && log_of worker 'request: PATCH'
}
request GET "/api/images?q=$mark-logged"
request PATCH /api/images/00000000000000000000000000000000 -H 'Authorization: Bearer secret-of-somebody'
eventually 'both containers log the requests' is_logged
is 'nginx logs one line for a request' 1 "$(log_of web "q=$mark-logged" | wc -l)"
like 'nginx logs in the combined format' \
  '^[0-9.]+ - - \[[^]]+\] "GET /api/images\?q=[a-z0-9-]+ HTTP/1\.1" 200 [0-9]+ "-" "curl/[0-9.]+"$' \
  "$(log_of web "q=$mark-logged")"
like 'a worker logs one line for a request' \
  '^level=info pid=[0-9]+ msg="request: PATCH /api/images/0{32} [0-9]+, [0-9]+ bytes, [0-9.]+ ms"$' \
  "$(log_of worker 'request: PATCH')"
# A failed check is logged on purpose: it shows since when the gallery was unhealthy.
is 'no log contains a good health check or a token' '' \
  "$(log_of web '/healthz [^"]*" 200 |secret'; log_of worker 'healthz.* 200,|secret')"

# ---- nothing is lost ----

picture PNG "$work/first.png" seed=$$
list_images >"$work/images"
holds 'there are images before the containers are killed' test -s "$work/images"

# slow NUMBER: uploads a picture that takes most of a second to decode, so that it is in progress when its worker is killed.
slow() {
  picture AVIF "$work/slow.avif" width="$((6000 - 8 * $1))" height=4000 seed="$(($$ + $1))"
  curl -s -o "$work/answer" -w '%{http_code}' -F "file=@$work/slow.avif" "$url/api/images" >"$work/status" &
  client=$!
  if [ -z "$data" ]; then
    sleep 0.3
  else
    poll is_under_way || miss "upload $1 is in progress when its container is killed or stopped"
  fi
}
# Files of another size there are of thumbnails that the workers make at leisure.
is_under_way() {
  [ -n "$(find "$data/tmp" -type f -size "$(stat -c %s "$work/slow.avif")c")" ]
}
is_at_rest() {
  ! is_under_way
}
# runs_as_other SERVICE PID: whether the container runs as another process.
runs_as_other() {
  pid=$(docker inspect -f '{{.State.Pid}}' "$(id_of "$1")")
  [ "$pid" -ne 0 ] && [ "$pid" -ne "$2" ]
}
# crash SERVICE NUMBER: kills a container during an upload. An engine on another machine has to do that itself.
crash() {
  pid=$(docker inspect -f '{{.State.Pid}}' "$(id_of "$1")")
  slow "$2"
  kill -9 "$pid" 2>"$work/kill.log" || {
    docker kill "$(id_of "$1")"
    compose up -d
  } >"$work/kill.log" 2>&1
  eventually "the container of $1 runs again after it was killed" runs_as_other "$1" "$pid"
}

pids=$(docker top "$(id_of worker)" -eo pid,args | awk '/vitrine\.fcgi$/ && !/multiwatch/ { print $1 }')
slow 1
# shellcheck disable=SC2086
if kill -9 $pids 2>"$work/kill.log"; then
  wait "$client"
  is 'the client whose worker was killed is told so' '502 worker-lost' \
    "$(cat "$work/status") $(jq -r .type "$work/answer" | sed 's/.*://')"
  keeps 'after all workers were killed'
else
  wait "$client"
  skip 'the client whose worker was killed is told so' 'the engine is elsewhere, or this is not root'
fi

crash worker 2
wait "$client"
is "the client whose worker's container was killed gets 502" 502 "$(cat "$work/status")"
keeps "after the worker's container was killed"
crash web 3
wait "$client"
is 'the client whose nginx was killed gets no answer' 000 "$(cat "$work/status")"
eventually "the gallery answers after nginx's container was killed" answers
# The worker has stored the upload completely or not at all once it has finished.
[ -z "$data" ] || eventually 'the worker has finished the upload whose client was disconnected' is_at_rest
list_images >"$work/listed"
id=$(sha256sum "$work/slow.avif" | cut -c -32)
! grep "^$id " "$work/listed" >>"$work/images"
keeps "after nginx's container was killed"

# A picture that takes more memory than the container has: 12 bytes for each of 30 million pixels.
"$work/restart" VITRINE_WORKER_MEMORY=100m >"$work/restart.log" 2>&1
picture GIF "$work/huge.gif" width=6000 height=5000 seed=$$
upload "$work/huge.gif"
is 'with too little memory, an upload is refused before it is decoded' '422 urn:vitrine:problem:image-limit' \
  "$status $(json .type)"
upload "$work/first.png"
is 'with too little memory, the next upload succeeds' 201 "$status"
request DELETE "/api/images/$(json '.images[0].id')" -H "Authorization: Bearer $(json '.images[0].delete_token')"
keeps 'with too little memory'

compose down >"$work/down.log" 2>&1
is 'docker compose down leaves no container' '' "$(docker ps -aq --filter "label=com.docker.compose.project=$project")"
built 'docker compose up starts the containers after a down' compose up -d
keeps 'after docker compose down and up'

# ---- stopping: requests in progress are answered ----

web=$(id_of web)
worker=$(id_of worker)
slow 4
started=$(date +%s%N)
compose stop >"$work/stop.log" 2>&1
took=$((($(date +%s%N) - started) / 1000000))
wait "$client"
is 'an upload in progress is answered before docker compose stop ends' 201 "$(cat "$work/status")"
# Each has five seconds; one that is killed after that exits with 137.
is 'both containers end by themselves on docker compose stop' '0 0' "$(docker inspect -f '{{.State.ExitCode}}' "$web" "$worker" | xargs)"
echo "# compose stop with an upload in progress took $took ms"
is 'docker compose stop leaves no socket' '' "$(docker run --rm --network none -v "${project}_sockets:/run/vitrine" \
  --entrypoint find "vitrine-worker:$tag" /run/vitrine -type s)"
built 'docker compose up starts the containers after a stop' compose up -d
eventually 'the gallery answers after docker compose stop and up' answers
list_images >"$work/images"
like 'the upload that was answered during the stop is in the gallery' "^$(sha256sum "$work/slow.avif" | cut -c -32) " "$(cat "$work/images")"

# ---- backing up and restoring, as docs/docker.md says ----

compose exec -T worker vitrine backup - >"$work/vitrine.tar" 2>"$work/backup.log"
is 'vitrine backup writes an archive' 0 $?
eventually 'the gallery answers after the backup' answers
compose down --volumes >"$work/down.log" 2>&1
built 'docker compose makes an empty store for the restore' compose up --no-start
docker run --rm -i --network none -v "${project}_data:/var/lib/vitrine" "vitrine-worker:$tag" \
  tar -C /var/lib/vitrine -x <"$work/vitrine.tar"
is 'the archive is extracted into the empty store' 0 $?
built 'fsck finds nothing in the restored store' compose run --rm -T worker vitrine fsck
built 'docker compose up starts the restored gallery' compose up -d
keeps 'after the restore'
request GET "$(curl -fs "$url/api/images?limit=1" | jq -r '.images[0].thumbs["320"]')"
is 'the restored gallery makes thumbnails again' 200 "$status"

# ---- upgrading ----

built 'an image of a later version builds' docker build -q -t "vitrine-worker:$tag-next" \
  --build-arg BUILD="vitrine-build:$tag" --build-arg WORKER="vitrine-worker:$tag" - \
  <"$top/tests/container/next-schema.Dockerfile"
docker tag "vitrine-web:$tag" "vitrine-web:$tag-next"

# schema: prints the schema version of the catalogue on the disk.
schema() {
  sqlite3 "file:$data/catalogue.sqlite?mode=ro" 'PRAGMA user_version'
}
[ -z "$data" ] || old=$(schema)
VITRINE_TAG=$tag-next
built 'docker compose up starts the later version' compose up -d
keeps 'with the later version'
if [ -n "$data" ]; then
  is 'the later version has migrated the catalogue' $((old + 1)) "$(schema)"
else
  skip 'the later version has migrated the catalogue' 'the data volume is out of reach'
fi
picture PNG "$work/new.png" seed=$$
upload "$work/new.png"
is 'the later version accepts an upload' 201 "$status"
list_images >"$work/images"

VITRINE_TAG=$tag
built 'docker compose up starts the old version again' compose up -d
refuses() {
  log_of worker 'the catalogue has schema [0-9]+, which is newer than this program'
}
eventually 'the old version says why it cannot use the newer catalogue' refuses
VITRINE_TAG=$tag-next
built 'docker compose up starts the later version again' compose up -d
keeps 'with the later version again'

finish
