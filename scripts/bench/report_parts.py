"""What the reports of bench.sh and hits.sh share: their prose, and who was measured."""
import datetime
import pathlib
import re
import subprocess

PROSE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "performance"


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def version(command, before):
    """The word after `before` in what a program says of itself."""
    match = re.search(re.escape(before) + r"(\S+)", output_of(command, "--version"))
    return match.group(1) if match else "unknown"


def revision():
    dirty = " with local changes" if output_of("git", "status", "--porcelain", "Sources", "scripts") else ""
    return [f"- Date: {datetime.date.today()}; revision {output_of('git', 'rev-parse', '--short', 'HEAD')}{dirty}"]


def peers():
    return f"memcached {version('memcached', 'memcached ')}; Redis {version('redis-server', 'v=')}"


def prose(name):
    path = PROSE / name
    return path.read_text().rstrip().splitlines() + [""] if path.exists() else []
