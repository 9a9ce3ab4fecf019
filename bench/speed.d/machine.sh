#!/bin/sh
# What the measurements were taken on, as JSON.
set -eu
packages=$(sed -n 's/^\(build\|pools\|nginx\|bench\) \([^ ]*\).*/\2/p' "${srcdir:?}/provision/packages")
# The development packages have their libraries' versions.
# shellcheck disable=SC2086
versions=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' $packages 2>/dev/null | sed -n 's/^installed //p')
printf '%s\n' "$versions" | jq -R -s \
  --arg date "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
  --arg commit "$(git -C "$srcdir" describe --always --dirty 2>/dev/null || echo unknown)" \
  --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
  --arg cpus "$(nproc)" \
  --arg memory "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" \
  --arg kernel "$(uname -srm)" \
  --arg system "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)" \
  --arg others "$SPEED_OTHERS" '
  {
    date: $date, commit: $commit, cpu: $cpu, cpus: ($cpus | tonumber), memory_kb: ($memory | tonumber),
    kernel: $kernel, system: $system, others_percent: ($others | tonumber),
    versions: (split("\n") | map(select(. != "") | split(" ") | {(.[0]): .[1]}) | add)
  }'
