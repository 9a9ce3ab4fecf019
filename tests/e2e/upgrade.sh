#!/bin/sh
# provision/upgrade-packages upgrades the packages that Vitrine runs with, once a day, and no others. It is tested with
# stand-ins for apt and dpkg, and folders that only the test sees; tests/vm.sh tests it with the real ones.
stays_root=1 # only root may install packages
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
# Fails if $work/fails names the command. While it installs, services try to start.
stand_in apt-get <<END
for word; do case \$word in update | install) what=\$word ;; esac; done
echo "\$@" >>"$work/told.\$what"
! grep -qsx \$what "$work/fails" || exit 100
case \$what in
  update) echo >$lists/archive_InRelease ;;
  install) for service in nginx ssh; do $policy \$service restart; echo "\$service \$?"; done >"$work/services" ;;
esac
END
# Knows the paths that end so, in one of two forms.
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

# upgrade: sets $code, $did to the commands that apt was given, and $said to what the script has printed.
upgrade() {
  rm -f "$work"/told.*
  sleep 0.02 # files differ in time
  code=0
  env PATH="$work/bin:$PATH" VITRINE_CALLER=caller "$top/provision/upgrade-packages" "$stamp" \
    "$(realpath /bin/sleep)" "$work/none" >"$work/out" 2>&1 || code=$?
  said=$(cat "$work/out")
  did=$(find "$work" -name 'told.*' | sed 's/.*told.//' | sort -r | xargs)
}
# tries WHAT WANTED: checks which commands of apt the next run uses.
tries() {
  upgrade
  is "$1" "0 $2" "$code $did"
}

# ---- which commands, and when ----

tries 'without package lists, lists are fetched and packages upgraded' 'update install'
like 'the packages of the programs and of their libraries are upgraded' ' coreutils libc6:amd64 tools$' "$(cat "$work/told.install")"
like 'no package is newly installed or removed' ' install .*--only-upgrade .*--no-remove' "$(cat "$work/told.install")"
is 'an upgrade may restart other services, but not nginx' 'nginx 101 ssh 0' "$(xargs <"$work/services")"
is 'the policy that keeps nginx from starting is removed after an upgrade' '' "$(ls $policy 2>/dev/null)"
tries 'right after an upgrade, apt is not used' ''
is 'right after an upgrade, nothing is printed' '' "$said"
echo >$lists/archive_InRelease
tries 'with newer lists, packages are upgraded and no lists fetched' install
touch -d '25 hours ago' "$stamp"
tries 'a day later, with lists of today, packages are upgraded and no lists fetched' install
rm $lists/archive_InRelease
touch -d '25 hours ago' "$stamp"
tries 'a day later, with older lists, lists are fetched and packages upgraded' 'update install'

printf '#!/bin/sh\nexit 0\n' >$policy
chmod 755 $policy
rm "$stamp"
tries "with the operator's own policy for services, packages are upgraded" install
is "the operator's own policy for services stays in force" 'nginx 0 ssh 0 yes' "$(xargs <"$work/services") $([ -e $policy ] && echo yes)"

# ---- what fails ----

rm "$stamp" $lists/archive_InRelease
echo update >"$work/fails"
tries 'offline, lists cannot be fetched, and the caller continues' update
like 'offline, the failure of apt-get update is reported' '^caller: apt-get update failed' "$said"
tries 'offline, the next run tries again to fetch lists' update
echo install >"$work/fails"
tries 'the caller continues after a failed upgrade' 'update install'
like 'a failed upgrade is reported' 'caller: libraries could not be upgraded' "$said"
rm "$work/fails"
tries 'the next run repeats a failed upgrade' install
tries 'after a repeated upgrade, apt is not used' ''

finish
