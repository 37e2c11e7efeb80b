"""What becomes of each command that the documents name: it is typed by a walk, by another test, or by nobody, for a reason.

A command that no rule knows fails scripts/test.sh, and so does a rule that no command needs.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Walk:
    """Types the blocks below a heading, on a machine of its own: see walks.py."""

    document: str
    heading: str
    # What the output has to have.
    says: tuple
    # Words that stand for something of the reader's.
    means: dict = field(default_factory=dict)
    # Typed before.
    first: str = ""
    # Typed at the end.
    last: str = ""
    # Blocks of this section that are no part of it, by how they begin.
    without: tuple = ()


@dataclass(frozen=True)
class Typed:
    """The walk that types the same with other words behind it: it has a command that begins with the pattern's group."""

    document: str
    heading: str


# A directory that holds chunks, as somebody has it who asks what is in it.
CHUNKS = """
mkdir -p -m 700 chunks
serve lmcache-server --port 65432 --memory 64MiB --disk "$PWD/chunks" --disk-size 1GiB --disk-write all
redis-cli -p 65432 SET greeting hello
end_servers
"""
OTHERS = """
serve lmcache-server --memory 2GiB
serve redis-server --save '' --port 6379
serve memcached -u root -m 1024 -I 64m
"""
SCRAPED = """
until curl 'http://127.0.0.1:19090/api/v1/query?query=up' | grep -q '"1"'; do sleep 0.5; done
"""
# What the tools are asked of.
HELD = """
mkdir -p run/secrets
openssl rand -hex 32 > run/secrets/admin
serve lmcache-server --admin 127.0.0.1:65430 --admin-token-file "$PWD/run/secrets/admin"
redis-cli -p 65432 SET greeting hello
"""
# A short look shows that a command works.
SHORT = {"--seconds 1 ": "--seconds 0.1 ", "--seconds 0.5": "--seconds 0.1 --rounds 2", "4711": "${servers[0]}",
         "4712": "${servers[1]}", "4713": "${servers[1]}", "redis://:secret@": "redis://", "--rounds 3": "--rounds 2",
         "--users 8 --turns 4": "--users 2 --turns 2 --rounds 2", "--connections 4 ": "--connections 4 --rounds 2 "}

WALKS = [
    Walk("README.md", "Two commands", says=(), without=("./scripts/test.sh",)),
    Walk("docs/OPERATING.md", "From nothing to TLS, a disk, metrics",
         says=('"status": "ok"', 'state="serving"} 1', "\nOK\nhello\n", "SUCCESS"),
         means={"$PWD/.build/release": "$PROGRAMS"}, last=SCRAPED,
         without=("swift build", "scripts/setup.sh", "export SSL_CERT_FILE", "export LMCACHE_REMOTE_URL")),
    Walk("docs/OPERATING.md", "TLS", says=('"status": "ok"', "PONG")),
    Walk("docs/OPERATING.md", "Quotas", says=(), means={"40GiB": "40MiB", "10GiB": "10MiB"}),
    Walk("docs/OPERATING.md", "Disk", says=(), means={"3TiB": "1GiB"}, first="mkdir -p mnt/nvme0/lmcache mnt/nvme1/lmcache"),
    Walk("docs/OPERATING.md", "Who may do what", says=("removed", "drain"), first="mkdir -p run/secrets"),
    Walk("docs/OPERATING.md", "Tools", says=("1 chunks", "1 removed", "0 removed"), first=HELD,
         means={"top 127.0.0.1:65432": "top 127.0.0.1:65432 --count 2", "--interval 10": "--interval 1", "NAME...": "NAME",
                "NAME": "greeting"}),
    Walk("docs/CONFIGURATION.md", "Configuration", says=("max_connections: 2000",), means={"FILE": "$PWD/etc/lmcache/lmcache.yaml"},
         first="mkdir -p etc/lmcache cache/a cache/b; cp configuration.yaml etc/lmcache/lmcache.yaml"),
    Walk("docs/DISK-FORMAT.md", "Looking into a directory", says=("greeting",), means={"DIR": "chunks"}, first=CHUNKS),
    Walk("docs/BENCH.md", "A first look", says=("GiB/s", "Redis"), means=SHORT, first=OTHERS),
    Walk("docs/BENCH.md", "Policies", says=("usable prefix",), first=OTHERS, without=("swift run",)),
    Walk("docs/BENCH.md", "Examples", says=("memcached", "usable prefix", "arrivals"), means=SHORT, first=OTHERS,
         without=("lmcache-bench get --json",)),
]

CLUSTER = "needs a Kubernetes cluster"
DOCKER = "needs Docker; scripts/image-test.sh and scripts/deploy-test.sh do the like with podman"
SYSTEMD = "needs a machine that systemd runs; scripts/deploy-test.sh verifies the unit"
MINUTES = "takes many minutes, and is run for what it writes"
NETWORK = "fetches gigabytes; scripts/test.sh --long runs it"
ITSELF = "is what runs this"
FORM = "is a form, with names for the reader's own"

# (pattern, why nobody types it), (pattern, the walk that types the same), or (pattern, the file that does the same, words
# that it has).
RULES = [
    (r"\./scripts/test\.sh|scripts/test\.sh --long", ITSELF),
    (r"(\./scripts/run\.sh) --memory", Typed("README.md", "Two commands")),
    (r"swift (build|run) -c release", "scripts/metrics-test.sh", "swift build -c release"),
    (r"(lmcache-server (?:stats|top|ls|get|rm)) HOST:PORT", Typed("docs/OPERATING.md", "Tools")),
    (r"(lmcache-server )?(man|sample-config|completions)( |$)", "scripts/package.sh", "sample-config"),
    (r"source <\(lmcache-server completions bash", "scripts/package/shells.py", "_completion_loader"),
    (r"apt-get |lmcache-server --config /etc/lmcache-server", "scripts/package/checks.py", '"--print-config"'),
    (r"scripts/package\.sh", "scripts/package-test.sh", "scripts/package.sh"),
    (r"scripts/setup\.sh", "scripts/test.sh", "scripts/setup.sh"),
    (r"helm |kubectl ", CLUSTER),
    (r"\{ printf", "scripts/grafana/test_documents.py", '"{ printf"'),
    (r"sed 's\|docs/OPERATING", "scripts/grafana/test_documents.py", '"`(sed [^`]+)`"'),
    (r"docker |podman run", DOCKER),
    (r"podman play kube", "scripts/image/deployment.py", '"play"'),
    (r"systemctl ", SYSTEMD),
    (r"export LMCACHE_ENABLE_P2P", "Tests/Clients/check_peers.py", "lookup_url"),
    (r"export (LMCACHE_REMOTE_URL=lm|PYTHONHASHSEED)", "Tests/Clients/run.py", "PYTHONHASHSEED"),
    (r"export (SSL_CERT_FILE|LMCACHE_REMOTE_URL=rediss)", "Tests/Clients/run.py", "SSL_CERT_FILE"),
    (r"scripts/(bench|bench/disk|bench/hits)\.sh", MINUTES),
    (r"scripts/image\.sh", "scripts/image-test.sh", "scripts/image.sh"),
    (r"scripts/compat\.sh", NETWORK),
    (r"scripts/resp-clients\.sh", "scripts/test.sh", "scripts/resp-clients.sh"),
    (r"deploy/seccomp/profile\.py", "scripts/image/checks.py", "profile.py"),
    (r"scripts/grafana/dashboard\.py --write", "scripts/grafana/test_dashboard.py", "dashboard.json"),
    (r"curl HOST:65432/metrics", "Tests/EndToEndTests/HTTPTests.swift", "/metrics"),
    (r"lmcache-server probe", "Tests/EndToEndTests/StandInTests.swift", "probe"),
    (r"lmcache-server (<host>|disk DIR$|--help)", FORM),
    (r"lmcache-bench (COMMAND|--help|session$|get --json)|lmcache-policies --(print|save)$|taskset -c [01]$", FORM),
    (r"openssl (x509 -in client.crt|speed)", FORM),
    (r"redis-cli -p 65432 SCAN 0", "Tests/Clients/resp/py_keyspace.py", "scan"),
]
