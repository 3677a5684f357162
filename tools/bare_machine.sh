#!/usr/bin/env bash
# Proves on a bare Debian 12 that a clone needs nothing else: makes the root with debootstrap, clones this commit into it,
# and as an ordinary user with an empty home runs `make episode` with a network, then a second film and `make test`
# without one. Shows that no graphics library, ffmpeg or PostgreSQL is there.
#
#   tools/bare_machine.sh            needs root; BARE_ROOT=folder keeps the base system for the next time
#   tools/bare_machine.sh tests      set-up and tests, no film
#
# How this host reaches the package index (PIP_*, UV_*, proxies, certificates) is passed on from the environment.
set -euo pipefail
cd "$(dirname "$0")/.."

phases=${1:-all}
keep=${BARE_ROOT:+yes}
root=${BARE_ROOT:-$(mktemp -d -t reelwright-bare-XXXXXX)}
user=maker
home=/home/$user
packages=python3,python3-venv,make,git,ca-certificates

[ "$(id -u)" = 0 ] || { echo "bare_machine: debootstrap and chroot need root" >&2; exit 1; }

make_base() {
    if [ ! -e "$root/etc/debian_version" ]; then
        command -v debootstrap >/dev/null || { apt-get update -q && apt-get install -qy debootstrap; }
        debootstrap --variant=minbase --include="$packages" bookworm "$root" ${DEBIAN_MIRROR:-} >"$root.log" 2>&1 ||
            { tail -5 "$root.log" >&2; exit 1; }
    fi
    grep -q "^$user:" "$root/etc/passwd" || chroot "$root" useradd --create-home --skel /nothing "$user"
    rm -rf "${root:?}$home" "$root"/tmp/* && mkdir -p "$root$home"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    git clone -q --no-hardlinks . "$root$home/reelwright"
    chroot "$root" chown -R "$user:$user" "$home"
}

# The environment that the user has inside: nothing but a path, a home, and the way to the package index.
pass_on=(PATH=/usr/bin:/bin HOME=$home LANG=C.UTF-8)
while IFS='=' read -r name value; do
    case $name in
    PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_DEFAULT_TIMEOUT | UV_INDEX_URL | UV_DEFAULT_INDEX | UV_INDEX | UV_HTTP_TIMEOUT | \
        http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | ALL_PROXY)
        pass_on+=("$name=$value") ;;
    PIP_CERT | SSL_CERT_FILE | REQUESTS_CA_BUNDLE)
        pass_on+=("$name=/etc/reelwright-ca.crt") && certificates=$value ;;
    esac
done < <(env)

inside() { # inside online|offline COMMAND: as the user, in the clone, in namespaces of its own
    local net=()
    [ "$1" = online ] || net=(--net)
    unshare --mount --pid --fork "${net[@]}" bash -euc '
        root=$1 user=$2 online=$3; shift 3
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        [ "$online" = online ] || ip link set lo up
        exec chroot --userspec="$user" "$root" env -i "$@"
    ' - "$root" "$user" "$1" "${pass_on[@]}" bash -euc "cd ~/reelwright && $2"
}

step() {
    printf '\n=== %s\n' "$1"
    local started=$SECONDS
    "${@:2}"
    printf '=== %s: %d s\n' "$1" $((SECONDS - started))
}

what_is_there() {
    echo "Debian $(cat "$root/etc/debian_version"), $(chroot "$root" python3 --version), $(chroot "$root" dpkg -l | grep -c ^ii) packages"
    local found
    found=$(find "$root/usr" "$root/opt" \( -name 'libGL*' -o -name 'libEGL*' -o -name 'libX11*' -o -name 'libvulkan*' \
        -o -name 'ffmpeg*' -o -name 'libav*' -o -name 'espeak*' -o -name 'postgres*' -o -name 'libpq*' -o -name '*.ttf' \) \
        -not -path '*/python3*' -not -path '*/share/doc/*')
    [ -z "$found" ] || { echo "not bare:"; echo "$found"; return 1; }
    echo "no libGL, libEGL, libX11, Vulkan, ffmpeg, espeak, PostgreSQL or font is on the host"
}

what_is_missing() { # libraries that a wheel asks of the host and the host has not
    inside online '
        find .venv -name "*.so*" -type f -exec sh -c "ldd \"\$1\" 2>/dev/null | sed -n \"s|^\\s*\\(\\S*\\) => not found|\$1 needs \\1|p\"" - {} \; |
            sed "s|.*site-packages/||" | sort -u >missing.txt
        echo "$(wc -l <missing.txt) wheel libraries look for something that the host has not"; head -40 missing.txt; rm missing.txt'
}

[ "$keep" ] || trap 'rm -rf --one-file-system "$root" "$root.log"' EXIT
step "bare system" make_base
[ -z "${certificates:-}" ] || cp -L "$certificates" "$root/etc/reelwright-ca.crt"
what_is_there
if [ "$phases" = tests ]; then
    step "set-up from nothing" inside online "make setup"
else
    step "clone to film: make episode" inside online "make episode"
    step "a second film without a network" inside offline "make episode OUT=out/again"
fi
step "make test without a network" inside offline "make test"
what_is_there
what_is_missing
