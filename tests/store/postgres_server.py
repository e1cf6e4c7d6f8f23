"""A PostgreSQL server for the tests, where Debian's package is installed; it listens on a socket in a folder only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
INSTALLED = bool(PROGRAMS)


@contextmanager
def server() -> Iterator[str]:
    """Start a server of our own and stop it afterwards. Gives the address of its socket folder."""
    folder = Path(tempfile.mkdtemp(prefix="engagerr-pg-"))  # short: a socket's path has 107 characters at most
    programs = PROGRAMS[-1].parent
    # PostgreSQL refuses to run as root
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    name = user.get("user") or pwd.getpwuid(os.geteuid()).pw_name
    if user:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **user)

    try:
        run("initdb", "-U", name, "-E", "UTF8", "--no-sync", "-A", "trust")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -h '' -c fsync=off", "start")
        try:
            yield f"postgresql+psycopg://{name}@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
