# Functions that the scripts share; source this file. Caches are outside the checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/facekey"
TOOLS="$CACHE/tools"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$CACHE/target}"
export PATH="$TOOLS/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
WASM=wasm32-unknown-unknown

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Whether the Rust compiler "$1" has the standard library for wasm32.
has_wasm_std() { ls "$("$1" --print sysroot)/lib/rustlib/$WASM/lib/"libstd-*.rlib >/dev/null 2>&1; }

# Runs a command with the Rust toolchain that can build for wasm32: rustup's, or else Debian's.
with_wasm_rust() {
  if has_wasm_std rustc; then "$@"; else PATH="$TOOLS/bin:/usr/bin:$PATH" "$@"; fi
}

# Installs a program from crates.io, with little optimisation: it runs only for a few seconds.
ensure_crate() {
  local program=$1 crate=$2 version=$3
  if "$TOOLS/bin/$program" --version 2>/dev/null | grep -q " $version$"; then return; fi
  say "Building $crate $version (some minutes, once)"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_DIR="$TOOLS/target" cargo install -q --root "$TOOLS" "$crate" --version "$version"
}

# A digest of the engine's sources.
sources_digest() {
  { cat Cargo.toml Cargo.lock .cargo/config.toml; find src -type f -name '*.rs' -print0 | sort -z | xargs -0 cat; } | sha256sum | cut -d' ' -f1
}

# The cargo arguments of the WebGPU bundle.
WEBGPU=(--features webgpu)

# Identifies a bundle by its sources and arguments: digest CARGO-ARGUMENTS...
digest() { echo "$(sources_digest) $*"; }

# Whether a bundle of the engine is up to date: is_current NAME CARGO-ARGUMENTS...
is_current() {
  local name=$1
  shift
  [ "$(cat "www/pkg/$name/.digest" 2>/dev/null)" = "$(digest "$@")" ]
}
