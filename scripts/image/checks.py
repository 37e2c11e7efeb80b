"""What an image of lmcache-server must do, asked of real containers. Started by scripts/image-test.sh."""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

import disk
import lm
import load
import sbom
from container import PORT, PROBE, PROBE_SECONDS, SERVE, Container, end_of, podman, until
from deployment import deployment
from report import Clock, Report, require, seconds

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECCOMP = ROOT / "deploy/seccomp"
IMAGE_BYTES_MAX = 50 * 10**6


def contents(report, image):
    labels = json.loads(podman("image", "inspect", "--format", "{{json .Labels}}", image))
    base = labels["org.opencontainers.image.base.name"]
    with report.check("adds less than 50 MB to its base") as notes:
        sizes = [int(podman("image", "inspect", "--format", "{{.Size}}", name)) for name in (image, base)]
        require(sizes[0] - sizes[1] < IMAGE_BYTES_MAX, f"it adds {(sizes[0] - sizes[1]) / 1e6:.1f} MB")
        notes += [f"{(sizes[0] - sizes[1]) / 1e6:.1f} MB on {base}, {sizes[0] / 1e6:.0f} MB in all"]
    with report.check("the version in the binary is the one on the label") as notes:
        says = podman("run", "--rm", "--network", "none", "--no-healthcheck", image, "--version")
        require(says == "lmcache-server " + labels["org.opencontainers.image.version"], f"{says}, but {labels}")
        notes += [says.split()[-1]]
    with report.check("no toolchain and no Python in it, and nothing owned by the user it names"):
        search = "find / -xdev \\( -name 'python*' -o -name 'swift*' -o -name 'clang*' -o -name gcc -o -user 65532 \\)"
        shell = ["run", "--rm", "--network", "none", "--no-healthcheck", "--entrypoint", "/bin/sh", "--user", "0", image]
        found = podman(*shell, "-c", search + " -not -path '/proc/*' -not -path '/usr/share/gcc*'")
        require(found == "/opt/venv/bin/python3", f"found {found}")
    sbom.check(report, image, labels)


def confinement(report, image):
    with tempfile.TemporaryDirectory() as folder:
        denying = pathlib.Path(folder, "eperm.json")
        maker = [str(SECCOMP / "profile.py"), "--io-uring", "EPERM"]
        denying.write_text(subprocess.run(maker, check=True, capture_output=True, text=True).stdout)
        ours = SECCOMP / "lmcache-server.json"
        for profile, flag, driver, reason in [
            ("the engine's default profile", [], "epoll", "errno 38"),
            ("a profile that answers EPERM", [f"seccomp={denying}"], "epoll", "errno 1"),
            ("deploy/seccomp/lmcache-server.json", [f"seccomp={ours}"], "uring", ""),
            ("no seccomp profile", ["seccomp=unconfined"], "uring", ""),
        ]:
            flags = ["--security-opt", *flag] if flag else []
            with report.check(f"serves over {driver} under {profile}") as notes, Container(image, *flags) as server:
                found = server.driver()
                require(found[0] == driver and reason in found[1], f"it is {found}")
                notes += [found[1]]
                with lm.client(server.host, PORT) as client:
                    client.put("key", bytes(range(256)) * 4096)
                    require(client.get("key") == bytes(range(256)) * 4096, "what was stored did not come back")
    with report.check("the profile in deploy/seccomp is the default one and the three calls"):
        done = subprocess.run([maker[0], "--check", str(ours)], capture_output=True, text=True)
        require(done.returncode == 0, done.stderr)
    with report.check("where io_uring is refused, --io uring is refused in one line"):
        flags = ["run", "--rm", "--network", "host", "--no-healthcheck", image, "--io", "uring"]
        status, said, _ = end_of(*flags)
        lines = [line for line in said.splitlines() if line.startswith("lmcache-server:")]
        require(status == 2 and len(lines) == 1, f"status {status}: {said}")
    with report.check("runs with a random uid, no capability, no new privileges, nothing to write to") as notes:
        with Container(image) as server:
            held = {field: server.status(field) for field in ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}
            none = "0" * 16
            wanted = {"Uid": str(server.uid), "CapEff": none, "CapBnd": none, "NoNewPrivs": "1", "Seccomp": "2"}
            require(held == wanted, f"it has {held}")
            for place in ("/", "/tmp", "/var/tmp", "/run"):
                status, *_ = end_of("exec", server.name, "/bin/sh", "-c", f"echo > {place}/x")
                require(status != 0, f"{place} can be written")
            notes += [f"uid {server.uid}"]


def probes(report, image):
    def failing(asked):
        status, said, elapsed = asked()
        require(status == 1, f"status {status}: {said}")
        return seconds(elapsed)

    def over_http(server, path):
        clock = Clock()
        try:
            status = server.page(path)[0]
        except OSError:
            status = 0
        return 0 if 200 <= status < 400 else 1, "", clock.elapsed()

    pages = ("/health", "/livez", "/readyz")
    with Container(image, "--env", f"LMCACHE_SERVER_PORT={PORT}") as server:
        with report.check("healthy server: the chart's exec probe says so") as notes:
            status, said, elapsed = server.probe()
            require(status == 0, said)
            notes += [seconds(elapsed)]
        with report.check("healthy server: /health, /livez and /readyz on the data port say so"):
            answers = {path: server.page(path)[0] for path in pages}
            require(set(answers.values()) == {200}, str(answers))
        with report.check("python3 refuses everything but that probe, in one clear line"):
            for words in ([], ["--version"], ["-c", "print(1)"], [PROBE[1]], [*PROBE[1:], "more"], ["-m", "http.server"]):
                status, said, _ = end_of("exec", server.name, PROBE[0], *words)
                require(status == 1 and "runs no Python" in said, f"{words}: status {status}, {said}")
        server.signal("STOP")
        with report.check("stopped server (SIGSTOP): the chart's exec probe fails within 5 s") as notes:
            notes += [failing(server.probe)]
        with report.check("stopped server: the HTTP probe times out"):
            failing(lambda: over_http(server, "/health"))
        server.signal("CONT")
        with report.check("continued server: both probes pass again"):
            require(server.probe()[0] == 0 and server.page("/health")[0] == 200, "one does not")
        # The probe of a server that is gone can only run elsewhere: from a second container in the same network.
        probe = ["run", "--rm", "--network", "host", "--no-healthcheck", "--entrypoint", "/usr/bin/timeout", image]
        server.remove()
        with report.check("dead server: the exec probe fails within 5 s") as notes:
            notes += [failing(lambda: end_of(*probe, str(PROBE_SECONDS), *PROBE))]
        with report.check("dead server: the HTTP probe fails"):
            failing(lambda: over_http(server, "/health"))
    with Container(image, command=[*SERVE, "--max-connections", "4"]) as server, contextlib.ExitStack() as taken:
        for _ in range(4):
            taken.enter_context(lm.client(server.host, PORT)).ask(lm.HEALTH, "probe")
        with report.check("crowded server: with every connection taken, both probes pass"):
            require(server.probe()[0] == 0 and server.page("/health")[0] == 200, "one does not")


def healthcheck(report, image):
    with report.check("the image's own HEALTHCHECK tells healthy from stopped"):
        name = podman("run", "--detach", "--network", "host", "--env", f"LMCACHE_SERVER_PORT={PORT}", image)
        try:
            asked = ["healthcheck", "run", name]
            until("healthy", 20, lambda: end_of(*asked)[0] == 0)
            podman("kill", "--signal", "STOP", name)
            require(end_of(*asked)[0] != 0, "a stopped server is healthy")
        finally:
            podman("rm", "--force", "--time", "0", name, may_fail=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", required=True)
    parser.add_argument("--deployment", action="append", default=[], help="YAML with a Deployment of the server")
    parser.add_argument("--only", default="", help="only groups whose title contains this")
    options = parser.parse_args()
    report = Report()
    for title, run, arguments in [
        ("The image", contents, []),
        ("Confinement", confinement, []),
        ("Probes", probes, []),
        ("Healthcheck", healthcheck, []),
        ("Memory", load.memory, []),
        ("Drain", load.drain, []),
        ("Disk", disk.disk, []),
        *((f"Deployment {path}", deployment, [path]) for path in options.deployment),
    ]:
        if options.only.lower() in title.lower():
            report.group(title, run, options.image, *arguments)
    sys.exit(report.close())


if __name__ == "__main__":
    main()
