#!/usr/bin/env python3
"""Real clients and a real server against what this workspace builds, all on loopback.

    run.py --binaries target/debug [--only TEXT]

botocore and the AWS CLI get credentials from the `mock-imds` command, share files of tokens and sessions with our
`credential` command, and read the same config files; our command and STS client work against the moto server. The
versions are pinned in requirements.txt. Closes with the line `N passed, N failed`.
"""
import argparse
import pathlib
import sys
import tempfile
import time
import traceback

import at_moto, config_files, metadata, mfa, sign_in, sso, web_identity  # each adds its checks
from support import CHECKS, Place


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binaries", type=pathlib.Path, required=True, help="the folder with our built commands")
    arguments.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("target/ci"), help="where the logs go")
    arguments.add_argument("--only", help="run the checks whose name holds this text")
    given = arguments.parse_args()
    Place.logs = given.logs.resolve()
    Place.logs.mkdir(parents=True, exist_ok=True)
    for old in Place.logs.glob("peer-*.log"):
        old.unlink()
    binaries = given.binaries.resolve()
    failed = []
    chosen = [function for function in CHECKS if not given.only or given.only in function.__name__]
    for function in chosen:
        Place.name, started = function.__name__, time.monotonic()
        sentence = function.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory() as home:
            try:
                function(binaries, pathlib.Path(home))
                print("ok   %s (%.1f s)" % (sentence, time.monotonic() - started), flush=True)
            except Exception:
                failed.append(function.__name__)
                print("FAIL %s\n%s" % (sentence, traceback.format_exc()), flush=True)
    print("%d passed, %d failed" % (len(chosen) - len(failed), len(failed)))
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
