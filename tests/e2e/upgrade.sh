#!/bin/sh
# provision/upgrade-packages: what Vitrine runs with is brought up to date, once a day, and nothing else is. With stand-ins
# for apt and dpkg, and folders that only the test sees; tests/vm.sh has the real ones.
stays_root=1 # packages are root's
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this is about packages of the machine that the test runs on'
if [ -z "${VITRINE_TEST_UNSHARED:-}" ]; then
  unshare_flags=-m
  [ "$(id -u)" -eq 0 ] || unshare_flags="$unshare_flags --map-root-user"
  # shellcheck disable=SC2086
  unshare $unshare_flags sh -c 'mount -t tmpfs none /var/lib/apt && mount -t tmpfs none /usr/sbin' 2>/dev/null ||
    bail_skip 'mounts cannot be unshared here, or there is no apt'
  rm -rf "$work"
  trap - EXIT
  # shellcheck disable=SC2086
  exec env VITRINE_TEST_UNSHARED=1 unshare $unshare_flags "$0"
fi

# ---- a machine ----

top=$(cd "${srcdir:-.}" && pwd -P)
lists=/var/lib/apt/lists
policy=/usr/sbin/policy-rc.d
stamp=$work/upgraded
mkdir "$work/bin"
mount -t tmpfs none /var/lib/apt && mount -t tmpfs none /usr/sbin && mkdir $lists || exit 1

# stand_in NAME: a program, from standard input.
stand_in() {
  {
    echo '#!/bin/sh'
    cat
  } >"$work/bin/$1"
  chmod 755 "$work/bin/$1"
}
# Fails where $work/fails names what it is asked for. While it installs, services want to start.
stand_in apt-get <<END
for word; do case \$word in update | install) what=\$word ;; esac; done
echo "\$@" >>"$work/told.\$what"
! grep -qsx \$what "$work/fails" || exit 100
case \$what in
  update) echo >$lists/archive_InRelease ;;
  install) for service in nginx ssh; do $policy \$service restart; echo "\$service \$?"; done >"$work/services" ;;
esac
END
# Of what it is asked for, it knows what ends so, in one of two forms.
stand_in dpkg-query <<END
for path; do
  case \$path in
    /usr/lib/*/libc.so.6) ;;
    /lib/*/libc.so.6) echo "libc6:amd64: \$path" ;;
    */sleep) echo "diversion by tools from: \$path" && echo "coreutils, tools: \$path" ;;
  esac
done
exit 1
END

# upgrade: sets $code; $did is what apt was asked for, $said what the script had to say.
upgrade() {
  rm -f "$work"/told.*
  sleep 0.02 # files differ in time
  code=0
  env PATH="$work/bin:$PATH" VITRINE_CALLER=caller "$top/provision/upgrade-packages" "$stamp" \
    "$(realpath /bin/sleep)" "$work/none" >"$work/out" 2>&1 || code=$?
  said=$(cat "$work/out")
  did=$(find "$work" -name 'told.*' | sed 's/.*told.//' | sort -r | xargs)
}
# tries WHAT WANTED: the next run does this.
tries() {
  upgrade
  is "$1" "0 $2" "$code $did"
}

# ---- what is done, and when ----

tries 'without lists: they are fetched, and packages are upgraded' 'update install'
like 'what the programs are of, and what they load, is upgraded' ' coreutils libc6:amd64 tools$' "$(cat "$work/told.install")"
like 'what is not installed stays so, and nothing is removed' ' install .*--only-upgrade .*--no-remove' "$(cat "$work/told.install")"
is 'nginx is not started meanwhile; other services are' 'nginx 101 ssh 0' "$(xargs <"$work/services")"
is 'which is undone afterwards' '' "$(ls $policy 2>/dev/null)"
tries 'right after that, nothing is asked' ''
is 'nor said' '' "$said"
echo >$lists/archive_InRelease
tries 'with lists that came since, they are not fetched, but packages are upgraded' install
touch -d '25 hours ago' "$stamp"
tries 'a day later, with lists of today, packages are upgraded' install
rm $lists/archive_InRelease
touch -d '25 hours ago' "$stamp"
tries 'a day later, with older lists, both are done' 'update install'

printf '#!/bin/sh\nexit 0\n' >$policy
chmod 755 $policy
rm "$stamp"
tries "with the operator's own policy for services" install
is 'that one is in force, and stays' 'nginx 0 ssh 0 yes' "$(xargs <"$work/services") $([ -e $policy ] && echo yes)"

# ---- what fails ----

rm "$stamp" $lists/archive_InRelease
echo update >"$work/fails"
tries 'offline: lists cannot be fetched, and the caller goes on' update
like 'offline: it says so' '^caller: apt-get update failed' "$said"
tries 'offline: the next run tries again' update
echo install >"$work/fails"
tries 'an upgrade that fails: the caller goes on' 'update install'
like 'an upgrade that fails: it says so' 'caller: libraries could not be upgraded' "$said"
rm "$work/fails"
tries 'an upgrade that fails: the next run tries again' install
tries 'and then nothing is left to do' ''

finish
