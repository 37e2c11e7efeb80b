# The image of lmcache-server. scripts/image.sh builds it and says which commit it is; `docker build .` works too.
# docs/OPERATING.md tells how to run it.
ARG SWIFT_IMAGE=docker.io/library/swift:6.3-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${DEBIAN_IMAGE} AS base

FROM ${SWIFT_IMAGE} AS builder
RUN apt-get update \
    && apt-get install -y --no-install-recommends liburing-dev libxxhash-dev libhiredis-dev libssl-dev libyaml-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift LICENSE ./
COPY Sources Sources
# The manifest names the test targets, so their folders have to be there; nothing of them is built.
COPY Tests Tests
ARG COMMIT=""
RUN LMCACHE_SERVER_COMMIT="$COMMIT" swift build -c release --static-swift-stdlib --product lmcache-server
# The charts for LMCache's own image call its paths: the server, and a Python script as probe. The one program stands there
# under each name. An engine gives a new volume the mode of the directory that it covers: any uid may write to one at
# /var/cache/lmcache-server.
RUN set -eu; \
    program=/image/usr/local/bin/lmcache-server; \
    script=/image/workspace/LMCache/examples/kubernetes/health_probe.py; \
    licenses=/image/usr/local/share/doc/lmcache-server; \
    mkdir -p /debug /image/opt/venv/bin "${program%/*}" "${script%/*}" "$licenses"; \
    install -d -m 1777 /image/var/cache/lmcache-server; \
    objcopy --only-keep-debug .build/release/lmcache-server /debug/lmcache-server.debug; \
    objcopy --strip-all --add-gnu-debuglink=/debug/lmcache-server.debug .build/release/lmcache-server "$program"; \
    for name in lmcache_server lmcache_v0_server lmcache_experimental_server; do \
      ln -s /usr/local/bin/lmcache-server "/image/opt/venv/bin/$name"; \
    done; \
    ln -s /usr/local/bin/lmcache-server /image/opt/venv/bin/python3; \
    echo "# Not read by anyone: /opt/venv/bin/python3 is lmcache-server, which does what this script would do." > "$script"; \
    cp LICENSE "$licenses/"; \
    for library in liburing libxxhash libhiredis libssl libyaml; do \
      cp "/usr/share/doc/$library-dev/copyright" "$licenses/copyright.$library"; \
    done; \
    du -sk /image
# What the image holds, for those who look for what has to be mended. Debian's packages are those of the base below.
COPY --from=base /var/lib/dpkg/status /base/status
COPY scripts/image/sbom.sh /sbom.sh
ARG VERSION=""
ARG CREATED=""
RUN mkdir /base/info /base/updates \
    && /sbom.sh /base /image/usr/local/bin/lmcache-server "$VERSION" "$CREATED" \
      liburing-dev libxxhash-dev libhiredis-dev libssl-dev libyaml-dev \
      > /image/usr/local/share/doc/lmcache-server/sbom.spdx.json

# `--target debug` holds the debug symbols alone, for gdb, perf and cores of the same build.
FROM scratch AS debug
COPY --from=builder /debug /

FROM base AS run
COPY --from=builder /image /
# Any other uid works as well: nothing is owned, and nothing is written but to a volume that --disk names.
USER 65532:65532
EXPOSE 65432
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/lmcache-server"]
# Of the port in the environment; a server that gets its port as an argument is better probed from outside.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 \
    CMD /usr/local/bin/lmcache-server probe 127.0.0.1 "${LMCACHE_SERVER_PORT:-65432}"

ARG DEBIAN_IMAGE
ARG VERSION=""
ARG COMMIT=""
ARG CREATED=""
LABEL org.opencontainers.image.title="lmcache-server" \
      org.opencontainers.image.description="Keeps the KV cache chunks of LMCache engines in memory and on disk, and serves them over lm://" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="$DEBIAN_IMAGE"
