# Vitrine's two images, between which one installation (make install) is split:
#
#   worker  both pools: spawn-fcgi, multiwatch, vitrine.fcgi     docker build --target worker .
#   web     nginx and the page                                   docker build --target web .
#
# No layer depends on the clock: the same sources and packages on the same base image always give the same layers, from any
# clone. docs/docker.md explains more.

ARG DEBIAN=debian:bookworm-slim

# SETTLE sets the time of all files newer than /began to the epoch, except for those that the engine mounts. /began is two
# seconds older than the step, because backups of /etc/passwd have a time in whole seconds.
ARG BEGIN="touch -d '2 seconds ago' /began"
ARG SETTLE="find / -regex '/\(dev\|proc\|sys\|etc/hostname\|etc/hosts\|etc/resolv.conf\)' -prune -o \
    -newer /began -not -path /began -exec touch -h -d @0 {} + && rm /began"

# Installs $packages, and upgrades the packages of the base image. No file of a lower layer may be removed, because the mark
# for that has a time. Upgrades within a release rarely remove files, and a current base image (--pull) needs none.
ARG APT_INSTALL="$BEGIN \
 && apt-get -q update \
 && DEBIAN_FRONTEND=noninteractive apt-get -q upgrade -y \
 && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \$packages \
 && apt-get clean \
 && find /var/lib/apt/lists -type f -not -name lock -delete \
 && find /var/log /var/cache/ldconfig -type f -newer /began -exec truncate -s 0 {} + \
 && $SETTLE"

# ---- build ----

FROM ${DEBIAN} AS build
ARG APT_INSTALL
WORKDIR /vitrine
COPY provision/packages provision/
RUN packages="$(sed -n 's/^build \([^ ]*\).*/\1/p' provision/packages) dpkg-dev" && eval "$APT_INSTALL"
COPY . .
RUN autoreconf -fi \
 && ./configure --prefix=/usr --without-systemdsystemunitdir --disable-dependency-tracking \
 && make -j "$(nproc)" V=0

# For each image, makes a folder with the list of its packages and one with its files. dpkg-shlibdeps finds the packages of
# the worker's libraries.
RUN make install-strip DESTDIR=/images/worker V=0 \
 && cd /images \
 && share=usr/share/vitrine \
 && mkdir -p debian worker-packages/$share web-packages/$share web/$share web/usr/libexec/vitrine \
 && echo 'Source: vitrine' >debian/control \
 && dpkg-shlibdeps -O worker/usr/libexec/vitrine/vitrine.fcgi worker/usr/libexec/vitrine/vitrine-decoder \
      worker/usr/libexec/vitrine/image_heif.so worker/usr/libexec/vitrine/image_jxl.so \
      worker/usr/libexec/vitrine/image_magick.so worker/usr/libexec/vitrine/image_metadata.so \
      worker/usr/libexec/vitrine/image_tiff.so \
      worker/usr/libexec/vitrine/vitrine-backup worker/usr/libexec/vitrine/vitrine-import \
      worker/usr/libexec/vitrine/vitrine-rescan >debian/shlibs \
 && { sed -n 's/^pools \([^ ]*\).*/\1/p' /vitrine/provision/packages; \
      sed 's/^[^=]*=//; s/([^)]*)//g; s/,/\n/g' debian/shlibs; } >worker-packages/$share/packages \
 && sed -n 's/^nginx \([^ ]*\).*/\1/p' /vitrine/provision/packages >web-packages/$share/packages \
 && rm -rf debian worker/usr/share/man \
 && mkdir -p mounts/etc && touch mounts/etc/hosts mounts/etc/resolv.conf \
 && mv worker/usr/libexec/vitrine/vitrine-nginx web/usr/libexec/vitrine/ \
 && mv worker/usr/share/vitrine/nginx worker/usr/share/vitrine/www web/usr/share/vitrine/ \
 && find . -exec touch -h -d @0 {} +

# nginx makes the ETag of a file from its time and size. The time therefore comes from the content, or a browser would keep
# an old file after a change that keeps the size. A compressed file has the time of the plain one.
RUN find /images/web/usr/share/vitrine/www -type f -not -name '*.gz' | while read -r file; do \
      hash=$(sha256sum "$file") && touch -c -d "@$((0x${hash%${hash#???????}}))" "$file" "$file.gz" || exit 1; \
    done

# ---- what both images have: two users, and the folders that volumes are mounted on ----

FROM ${DEBIAN} AS runtime
ARG BEGIN
ARG SETTLE
# The engine mounts over these files. If they did not exist, BuildKit would make and remove them at every step, which would
# change the time of /etc.
COPY --from=build /images/mounts /
# SOURCE_DATE_EPOCH sets the day in /etc/shadow.
RUN eval "$BEGIN" \
 && export SOURCE_DATE_EPOCH=0 \
 && groupadd --gid 10001 vitrine \
 && useradd --no-log-init --uid 10001 --gid vitrine --home-dir /nonexistent --shell /usr/sbin/nologin vitrine \
 && useradd --no-log-init --uid 10002 --gid vitrine --home-dir /nonexistent --shell /usr/sbin/nologin vitrine-web \
 && install -d -o vitrine -g vitrine -m 750 /var/lib/vitrine /run/vitrine \
 && install -d -o vitrine-web -g vitrine -m 700 /var/spool/vitrine \
 && eval "$SETTLE"
ENV VITRINE_DATA=/var/lib/vitrine VITRINE_RUN=/run/vitrine

# ---- the pools ----

FROM runtime AS worker
ARG APT_INSTALL
COPY --from=build /images/worker-packages /
# cgi-fcgi is for the health check.
RUN packages="$(cat /usr/share/vitrine/packages) libfcgi-bin" && eval "$APT_INSTALL"
COPY --from=build /images/worker /
USER vitrine
ENV VITRINE_STOP_TIMEOUT=4s
HEALTHCHECK --interval=10s --timeout=5s CMD \
  REQUEST_METHOD=GET DOCUMENT_URI=/healthz cgi-fcgi -bind -connect /run/vitrine/api.sock | grep -q '^Status: 200 '
CMD ["/usr/libexec/vitrine/vitrine-serve", "pools"]

# ---- nginx ----

FROM runtime AS web
ARG APT_INSTALL
COPY --from=build /images/web-packages /
# wget is for the health check.
RUN packages="$(cat /usr/share/vitrine/packages) busybox" && eval "$APT_INSTALL"
COPY --from=build /images/web /
USER vitrine-web
ENV VITRINE_LISTEN=8080 VITRINE_SPOOL=/var/spool/vitrine VITRINE_ACCESS_LOG=/dev/stdout VITRINE_STOP_TIMEOUT=4s
EXPOSE 8080
# On SIGTERM nginx would end at once; on SIGQUIT it finishes the requests in progress.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=5s CMD busybox wget -Y off -q -O /dev/null http://127.0.0.1:8080/healthz
CMD ["/usr/libexec/vitrine/vitrine-nginx", "run"]
