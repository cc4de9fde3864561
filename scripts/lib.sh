# shellcheck shell=bash disable=SC2034
# What the set-up scripts share: messages, apt, and where things are.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=${FOURSTEP_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/fourstep/tools}
WASM_TARGET=wasm32-unknown-unknown
WEB_TOOLCHAIN=fourstep-web
# Debian puts mosquitto into sbin, which is not on every user's PATH.
PATH=$TOOLS/bin:$PATH:/usr/sbin:/usr/local/sbin

# shellcheck source=scripts/versions.sh
source "$ROOT/scripts/versions.sh"

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

can_be_root() { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Whether Debian packages can be installed here without asking anybody.
can_apt() { have apt-get && can_be_root; }

# Installs Debian packages; false when that is not possible.
apt_install() {
  can_apt || return 1
  say "installing $* with apt-get"
  # Under run level 1 no service is started that comes with a package.
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y)
  # The package lists may be missing or stale. An unreachable extra source must not stop us.
  "${apt[@]}" update >/dev/null || true
  "${apt[@]}" install --no-install-recommends "$@" >&2
}

# need_command COMMAND PACKAGE...: the command is there, or is installed, or we say what to do.
need_command() {
  local command=$1
  shift
  have "$command" && return
  apt_install "$@" || true
  have "$command" || die "$command is missing and could not be installed: install it ($* on Debian), then run this again."
}

# The version of a package in Cargo.lock.
locked_version() {
  awk -v name="name = \"$1\"" '$0 == name { getline; gsub(/[^0-9.]/, ""); print; exit }' "$ROOT/Cargo.lock"
}
