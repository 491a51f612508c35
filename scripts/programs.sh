#!/usr/bin/env bash
# Installs the real Prometheus and Alertmanager, with promtool and amtool, PostgreSQL, curl, which the runbooks use, and
# systemd-analyze, which judges the unit, where they are missing: Debian packages, as root or through sudo, without
# starting their services. Elsewhere it says what is missing and goes on; with CI=true it fails then, because nothing may
# pass there that was not tried.
set -euo pipefail

# Debian keeps the programs of PostgreSQL's server out of PATH.
missing() {
    local program PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)
    for program in prometheus promtool prometheus-alertmanager amtool postgres initdb curl systemd-analyze; do
        command -v "$program" >/dev/null || printf '%s ' "$program"
    done
}

do_without() {
    printf 'Missing: %s(%s).\n' "$(missing)" "$1" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
    printf 'What needs them is left out; what is left out is said at the end.\n' >&2
    exit 0
}

[ -n "$(missing)" ] || exit 0
command -v apt-get >/dev/null || do_without 'apt-get not found: please install Prometheus, Alertmanager and PostgreSQL yourself'

privileged=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || do_without 'neither root nor sudo'
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } || do_without 'sudo refused'
    privileged=(sudo)
fi

packages=(prometheus prometheus-alertmanager postgresql curl systemd)
printf 'Installing Debian packages, services not started: %s.\n' "${packages[*]}"

# A policy of 101 keeps packages from starting services. The one that was there before comes back afterwards, also
# where an earlier run was killed in between.
policy=/usr/sbin/policy-rc.d
aside=$policy.before-recon-exporter
log=$(mktemp)
exists() {
    [ -e "$1" ] || [ -L "$1" ]
}
restore() {
    if exists "$aside"; then
        "${privileged[@]}" mv -f "$aside" "$policy"
    else
        "${privileged[@]}" rm -f "$policy"
    fi
    rm -f "$log"
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if exists "$policy" && ! exists "$aside"; then
    "${privileged[@]}" mv "$policy" "$aside"
fi
printf '#!/bin/sh\nexit 101\n' | "${privileged[@]}" tee "$policy" >/dev/null
"${privileged[@]}" chmod 755 "$policy"

apt() {
    "${privileged[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q "$@"
}
if ! { apt update && apt install --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    do_without 'apt-get failed, see above'
fi
# The packages enable their services for the next boot.
if command -v systemctl >/dev/null; then
    "${privileged[@]}" systemctl --quiet disable prometheus prometheus-alertmanager postgresql
fi
[ -z "$(missing)" ] || do_without 'the Debian packages did not bring them'
