# Sourced: podman and buildah with settings and storage of our own in .build/image, so that nothing of the machine's is
# read, changed or filled. Also works where little is allowed: version 1 cgroups, no systemd, a sandboxed kernel.

own_engine() {
  export IMAGE_HOME=$PWD/.build/image
  mkdir -p "$IMAGE_HOME"
  cat > "$IMAGE_HOME/storage.conf" << END
[storage]
driver = "$(storage_driver)"
graphroot = "$IMAGE_HOME/storage"
runroot = "$IMAGE_HOME/run"
END
  # Locks in files and not in shared memory: another podman of this machine keeps its own there.
  cat > "$IMAGE_HOME/containers.conf" << END
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "$IMAGE_HOME/tmp"
[network]
network_config_dir = "$IMAGE_HOME/networks"
END
  export CONTAINERS_CONF=$IMAGE_HOME/containers.conf CONTAINERS_STORAGE_CONF=$IMAGE_HOME/storage.conf
  export BUILDAH_ISOLATION=chroot
}

# Whether kernel and file system support overlays; if not, every layer is copied whole.
storage_driver() {
  local probe driver=vfs
  probe=$(mktemp -d "$IMAGE_HOME/overlay.XXXXXX")
  mkdir "$probe"/{lower,upper,work,all}
  if mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/all" \
    2> /dev/null; then
    umount "$probe/all"
    driver=overlay
  fi
  rm -rf "$probe"
  echo "$driver"
}
