# Sourced: stand-ins for the two base images where theirs cannot be pulled: Debian 12 from the package index that this
# machine uses, and the same with this machine's Swift toolchain in /usr. Their names say that they are local.
LOCAL_RUN_BASE=localhost/lmcache-server-base:debian-bookworm
LOCAL_SWIFT_BASE=localhost/lmcache-server-base:swift-bookworm

# What swift.org's image for Debian 12 installs of what a build needs.
toolchain_packages=binutils,ca-certificates,gcc,git,libc6-dev,libcurl4,libedit2,libgcc-12-dev,libncurses6,libpython3.11,libsqlite3-0,libstdc++-12-dev,libxml2,libz3-4,tzdata,zlib1g-dev
# Debuggers, editors' servers and documentation, a third of the toolchain.
toolchain_leaves_out=(--exclude=*lldb* --exclude=*sourcekit* --exclude=*clangd* --exclude=docc --exclude=swift-format)

local_bases() {
  podman image exists "$LOCAL_RUN_BASE" || debian_root | podman import --quiet - "$LOCAL_RUN_BASE" > /dev/null
  podman image exists "$LOCAL_SWIFT_BASE" && return
  local toolchain
  toolchain=$(readlink -f "$(command -v swift)")
  toolchain=${toolchain%/bin/*}
  debian_root --include="$toolchain_packages" \
    --customize-hook="tar -C '$toolchain' ${toolchain_leaves_out[*]@Q} -cf - . | tar -C \"\$1/usr\" -xf -" |
    podman import --quiet --change ENV=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      - "$LOCAL_SWIFT_BASE" > /dev/null
}

# A minimal Debian 12 as a tar on standard output, without documentation as the slim images are.
debian_root() {
  debian_tar --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' "$@"
}

# The same with all of its documentation.
debian_tar() {
  local sources
  grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || {
    echo "a minimal Debian takes libraries and toolchain of this machine, which must be Debian 12" >&2
    return 2
  }
  mapfile -t sources < <(grep -ls bookworm /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} || true)
  # Expired package lists of a mirror are good enough here.
  mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' "$@" bookworm - "${sources[@]}"
}
