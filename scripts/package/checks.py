"""What the Debian package must do, asked of a Debian of its own. Started by scripts/package-test.sh."""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "image"))

import lm  # noqa: E402
import shells  # noqa: E402
from report import Report, require  # noqa: E402

PROGRAMS = ("lmcache-server", "lmcache-bench")
CONFIGURATION = "etc/lmcache-server/lmcache-server.yaml"
CHUNKS = "var/cache/lmcache-server"
UNIT = "usr/lib/systemd/system/lmcache-server.service"
WAITS_SECONDS = 20


class Root:
    """The Debian in a directory."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        shutil.copy(HERE / "systemctl", self.path / "usr/local/bin/systemctl")
        (self.path / "run/systemd/system").mkdir(parents=True)

    def __truediv__(self, name):
        return self.path / name

    def ask(self, *words, accept=(0,)):
        """What it says; a failure unless its status is accepted."""
        done = subprocess.run(
            ["chroot", self.path, "/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        said = done.stdout + done.stderr
        require(done.returncode in accept, f"{' '.join(words)}: status {done.returncode}: {said.strip()}")
        return said

    def install(self, package):
        shutil.copy(package, self / "root/package.deb")
        return self.ask("dpkg", "--force-confdef", "--force-confold", "-i", "/root/package.deb")

    def asked_of_systemd(self):
        """What was asked since the last time."""
        log = self / "run/systemctl.log"
        words = log.read_text().split("\n") if log.exists() else []
        log.unlink(missing_ok=True)
        return [word for word in words if word.split(" ")[0] in ("start", "stop", "restart")]

    def expect(self, wanted):
        asked = self.asked_of_systemd()
        require(asked == wanted, f"systemd was asked: {asked}")

    def main_process(self):
        file = self / "run/main.pid"
        number = file.read_text().strip() if file.exists() else "none"
        try:
            status = (self / "proc" / number / "status").read_text()
        except OSError:
            return None
        return None if re.search(r"^State:\s*Z", status, re.M) else number


def until(what, answer):
    end = time.monotonic() + WAITS_SECONDS
    while time.monotonic() < end:
        try:
            if answer():
                return
        except OSError:
            pass
        time.sleep(0.1)
    require(False, f"not within {WAITS_SECONDS} s: {what}")


def page(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


def serves(root, port, version=None):
    until("it serves", lambda: page(port, "/livez"))
    with lm.client("127.0.0.1", port) as client:
        client.put("key", b"chunk" * 1000)
        require(client.get("key") == b"chunk" * 1000, "what was stored did not come back")


def package(report, root, old, new):
    with report.check("lintian finds no error") as notes:
        done = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0", new], capture_output=True, text=True)
        require(done.returncode == 0, done.stdout + done.stderr)
        notes += [f"{done.stdout.count('W: ')} warnings"]
    with report.check("the packages differ in their version") as notes:
        versions = [subprocess.run(["dpkg-deb", "--field", file, "Version"], capture_output=True, text=True).stdout.strip()
                    for file in (old, new)]
        require(versions[0] < versions[1], f"{versions}")
        notes += [" -> ".join(versions)]
    with report.check("the program was built of the sources that the package names"):
        text = subprocess.run(["dpkg-deb", "--field", new], capture_output=True, text=True).stdout
        require("libc6 (>= " in text and "Built-Using: " in text and "openssl (= " in text, text)


def installed(report, root, old):
    with report.check("it installs") as notes:
        root.install(old)
        root.expect(["start lmcache-server.service"])
    with report.check("it serves, as its own user, enabled"):
        serves(root, 65432)
        process = root.main_process()
        require(process, (root / "run/server.log").read_text())
        user = root.ask("stat", "-c", "%U", f"/proc/{process}").strip()
        require(user == "lmcache-server", f"it runs as {user}")
    with report.check("its settings are the program's defaults"):
        said = root.ask("lmcache-server", "--config", "/" + CONFIGURATION, "--print-config")
        given = [line for line in said.split("\n") if line and not line.startswith("#")]
        require(given == [], f"{given}")
    with report.check("systemd-analyze verify has nothing to say of the unit"):
        said = root.ask("systemd-analyze", "verify", "/" + UNIT)
        require(said == "", said)
    for program in PROGRAMS:
        with report.check(f"man {program}, without a warning of man or mandoc") as notes:
            said = root.ask("man", "--encoding=UTF-8", program)
            require(said.startswith(program.upper()), said[:500])
            said = root.ask("sh", "-c", f"man --warnings --encoding=UTF-8 {program} > /dev/null")
            require(said == "", said)
            said = root.ask("sh", "-c", f"zcat /usr/share/man/man1/{program}.1.gz | mandoc -T lint -W warning")
            require(said == "", said)
            # A person searches by it.
            require(program in root.ask("sh", "-c", "mandb --quiet; whatis " + program), "whatis does not know it")
    for shell, typed, wanted in shells.CASES:
        with report.check(f"{shell}: {typed!r}") as notes:
            found = shells.complete(root, shell, typed)
            require(found == wanted, f"{found}")
            notes += [" ".join(wanted) or "nothing"]


def upgraded(report, root, old, new):
    with report.check("its settings count after a reload and a restart, its disk with them"):
        file = root / CONFIGURATION
        text = file.read_text()
        require("#port: 65432\n" in text, "the file does not show the port")
        file.write_text(text.replace("#port: 65432\n", "port: 65400\n") + f"\ndisk: /{CHUNKS}\ndisk_size: 64MiB\n")
        root.ask("systemctl", "restart", "lmcache-server.service")
        serves(root, 65400)
        until("the disk is there", lambda: any((root / CHUNKS).iterdir()))
    root.asked_of_systemd()
    with report.check("an upgrade restarts it and keeps the changed file"):
        before = root.main_process()
        root.install(new)
        root.expect(["restart lmcache-server.service"])
        require("port: 65400\n" in (root / CONFIGURATION).read_text(), "the file was replaced")
        require(root.main_process() not in (None, before), "the old process goes on")
        serves(root, 65400)
    with report.check("installing it once more changes nothing"):
        root.install(new)
        serves(root, 65400)
    with report.check("a unit that an administrator has disabled stays so"):
        root.ask("systemctl", "stop", "lmcache-server.service")
        link = root / "etc/systemd/system/multi-user.target.wants/lmcache-server.service"
        require(link.is_symlink(), "it was not enabled")
        root.ask("/usr/bin/systemctl", "--root=/", "disable", "lmcache-server.service")
        require(not link.is_symlink(), "it is enabled still")
        root.install(new)
        require(not link.exists() and not link.is_symlink() and root.main_process() is None, "it was enabled again")
        root.ask("/usr/bin/systemctl", "--root=/", "enable", "lmcache-server.service")
        root.ask("systemctl", "start", "lmcache-server.service")
        serves(root, 65400)


def removed(report, root, new):
    with report.check("a removal stops it, and leaves settings and chunks"):
        root.asked_of_systemd()
        root.ask("dpkg", "--remove", "lmcache-server")
        root.expect(["stop lmcache-server.service"])
        require(root.main_process() is None, "it still runs")
        require((root / CONFIGURATION).exists() and any((root / CHUNKS).iterdir()), "they are gone")
        require(not (root / "usr/bin/lmcache-server").exists(), "the program is still there")
    with report.check("it can be installed again, and finds both"):
        root.install(new)
        serves(root, 65400)
    elsewhere = root / "srv/chunks"
    with report.check("a purge removes both, says so, and leaves a directory elsewhere"):
        elsewhere.mkdir(parents=True)
        (elsewhere / "segment-00000000").write_text("a chunk")
        said = root.ask("dpkg", "--purge", "lmcache-server")
        require(f"removing /{CHUNKS} with the chunks in it" in said, said)
        require(not (root / CHUNKS).exists() and not (root / CONFIGURATION).exists(), "something is left")
        require((elsewhere / "segment-00000000").exists(), "a chunk elsewhere is gone")
    with report.check("a purge leaves a drive that is mounted there, and a link"):
        root.install(new)
        root.ask("systemctl", "stop", "lmcache-server.service")
        shutil.rmtree(root / CHUNKS, ignore_errors=True)
        (root / CHUNKS).symlink_to("/srv/chunks")
        said = root.ask("dpkg", "--purge", "lmcache-server")
        require("is left with the chunks in it" in said, said)
        (root / CHUNKS).unlink()
        (root / CHUNKS).mkdir()
        subprocess.run(["mount", "--bind", elsewhere, root / CHUNKS], check=True)
        root.install(new)
        root.ask("systemctl", "stop", "lmcache-server.service")
        said = root.ask("dpkg", "--purge", "lmcache-server")
        require("is left with the chunks in it" in said, said)
        subprocess.run(["umount", root / CHUNKS], check=True)
        require((elsewhere / "segment-00000000").exists(), "a chunk on the drive is gone")
    with report.check("nothing of it is left but its user"):
        names = root.ask("sh", "-c", "find / -xdev -name '*lmcache*' -not -path '/var/cache/*' -not -path '/var/lib/dpkg/*'")
        require(names == "", names)
        require("lmcache-server" in root.ask("getent", "passwd", "lmcache-server"), "the user is gone")
    with report.check("without systemd it installs as well, and starts nothing"):
        shutil.rmtree(root / "run/systemd")
        root.asked_of_systemd()
        root.install(new)
        root.expect([])
        require(root.main_process() is None, "it runs")
        require(re.match(r"lmcache-server \d", root.ask("lmcache-server", "--version")), "it does not run")


def main():
    parser = argparse.ArgumentParser()
    for name in ("--root", "--old", "--new"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    report, root = Report(), Root(given.root)
    report.group("the package", package, root, given.old, given.new)
    report.group("installed", installed, root, given.old)
    report.group("upgraded", upgraded, root, given.old, given.new)
    report.group("removed and purged", removed, root, given.new)
    return report.close()


sys.exit(main())
