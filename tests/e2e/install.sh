#!/bin/sh
# provision/install: settings that are refused change nothing, and what runs is made to be what is installed. With
# folders that only the test sees, and stand-ins for systemd, nginx and what builds; tests/vm.sh has the real ones.
stays_root=1 # an installation belongs to the user who installs it
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test installs a gallery'
if [ -z "${VITRINE_TEST_UNSHARED:-}" ]; then
  # A PID namespace, too, whose processes end with the test.
  unshare_flags='-m -p -f --mount-proc --kill-child'
  [ "$(id -u)" -eq 0 ] || unshare_flags="$unshare_flags --map-root-user"
  # shellcheck disable=SC2086
  unshare $unshare_flags mount -t tmpfs none /var/cache 2>/dev/null || bail_skip 'mounts cannot be unshared here'
  rm -rf "$work"
  trap - EXIT
  # shellcheck disable=SC2086
  exec env VITRINE_TEST_UNSHARED=1 unshare $unshare_flags "$0"
fi

# ---- a machine ----

top=$(cd "${srcdir:-.}" && pwd -P)
installed=${VITRINE_TEST_LIBEXEC#"$VITRINE_TEST_STAGE"}
installed=${installed%/libexec/vitrine}
settings=/etc/default/vitrine
site=/etc/nginx/sites-available/vitrine
nginx_unit=/etc/systemd/system/nginx.service.d/vitrine.conf
checkout=$work/checkout
stand_ins=$work/bin
services=$work/services
mkdir -p "$stand_ins" "$services"
for folder in provision tests docs cgi/base nginx www; do mkdir -p "$checkout/$folder"; done
touch "$checkout/configure.ac" "$checkout/tests/Makefile.inc" "$checkout/docs/vitrine.1"
for folder in /etc/default /etc/nginx /etc/systemd /usr/local /var/cache /var/lib /run; do
  mount -t tmpfs none $folder || exit 1
done
mkdir -p /run/systemd/system /etc/nginx/sites-available /etc/nginx/sites-enabled
cp -r "$top/provision/install" "$top/provision/systemd" "$checkout/provision/"
cp "$top/cgi/base/settings.c" "$checkout/cgi/base/"

# stand_in NAME: a program, from standard input.
stand_in() {
  {
    echo '#!/bin/sh'
    cat
  } >"$stand_ins/$1"
  chmod 755 "$stand_ins/$1"
}
echo exit 0 | stand_in useradd
echo exit 0 | stand_in usermod
echo exit 0 | stand_in curl
echo echo vitrine | stand_in getent
stand_in id <<'END'
case $1 in -nG) echo www-data vitrine ;; *) echo 0 ;; esac
END
stand_in install <<'END'
for argument; do
  shift
  case $argument in -o | -g) skip=1 && continue ;; esac
  [ -n "${skip-}" ] && skip= && continue
  set -- "$@" "$argument"
done
exec /usr/bin/install "$@"
END
stand_in setpriv <<'END'
while :; do case $1 in --init-groups) shift ;; --*) shift 2 ;; *) exec "$@" ;; esac; done
END
# It refuses an invalid port, as nginx does.
stand_in nginx <<'END'
grep -Eq ' listen ([0-9.]*:)?[0-9]+;' /etc/nginx/sites-enabled/vitrine && exit 0
echo 'nginx: [emerg] invalid port in "listen"' >&2
exit 1
END
# A pool is a process with the settings, and has a worker as a child. Each loads a C library of its own.
stand_in systemctl <<END
services=$services
log=$work/systemctl
start() {
  case \$1 in
    vitrine@*) ;;
    nginx)
      confined=
      [ ! -e $nginx_unit ] || confined='/usr/bin/setpriv --no-new-privs'
      \$confined sleep 1000 &
      echo \$! >"\$services/nginx"
      return
      ;;
    *) : >"\$services/\$1" && return ;;
  esac
  ( set -a && . $settings && exec env -i \$(env | grep ^VITRINE_ | grep -v _CALLER= | grep -v _TEST_) \
      VITRINE_DATA=/var/lib/vitrine VITRINE_RUN=/run/vitrine LD_LIBRARY_PATH=/usr/local/lib/pool \
      sh -c 'LD_LIBRARY_PATH=/usr/local/lib/worker /usr/local/libexec/vitrine/vitrine.fcgi 1000 & echo \$! >"'\$services/\$1.worker'"; wait' ) >/dev/null 2>&1 &
  echo \$! >"\$services/\$1"
  until [ -s "\$services/\$1.worker" ] && grep -q fcgi "/proc/\$(cat "\$services/\$1.worker")/cmdline"; do sleep 0.01; done
}
stop() {
  [ ! -s "\$services/\$1" ] || kill \$(cat "\$services/\$1" "\$services/\$1.worker") 2>/dev/null
  rm -f "\$services/\$1" "\$services/\$1.worker"
}
case \$1 in
  --quiet) test -e "\$services/\$3" ;;
  show) cat "\$services/\$4" ;;
  restart | reload)
    echo "\$@" >>\$log
    what=\$1
    shift
    [ ! -e "$work/interrupt" ] || kill -9 \$PPID
    [ "\$*" != nginx ] || [ ! -e "$work/fails" ] || { rm "$work/fails" && exit 1; }
    for unit; do
      [ "\$what \$unit" = 'reload nginx' ] || { stop "\$unit"; start "\$unit"; }
    done
    ;;
  start) shift; for unit; do start "\$unit"; done ;;
esac
END

# The libraries that the decoder loads, and the versions of packages.
: >"$work/libraries"
: >"$work/packages"
echo "cat '$work/packages'" | stand_in dpkg-query
library=$(ldd /bin/sleep | sed -n 's/.*=> \(.*libc\.so[^ ]*\) .*/\1/p')
for part in pool worker; do
  mkdir -p /usr/local/lib/$part
  cp "$library" /usr/local/lib/$part/
done

# What is built: a worker, the programs that check settings, a page. The version is in the worker.
cp "$top/provision/uninstall" "$checkout/provision/"
printf '#!/bin/sh\n' >"$checkout/provision/install-packages"
printf '#!/bin/sh\nprintf "%%s\\\\n" "$@" >"%s"\n' "$work/upgraded" >"$checkout/provision/upgrade-packages"
cat >"$checkout/provision/build" <<END
#!/bin/sh
mkdir -p "\$1" && cd "\$1"
cat >Makefile <<'MAKE'
install-strip:
	$work/lay_down \$(DESTDIR)
MAKE
END
cat >"$work/lay_down" <<END
#!/bin/sh
set -e
to=\$1/usr/local
mkdir -p \$to/bin \$to/libexec/vitrine \$to/share/vitrine/www \$to/lib/systemd/system
cp /bin/sleep \$to/libexec/vitrine/vitrine.fcgi
cat "$work/version" >>\$to/libexec/vitrine/vitrine.fcgi
printf '#!/bin/sh\ncat "$work/libraries"\n' >\$to/libexec/vitrine/vitrine-decoder
cp "$VITRINE_TEST_BIN/vitrine" \$to/bin/
cp -r "$VITRINE_TEST_STAGE$installed/share/vitrine/nginx" \$to/share/vitrine/
sed "s|$installed|/usr/local|g" "$VITRINE_TEST_LIBEXEC/vitrine-nginx" >\$to/libexec/vitrine/vitrine-nginx
cat "$work/unit" >\$to/lib/systemd/system/vitrine@.service
chmod 755 \$to/libexec/vitrine/*
END
chmod 755 "$checkout/provision/"* "$work/lay_down"
echo one >"$work/version"
echo one >"$work/unit"

# install_it [NAME=VALUE...]: sets $said to the last line that it prints, and $told to systemctl's arguments.
install_it() {
  cat "$work/version" "$work/unit" >"$checkout/Makefile.am" # the sources
  rm -f "$work/systemctl"
  env PATH="$stand_ins:/usr/sbin:$PATH" "$@" "$checkout/provision/install" >"$work/log.install" 2>&1
  status=$?
  said=$(tail -n 1 "$work/log.install")
  told=$(cat "$work/systemctl" 2>/dev/null)
}
# state: prints everything that a run may replace, and the processes.
state() {
  find /etc/default /etc/nginx /usr/local /etc/nginx -type f -exec sha256sum {} + | sort
  cat "$services"/*
}
# ready WHAT installed|'up to date' WANTED: checks the last run; WANTED is what systemctl was called with.
ready() {
  is "$1: the installation is ready" "0 Vitrine is $2 and ready at http://127.0.0.1:8080" "$status $said"
  is "$1: only the services that have changed are started again" "$3" "$told"
}
# refuses WHAT REGEX [NAME=VALUE...]: checks that a run with a new worker and these settings is refused.
refuses() {
  what=$1
  wanted=$2
  shift 2
  state >"$work/before"
  install_it "$@"
  like "$what: the run is refused with the reason" "^1 [^ ]*: .*$wanted" "$status $said"
  is "$what: no file is replaced, and the services continue" '' "$(state | diff "$work/before" -)"
  is "$what: no new file is left beside its place" '' "$(find /etc /usr/local -name '*.new')"
}
pools='restart vitrine@api vitrine@image'


# ---- an installation, and a second run that has nothing to do ----

install_it VITRINE_TOKEN=open-sesame.12345 VITRINE_SANDBOX=off
ready 'the first run' installed "$pools
restart nginx"
holds 'the first run: the metadata of stored images is read' test -e "$services/vitrine-rescan"
install_it
ready 'the second run' 'up to date' ''
rm $nginx_unit
"$stand_ins/systemctl" restart nginx
install_it
ready 'a unit of nginx without the drop-in' installed 'restart nginx'
is 'nginx may not gain privileges after the next run' 1 "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' "/proc/$(cat "$services/nginx")/status")"
install_it
ready 'the run after nginx was confined again' 'up to date' ''
is 'only root can read the settings' '600 600' "$(stat -c %a $settings /var/cache/vitrine/settings | xargs)"

# ---- a refused run with new programs changes nothing ----

echo two >"$work/version"
refuses 'an invalid number of workers' 'VITRINE_WORKERS must be a whole number' VITRINE_WORKERS=2x
refuses 'an address that only nginx can refuse' 'nginx refuses the site' VITRINE_LISTEN=8080x
mv /var/lib/vitrine/catalogue.sqlite "$work/catalogue"
echo 'no database' >/var/lib/vitrine/catalogue.sqlite
refuses 'a damaged catalogue' 'the catalogue is damaged'
mv "$work/catalogue" /var/lib/vitrine/catalogue.sqlite
mount -o remount,size=$(($(du -sk /usr/local | cut -f 1) + 8))k /usr/local
refuses 'a full disk during the run' 'No space left on device'
mount -o remount,size=50% /usr/local

# ---- the corrected run ----

install_it
ready 'new programs' installed 'reload vitrine@api vitrine@image'
is 'the new workers run the new program' two "$(tail -c 4 "/proc/$(cat "$services/vitrine@api.worker")/exe")"
printf '%s\n' '# by hand' VITRINE_STOP_TIMEOUT=20s 'VITRINE_MAX_FRAMES="7"' >>$settings
install_it VITRINE_WORKERS=4
ready 'a changed setting beside settings written by hand' installed "$pools"
is 'a run keeps each setting and the other lines of the file' \
  'VITRINE_SANDBOX="off" VITRINE_TOKEN="open-sesame.12345" # by hand VITRINE_STOP_TIMEOUT=20s VITRINE_MAX_FRAMES="7" VITRINE_WORKERS="4"' \
  "$(sed 1,2d $settings | tr '\n' ' ' | sed 's/ $//')"
like 'a setting that has no effect on a host is reported' 'has VITRINE_STOP_TIMEOUT, which' "$(cat "$work/log.install")"

# ---- the processes run the installed files, even after an interrupted run ----

echo four >"$work/version"
: >"$work/interrupt"
install_it VITRINE_WORKERS='' VITRINE_MAX_FRAMES=''
is 'a run is killed between files and services' 137 "$status"
is 'settings that were removed are gone although the run was killed' '' "$(grep -E 'WORKERS|FRAMES' $settings)"
rm "$work/interrupt"
install_it
ready 'the run after one that was killed' installed "$pools
reload nginx"
is 'the workers run the program that the killed run installed' four "$(tail -c 5 "/proc/$(cat "$services/vitrine@image.worker")/exe")"
echo VITRINE_QUOTA=5g >>$settings
install_it
ready 'a settings file that was edited since the services started' installed "$pools"
cp /usr/local/libexec/vitrine/vitrine.fcgi "$work/same"
mv "$work/same" /usr/local/libexec/vitrine/vitrine.fcgi
install_it
ready "workers whose program's file was replaced by an equal one" installed 'reload vitrine@api vitrine@image'

# replace_library PART: replaces its C library, as an upgrade does.
replace_library() {
  cp "/usr/local/lib/$1/${library##*/}" "$work/same"
  mv "$work/same" "/usr/local/lib/$1/${library##*/}"
}
replace_library worker
install_it
ready 'workers with a replaced library' installed 'reload vitrine@api vitrine@image'
replace_library pool
install_it
ready 'a pool with a replaced library' installed "$pools"
install_it
ready 'a run without any change' 'up to date' ''
install_it VITRINE_UPLOADS_PER_MINUTE=5
ready 'a changed setting of nginx' installed "$pools
reload nginx"

# ---- libraries ----

is 'upgrade-packages gets the new programs, ImageMagick and nginx' \
  '/var/cache/vitrine/upgraded bin/vitrine libexec/vitrine/vitrine.fcgi /usr/sbin/nginx /usr/bin/multiwatch /usr/bin/spawn-fcgi' \
  "$(sed 's|^/var/cache/vitrine/stage/usr/local/||' "$work/upgraded" |
    grep -Ex '.*/upgraded|bin/vitrine|.*/(vitrine.fcgi|nginx|multiwatch|spawn-fcgi)' | xargs)"
is 'upgrade-packages gets the coder of ImageMagick' "$(ls /usr/lib/*/ImageMagick-*/modules-*/coders/gif.so 2>/dev/null)" \
  "$(grep '/coders/gif.so$' "$work/upgraded" | grep -vF '*')"

echo '- /usr/lib/libpng16.so.16' >"$work/libraries"
echo '1.6.39-2 libpng16-16 installed' >"$work/packages"
touch /var/cache/vitrine/upgraded
rm -f /var/cache/vitrine/checked
install_it
ready 'a library with a known vulnerability' 'up to date' ''
like 'install names a library with a known vulnerability' 'libpng 1.6.39-2 .*CVE-[0-9-]*, which is fixed in 1.6.39-2\+deb12u[0-9]*' \
  "$(cat "$work/log.install")"
is 'the next run looks for newer packages again if one is vulnerable' '' "$(ls /var/cache/vitrine/upgraded 2>/dev/null)"
sed -i 's/^[^ ]*/1.6.39-2+deb12u99/' "$work/packages"
touch /var/cache/vitrine/upgraded
install_it
is 'install names no library that is not vulnerable' '0 0' "$status $(grep -c 'vitrine: check' "$work/log.install")"

# ---- nginx does not start ----

cp $site "$work/site"
: >"$work/fails"
install_it VITRINE_LISTEN=127.0.0.1:8081
like 'a port in use: the run fails and says that nginx does not start' '^1 .*nginx does not start with the site' "$status $said"
is 'a port in use: nginx has the old site again' '' "$(diff "$work/site" $site)"

finish
