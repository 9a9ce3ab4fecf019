#!/bin/sh
# The gallery in a virtual machine, as the Vagrantfile runs it: started, tested by the end-to-end tests, restarted,
# upgraded under load, killed, destroyed. If no libvirtd answers, the test starts its own. It makes the box from Debian's
# packages and keeps it in VITRINE_TEST_BOXES, a folder of its own, or else in VITRINE_TEST_VM. The machine is emulated,
# unless VITRINE_VM_DRIVER=kvm is set, so this takes a quarter of an hour and runs only with VITRINE_TEST_VM_RUN=1.
stays_root=1 # libvirtd runs as root
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"
# shellcheck source=tests/e2e/remote.sh
. "${srcdir:-.}/tests/e2e/remote.sh"

[ "${VITRINE_TEST_VM_RUN:-}" = 1 ] || bail_skip 'it runs only with ./run check --vm'
[ "$(id -u)" -eq 0 ] || bail_skip 'only root can make the box and start libvirtd'
[ "$(git -C "$top" rev-parse --show-toplevel 2>/dev/null)" = "$top" ] || bail_skip 'this is not a git checkout'
for tool in vagrant virsh mmdebstrap extlinux rsync; do
  command -v $tool >/dev/null || bail_skip "$tool is not installed"
done

mkdir -p "$VITRINE_TEST_VM"
VAGRANT_HOME=${VITRINE_TEST_BOXES:-$VITRINE_TEST_VM/home}
VAGRANT_DOTFILE_PATH=$work/machine
VAGRANT_CHECKPOINT_DISABLE=1
VITRINE_VM_DRIVER=${VITRINE_VM_DRIVER:-qemu}
VITRINE_VM_CPUS=2
VITRINE_VM_MEMORY=1024
VITRINE_VM_PORT=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
export VAGRANT_HOME VAGRANT_DOTFILE_PATH VAGRANT_CHECKPOINT_DISABLE
export VITRINE_VM_DRIVER VITRINE_VM_CPUS VITRINE_VM_MEMORY VITRINE_VM_PORT
libvirt=$VITRINE_TEST_VM/libvirt
data= # the data folder is in the guest
url=http://127.0.0.1:$VITRINE_VM_PORT
# Vagrant names the machine after the folder.
checkout=$work/vitrine-$mark
running=

clean_up_vm() {
  if [ -n "$running" ]; then
    [ "$failures" -eq 0 ] || guest 'sudo journalctl --no-pager -n 60 -u "vitrine*" -u nginx' 2>&1 | sed 's/^/# log: /'
    in_checkout vagrant destroy -f >"$work/destroy.log" 2>&1
  fi
  "$top/tests/vm/libvirt" stop "$libvirt" >"$work/libvirt.log" 2>&1
  clean_up
}
trap clean_up_vm EXIT

# timed WHAT COMMAND...: like built, and prints how long it took.
timed() {
  timed_start=$(date +%s)
  timed_what=$1
  built "$@"
  echo "# $timed_what: $(($(date +%s) - timed_start)) s"
}
# in_checkout COMMAND...: runs it in the checkout. Vagrant has no limit of its own when libvirtd stops answering.
in_checkout() {
  (cd "$checkout" && timeout --kill-after=30 1800 "$@")
}
# guest COMMAND: runs it by the guest's shell, as the user vagrant.
guest() {
  timeout 1800 ssh -n -F "$work/ssh" default "$1"
}
# find_guest: writes address and key for guest().
find_guest() {
  in_checkout vagrant ssh-config >"$work/ssh"
}
units() {
  guest 'systemctl is-active vitrine@api vitrine@image nginx' | xargs
}

# ---- the sources ----

mkdir "$checkout"
# Uncommitted changes are tested, too.
(cd "$top" && git ls-files -co --exclude-standard -z | tar -c --null --ignore-failed-read -T - 2>"$work/tar") |
  tar -x -C "$checkout"
is 'what git ignores is not copied into the machine' '' "$(grep '^[^#!]' "$top/.gitignore" | grep -vx '/tests/\(\*/check\|fuzz/fuzz\)_\*' |
  while read -r ignored; do
    tr -s '[:space:]' '\n' <"$top/Vagrantfile" | grep -Fqx "$ignored" || echo "$ignored"
  done)"

# ---- the box, and a libvirtd ----

bridges() {
  ip -br link | grep -o '^virbr[^ ]*'
}
bridges >"$work/bridges"
built 'a libvirtd answers or is started' "$top/tests/vm/libvirt" start "$libvirt"

# The box contains the packages that the build needs, because an emulated machine takes minutes to install them, and ccache.
# The gallery's other packages are left for provision/install to find missing.
packages="$(sed -n 's/^build \([^ ]*\).*/\1/p' "$top/provision/packages" | xargs) ccache"
VITRINE_VM_BOX=vitrine-$({
  echo "$packages"
  cat "$top/provision/box" /etc/apt/sources.list.d/debian.sources ${NODE_EXTRA_CA_CERTS:+"$NODE_EXTRA_CA_CERTS"}
  apt-config dump Acquire
} 2>"$work/hash.log" | sha256sum | cut -c -12)
export VITRINE_VM_BOX
if ! vagrant box list 2>"$work/boxes.log" | grep -q "^$VITRINE_VM_BOX "; then
  rm -rf "$VAGRANT_HOME"
  # shellcheck disable=SC2086
  timed 'provision/box makes the box' "$top/provision/box" "$work/debian.box" $packages
  built 'Vagrant accepts the box that was made' vagrant box add --name "$VITRINE_VM_BOX" "$work/debian.box"
  rm "$work/debian.box"
fi

# ---- what the emulated machine is spared ----

# The guest compiles as anywhere, but its gcc is ccache, and what is compiled there was compiled here before, from the same
# sources by the same compiler. Objects that differ, for example because the guest's headers do, are compiled in the guest.
# ccache compares paths below base_dir as relative ones, so both trees have the same shape.
compiled=$VAGRANT_HOME/compiled
compile_here() {
  mkdir -p "$work/here/bin" "$work/here/var/cache/vitrine" "$compiled" &&
    cp -a "$checkout" "$work/here/vagrant" &&
    ln -s "$(command -v ccache)" "$work/here/bin/gcc" &&
    printf '%s\n' 'base_dir = /vagrant' 'hash_dir = false' 'compiler_check = content' 'sloppiness = locale' \
      'max_size = 200M' >"$compiled/ccache.conf" &&
    env CCACHE_DIR="$compiled" CCACHE_BASEDIR="$work/here/vagrant" PATH="$work/here/bin:$PATH" \
      "$work/here/vagrant/provision/build" "$work/here/var/cache/vitrine/build" --prefix=/usr/local &&
    tar -C "$compiled" -cf "$work/compiled.tar" . && rm -rf "$work/here"
}
: >"$work/compiled.tar"
if command -v ccache >/dev/null; then
  timed 'the gallery is compiled here for the guest' compile_here
fi

# Vagrant reads this before the Vagrantfile of the checkout. The guest's disk need not survive a crash of this machine.
cat >"$VAGRANT_HOME/Vagrantfile" <<VAGRANTFILE
Vagrant.configure("2") do |config|
  config.vm.provider(:libvirt) { |libvirt| libvirt.disk_driver :cache => "unsafe" }
  config.vm.provision "file", source: "$work/compiled.tar", destination: "/tmp/compiled.tar", run: "once"
  config.vm.provision "shell", name: "ccache", run: "once", inline: <<-SHELL
    [ -s /tmp/compiled.tar ] || exit 0
    mkdir -p /root/.ccache # where ccache reads its settings, too
    tar -C /root/.ccache -xf /tmp/compiled.tar
    rm /tmp/compiled.tar
    ln -sf /usr/bin/ccache /usr/local/bin/gcc
  SHELL
end
VAGRANTFILE

# ---- up ----

built 'the Vagrantfile is valid' in_checkout vagrant validate
running=1
timed 'vagrant up makes and starts the machine' in_checkout vagrant up --provider=libvirt
find_guest
eventually 'the gallery answers at the forwarded port' answers
is 'the port is forwarded from 127.0.0.1 only' "127.0.0.1:$VITRINE_VM_PORT" \
  "$(ss -Hltn "sport = :$VITRINE_VM_PORT" | awk '{ print $4 }' | xargs)"
is 'both pools and nginx run after vagrant up' 'active active active' "$(units)"
# shellcheck disable=SC2016
is 'nginx may not gain new privileges' 1 \
  "$(guest 'sed -n "s/^NoNewPrivs:[[:space:]]*//p" /proc/$(systemctl show -P MainPID nginx)/status')"
is 'no unit of the guest has failed' '' "$(guest 'systemctl --failed --no-legend --plain')"

is 'no library in the guest has a known vulnerability' 0 \
  "$(guest 'sudo runuser -u vitrine -- env VITRINE_DATA=/var/lib/vitrine vitrine check --libraries 2>&1; echo $?')"

# Memory in kB; of the gallery, the proportional set size (PSS).
# shellcheck disable=SC2016
echo "# memory of nginx and both pools, idle: $(guest 'for pid in $(pgrep "nginx|multiwatch|vitrine"); do
  sudo cat /proc/$pid/smaps_rollup; done' | awk '/^Pss:/ { sum += $2 } END { print sum }')"
echo "# memory of the guest, as it counts itself: $(guest 'free -k' | awk '/^Mem:/ { print $3, "of", $2 }')"
echo "# memory of the hypervisor's process: $(ps -o rss= -p "$(pgrep -f "qemu-system.* guest=vitrine-$mark")" | xargs)"
# shellcheck disable=SC2016
is 'systemd finds no unit exposed by more than 2.0' asked \
  "$(guest 'for unit in vitrine@api vitrine@image vitrine-gc vitrine-rescan; do
    systemd-analyze --no-pager security --threshold=20 $unit >/dev/null || echo $unit; done; echo asked')"

# ---- the end-to-end tests that the host passes ----

# Settings that are not given must be the defaults: provision/install removes an empty one.
cat >"$work/restart" <<RESTART
#!/bin/sh
# restart [NAME=VALUE...]: for the tests in e2e/.
settings='VITRINE_LISTEN=8080 VITRINE_METADATA= VITRINE_TOKEN= VITRINE_MAX_UPLOAD= VITRINE_MAX_PIXELS= VITRINE_MAX_FRAMES= VITRINE_QUOTA='
for setting in "\$@"; do settings="\$settings '\$setting'"; done
exec ssh -n -F '$work/ssh' default "sudo env \$settings /vagrant/provision/install"
RESTART
chmod 755 "$work/restart"
# shellcheck disable=SC2016
is 'each file of the page has a compressed form of the same content and time' '' \
  "$(guest 'cd /usr/local/share/vitrine/www && find . -type f -not -name "*.gz" | while read -r file; do
    gzip -dc "$file.gz" | cmp - "$file" && [ "$(stat -c %.Y "$file")" = "$(stat -c %.Y "$file.gz")" ] || echo "$file"
  done' 2>&1)"
# Only suites for which nginx, packages, systemd and settings matter. The host tests how the C code answers.
for name in upload first_page serving settings; do
  suite_start=$(date +%s)
  suite $name
  echo "# $name took $(($(date +%s) - suite_start)) s"
done
# What follows compares originals byte for byte, as nginx serves them.
built 'provision/install restores the default settings but for one' "$work/restart" VITRINE_METADATA=show
again_start=$(date +%s%N)
like 'provision/install has nothing to do the second time' 'up to date' "$("$work/restart" VITRINE_METADATA=show 2>&1 | tail -n 1)"
echo "# which took $((($(date +%s%N) - again_start) / 1000000)) ms"

# ---- nothing is lost ----

picture PNG "$work/first.png" seed=$$
upload "$work/first.png"
is 'an upload to the guest succeeds' 201 "$status"
list_images >"$work/images"
echo "# there are $(wc -l <"$work/images") images"

# vagrant reload does the same two things.
built 'vagrant halt stops the machine' in_checkout vagrant halt
boot_start=$(date +%s%N)
in_checkout vagrant up --no-provision >"$work/boot.log" 2>&1 &
boot=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  ! poll answers || break
done
echo "# boot to the first answer took $((($(date +%s%N) - boot_start) / 1000000)) ms"
wait "$boot"
is 'vagrant up starts the halted machine' 0 $?
find_guest
keeps 'after vagrant halt and up'
is 'both pools and nginx run after vagrant halt and up' 'active active active' "$(units)"

# ---- a changed checkout, installed under load ----

# Again and again: a file, a listing, a thumbnail, and an upload of known bytes.
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
# Changes the page and the workers.
echo "<!-- $mark -->" >>"$checkout/www/index.html"
sed -i "s/Images in the store\\./Images in the store, $mark./" "$checkout/cgi/web/handler_operations.c"
has_changed() {
  curl -s "$url/metrics" | grep -q "$mark"
}
timed 'vagrant provision installs the changed checkout' in_checkout vagrant provision
like 'the changed page is served after vagrant provision' "$mark" "$(curl -s "$url/")"
like 'the changed page is served compressed after vagrant provision' "$mark" "$(curl -s --compressed "$url/")"
eventually 'the changed workers run after vagrant provision' has_changed
rm "$work/asking"
wait "$asker"
is 'no request fails during vagrant provision' '' "$(grep -v '^200 ' "$work/answers")"
echo "# $(wc -l <"$work/answers") requests were answered meanwhile"
keeps 'after vagrant provision'

# ---- crashes ----

guest 'pgrep -x vitrine.fcgi' | sort >"$work/pids"
guest 'sudo pkill -KILL -x vitrine.fcgi'
keeps 'after all workers were killed'
is 'all killed workers are replaced' '' \
  "$(guest 'pgrep -x vitrine.fcgi' | sort | comm -12 "$work/pids" -)"
is 'there are as many workers as before they were killed' "$(wc -l <"$work/pids")" "$(guest 'pgrep -x vitrine.fcgi' | wc -l)"
is 'both pools and nginx run after all workers were killed' 'active active active' "$(units)"

# ---- backing up and restoring, as docs/vm.md says ----

guest 'sudo runuser -u vitrine -- env VITRINE_DATA=/var/lib/vitrine vitrine backup - >vitrine.tar'
is 'vitrine backup writes an archive in the guest' 0 $?
keeps 'after the backup'
guest 'sudo systemctl stop vitrine.target && sudo find /var/lib/vitrine -mindepth 1 -delete &&
  sudo tar -C /var/lib/vitrine -xpf vitrine.tar --numeric-owner &&
  sudo chown -R vitrine:vitrine /var/lib/vitrine &&
  sudo runuser -u vitrine -- env VITRINE_DATA=/var/lib/vitrine vitrine fsck && sudo systemctl start vitrine.target'
is 'the archive is extracted, fsck finds nothing, and the gallery starts' 0 $?
keeps 'after the restore'
request GET "$thumb"
is 'the restored gallery makes thumbnails again' 200 "$status"

# ---- settings ----

# Not together with the changed checkout: for a setting, the pools start again, and requests fail meanwhile.
timed 'vagrant provision takes a setting' in_checkout env VITRINE_TOKEN=open-sesame.12345 vagrant provision
upload "$work/first.png"
is 'a setting given to vagrant provision is in force' 401 "$status"

# ---- uninstalling ----

like 'provision/uninstall says where the pictures are' '/var/lib/vitrine' \
  "$(guest 'sudo /vagrant/provision/uninstall' 2>&1)"
is 'uninstalling keeps every original' "$(wc -l <"$work/images")" "$(guest 'sudo find /var/lib/vitrine/uploads -type f | wc -l')"
is 'uninstalling removes everything else' '' "$(guest 'sudo find /usr/local /etc /var/cache /run/vitrine -name "*vitrine*" 2>/dev/null
  systemctl list-unit-files --no-legend "vitrine*"; pgrep -a vitrine')"
is 'uninstalling leaves nginx running' active "$(guest 'systemctl is-active nginx')"

# ---- the end ----

timed 'vagrant destroy removes the machine' in_checkout vagrant destroy -f
running=
# virsh_soon ARGUMENT...: fails if libvirtd does not answer.
virsh_soon() {
  timeout 60 virsh -c qemu:///system -q "$@"
}
for volume in $(virsh_soon vol-list default | awk '{ print $1 }' | grep "^$VITRINE_VM_BOX"_); do
  virsh_soon vol-delete --pool default "$volume" >>"$work/volumes.log" 2>&1
done
is 'vagrant destroy leaves no guest' '' "$(virsh_soon list --all --name | grep "$mark")"
is 'vagrant destroy leaves no volume' '' "$(virsh_soon vol-list default | grep -E "$mark|$VITRINE_VM_BOX")"
is 'nothing listens at the forwarded port after vagrant destroy' '' "$(ss -Hltn "sport = :$VITRINE_VM_PORT")"
holds "the test's libvirtd can be stopped" "$top/tests/vm/libvirt" stop "$libvirt"
is "the test's libvirtd leaves no bridge" '' "$(bridges | diff "$work/bridges" - | grep '^>')"
holds "the test's libvirtd leaves no folder" test ! -e "$libvirt"

finish
