#!/bin/sh
# The gallery in a virtual machine, as the Vagrantfile runs it: up, driven by the end-to-end tests, restarted,
# upgraded under load, killed, destroyed. With a libvirtd of its own where none answers, and with a box made
# from Debian's packages, kept in VITRINE_TEST_VM. The machine is emulated (VITRINE_VM_DRIVER=kvm: it is
# not), so this takes a quarter of an hour and runs only where VITRINE_TEST_VM_RUN=1 asks for it.
stays_root=1 # libvirtd is root's
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"
# shellcheck source=tests/e2e/remote.sh
. "${srcdir:-.}/tests/e2e/remote.sh"

[ "${VITRINE_TEST_VM_RUN:-}" = 1 ] || bail_skip 'it is asked for by ./run check --vm'
[ "$(id -u)" -eq 0 ] || bail_skip 'only root can make the box and start libvirtd'
[ "$(git -C "$top" rev-parse --show-toplevel 2>/dev/null)" = "$top" ] || bail_skip 'this is no git checkout'
for tool in vagrant virsh mmdebstrap extlinux rsync; do
  command -v $tool >/dev/null || bail_skip "$tool is not installed"
done

mkdir -p "$VITRINE_TEST_VM"
VAGRANT_HOME=$VITRINE_TEST_VM/home
VAGRANT_DOTFILE_PATH=$work/machine
VAGRANT_CHECKPOINT_DISABLE=1
VITRINE_VM_DRIVER=${VITRINE_VM_DRIVER:-qemu}
VITRINE_VM_CPUS=2
VITRINE_VM_MEMORY=1024
VITRINE_VM_PORT=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
export VAGRANT_HOME VAGRANT_DOTFILE_PATH VAGRANT_CHECKPOINT_DISABLE
export VITRINE_VM_DRIVER VITRINE_VM_CPUS VITRINE_VM_MEMORY VITRINE_VM_PORT
libvirt=$VITRINE_TEST_VM/libvirt
data= # it is the guest's
url=http://127.0.0.1:$VITRINE_VM_PORT
# The name of the folder is the one of the machine.
checkout=$work/vitrine-$mark
running=

clean_up_vm() {
  if [ -n "$running" ]; then
    [ "$failures" -eq 0 ] || guest 'sudo journalctl --no-pager -n 60 -u "vitrine*" -u nginx' 2>&1 | sed 's/^/# log: /'
    (cd "$checkout" && vagrant destroy -f) >"$work/destroy.log" 2>&1
  fi
  "$top/tests/vm/libvirt" stop "$libvirt" >"$work/libvirt.log" 2>&1
  clean_up
}
trap clean_up_vm EXIT

# timed WHAT COMMAND...: like built, and tells how long it took.
timed() {
  timed_start=$(date +%s)
  timed_what=$1
  built "$@"
  echo "# $timed_what took $(($(date +%s) - timed_start)) s"
}
# in_checkout COMMAND...
in_checkout() {
  (cd "$checkout" && "$@")
}
# guest COMMAND: by its shell, as the user vagrant.
guest() {
  ssh -n -F "$work/ssh" default "$1"
}
# For guest(): where it is, and the key.
find_guest() {
  in_checkout vagrant ssh-config >"$work/ssh"
}
units() {
  guest 'systemctl is-active vitrine@api vitrine@image nginx' | xargs
}

# ---- the sources ----

mkdir "$checkout"
# What is not committed yet is tested too.
(cd "$top" && git ls-files -co --exclude-standard -z | tar -c --null --ignore-failed-read -T - 2>"$work/tar") |
  tar -x -C "$checkout"
is 'what git ignores is not brought into the machine' '' "$(grep '^[^#!]' "$top/.gitignore" | grep -vx '/tests/\(\*/check\|fuzz/fuzz\)_\*' |
  while read -r ignored; do
    tr -s '[:space:]' '\n' <"$top/Vagrantfile" | grep -Fqx "$ignored" || echo "$ignored"
  done)"

# ---- the box, and a libvirtd ----

bridges() {
  ip -br link | grep -o '^virbr[^ ]*'
}
bridges >"$work/bridges"
built 'libvirtd answers' "$top/tests/vm/libvirt" start "$libvirt"

# npm brings five hundred packages: on an emulated machine, they alone take five minutes to install. With all that builds in
# it, the box takes ten minutes more to make, and saves two.
packages=npm
VITRINE_VM_BOX=vitrine-$({
  echo "$packages"
  cat "$top/provision/box" /etc/apt/sources.list.d/debian.sources ${NODE_EXTRA_CA_CERTS:+"$NODE_EXTRA_CA_CERTS"}
  apt-config dump Acquire
} 2>"$work/hash.log" | sha256sum | cut -c -12)
export VITRINE_VM_BOX
if ! vagrant box list 2>"$work/boxes.log" | grep -q "^$VITRINE_VM_BOX "; then
  rm -rf "$VAGRANT_HOME"
  timed 'making the box' "$top/provision/box" "$work/debian.box" $packages
  built 'Vagrant takes the box' vagrant box add --name "$VITRINE_VM_BOX" "$work/debian.box"
  rm "$work/debian.box"
fi

# ---- up ----

built 'the Vagrantfile is valid' in_checkout vagrant validate
running=1
timed 'vagrant up' in_checkout vagrant up --provider=libvirt
find_guest
holds 'the gallery answers at the forwarded port' poll answers
is 'which is forwarded from 127.0.0.1 only' "127.0.0.1:$VITRINE_VM_PORT" \
  "$(ss -Hltn "sport = :$VITRINE_VM_PORT" | awk '{ print $4 }' | xargs)"
is 'both pools and nginx are up' 'active active active' "$(units)"
# shellcheck disable=SC2016
is 'nginx has no new privileges' 1 \
  "$(guest 'sed -n "s/^NoNewPrivs:[[:space:]]*//p" /proc/$(systemctl show -P MainPID nginx)/status')"
is 'no unit has failed' '' "$(guest 'systemctl --failed --no-legend --plain')"

is 'no library in the guest has a known vulnerability' 0 \
  "$(guest 'sudo runuser -u vitrine -- env VITRINE_DATA=/var/lib/vitrine vitrine check --libraries 2>&1; echo $?')"

# Memory, in kB. Of the gallery: its part of what its processes share (PSS).
# shellcheck disable=SC2016
echo "# memory of nginx and both pools, idle: $(guest 'for pid in $(pgrep "nginx|multiwatch|vitrine"); do
  sudo cat /proc/$pid/smaps_rollup; done' | awk '/^Pss:/ { sum += $2 } END { print sum }')"
echo "# memory of the guest, as it counts itself: $(guest 'free -k' | awk '/^Mem:/ { print $3, "of", $2 }')"
echo "# memory of the hypervisor's process: $(ps -o rss= -p "$(pgrep -f "qemu-system.* guest=vitrine-$mark")" | xargs)"
# shellcheck disable=SC2016
is 'systemd finds no unit exposed by more than 2.0' asked \
  "$(guest 'for unit in vitrine@api vitrine@image vitrine-gc; do
    systemd-analyze --no-pager security --threshold=20 $unit >/dev/null || echo $unit; done; echo asked')"

# ---- the end-to-end tests that the host passes ----

# Settings that are not named are to be the defaults; provision/install takes an empty one out.
cat >"$work/restart" <<RESTART
#!/bin/sh
# restart [NAME=VALUE...]: for the tests in e2e/.
settings='VITRINE_LISTEN=8080 VITRINE_TOKEN= VITRINE_MAX_UPLOAD= VITRINE_MAX_PIXELS= VITRINE_MAX_FRAMES= VITRINE_QUOTA='
for setting in "\$@"; do settings="\$settings '\$setting'"; done
exec ssh -n -F '$work/ssh' default "sudo env \$settings /vagrant/provision/install"
RESTART
chmod 755 "$work/restart"
# shellcheck disable=SC2016
is 'each file of the page has its compressed twin, of the same time' '' \
  "$(guest 'cd /usr/local/share/vitrine/www && find . -type f -not -name "*.gz" | while read -r file; do
    gzip -dc "$file.gz" | cmp - "$file" && [ "$(stat -c %.Y "$file")" = "$(stat -c %.Y "$file.gz")" ] || echo "$file"
  done' 2>&1)"
# Those in which nginx, packages, systemd and settings matter. How C code answers is the host's to test.
for name in upload first_page serving settings; do
  suite_start=$(date +%s)
  suite $name
  echo "# $name took $(($(date +%s) - suite_start)) s"
done
built 'provision/install takes the settings back' "$work/restart"
again_start=$(date +%s%N)
like 'and has nothing to do the next time' 'up to date' "$("$work/restart" 2>&1 | tail -n 1)"
echo "# which took $((($(date +%s%N) - again_start) / 1000000)) ms"

# ---- nothing is lost ----

picture PNG "$work/first.png" seed=$$
upload "$work/first.png"
is 'a picture goes in' 201 "$status"
list_images >"$work/images"
echo "# there are $(wc -l <"$work/images") images"

timed 'vagrant reload' in_checkout vagrant reload
find_guest
keeps 'vagrant reload'
is 'vagrant reload: both pools and nginx are up' 'active active active' "$(units)"

built 'vagrant halt' in_checkout vagrant halt
boot_start=$(date +%s%N)
in_checkout vagrant up --no-provision >"$work/boot.log" 2>&1 &
boot=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  ! poll answers || break
done
echo "# boot to the first answer took $((($(date +%s%N) - boot_start) / 1000000)) ms"
wait "$boot"
is 'vagrant up again' 0 $?
find_guest
keeps 'vagrant halt and up'

# ---- a changed checkout, brought in under load ----

# One of each, over and over: a file, a listing, a thumbnail, an upload of what is known already.
thumb=$(curl -s "$url/api/images?limit=1" | jq -r '.images[0].thumbs["320"]')
ask() {
  while [ -e "$work/asking" ]; do
    for path in / '/api/images?limit=1' "$thumb"; do
      curl -s -o "$work/asked" -w "%{http_code} $path\n" --max-time 60 "$url$path"
    done
    curl -s -o "$work/asked" -w '%{http_code} upload\n' --max-time 60 -F "file=@$work/first.png" "$url/api/images"
  done >"$work/answers"
}
: >"$work/asking"
ask &
asker=$!
# A change of the page, and one of the workers.
echo "<!-- $mark -->" >>"$checkout/www/index.html"
sed -i "s/Images in the store\\./Images in the store, $mark./" "$checkout/cgi/web/handler_operations.c"
has_changed() {
  curl -s "$url/metrics" | grep -q "$mark"
}
timed 'vagrant provision' in_checkout vagrant provision
like 'vagrant provision: the changed page is served' "$mark" "$(curl -s "$url/")"
like 'compressed, too' "$mark" "$(curl -s --compressed "$url/")"
holds 'vagrant provision: the workers are the changed ones' poll has_changed
rm "$work/asking"
wait "$asker"
is 'vagrant provision: meanwhile, no request failed' '' "$(grep -v '^200 ' "$work/answers")"
echo "# $(wc -l <"$work/answers") requests were answered meanwhile"
keeps 'vagrant provision'

# ---- crashes ----

guest 'pgrep -x vitrine.fcgi' | sort >"$work/pids"
guest 'sudo pkill -KILL -x vitrine.fcgi'
keeps 'all workers killed with -9'
is 'all workers killed with -9: others have taken their places' '' \
  "$(guest 'pgrep -x vitrine.fcgi' | sort | comm -12 "$work/pids" -)"
is 'as many as before' "$(wc -l <"$work/pids")" "$(guest 'pgrep -x vitrine.fcgi' | wc -l)"
is 'all workers killed with -9: both pools and nginx are up' 'active active active' "$(units)"

# ---- backing up and restoring, as docs/vm.md says ----

guest 'sudo runuser -u vitrine -- env VITRINE_DATA=/var/lib/vitrine vitrine backup - >vitrine.tar'
is 'backup: is made' 0 $?
keeps 'backup'
guest 'sudo systemctl stop vitrine.target && sudo find /var/lib/vitrine -mindepth 1 -delete &&
  sudo tar -C /var/lib/vitrine -xpf vitrine.tar --numeric-owner &&
  sudo chown -R vitrine:vitrine /var/lib/vitrine &&
  sudo runuser -u vitrine -- env VITRINE_DATA=/var/lib/vitrine vitrine fsck && sudo systemctl start vitrine.target'
is 'restore: is read' 0 $?
keeps 'restore'
request GET "$thumb"
is 'restore: thumbnails are made again' 200 "$status"

# ---- settings ----

timed 'vagrant provision with a setting' in_checkout env VITRINE_TOKEN=open-sesame.12345 vagrant provision
upload "$work/first.png"
is 'the gallery has it' 401 "$status"

# ---- uninstalling ----

like 'provision/uninstall says where the pictures are' '/var/lib/vitrine' \
  "$(guest 'sudo /vagrant/provision/uninstall' 2>&1)"
is 'they are there' "$(wc -l <"$work/images")" "$(guest 'sudo find /var/lib/vitrine/uploads -type f | wc -l')"
is 'all else has gone' '' "$(guest 'sudo find /usr/local /etc /var/cache /run/vitrine -name "*vitrine*" 2>/dev/null
  systemctl list-unit-files --no-legend "vitrine*"; pgrep -a vitrine')"
is 'nginx goes on' active "$(guest 'systemctl is-active nginx')"

# ---- the end ----

timed 'vagrant destroy' in_checkout vagrant destroy -f
running=
for volume in $(virsh -c qemu:///system -q vol-list default | awk '{ print $1 }' | grep "^$VITRINE_VM_BOX"_); do
  virsh -c qemu:///system vol-delete --pool default "$volume" >>"$work/volumes.log" 2>&1
done
is 'no guest is left' '' "$(virsh -c qemu:///system -q list --all --name | grep "$mark")"
is 'no volume is left' '' "$(virsh -c qemu:///system -q vol-list default | grep -E "$mark|$VITRINE_VM_BOX")"
is 'nothing listens at the forwarded port' '' "$(ss -Hltn "sport = :$VITRINE_VM_PORT")"
holds 'libvirtd ends' "$top/tests/vm/libvirt" stop "$libvirt"
is 'no bridge is left' '' "$(bridges | diff "$work/bridges" - | grep '^>')"
holds 'nothing of libvirtd is left' test ! -e "$libvirt"

finish
