"""What the checks share: servers that come and go, clients that run in an empty environment."""
import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time

CHECKS = []
PYTHON = sys.executable
BIN = pathlib.Path(PYTHON).parent
# Every secret that we make up holds these words; `.ci/canary` searches the logs for them.
CANARY = "cAnArY0sEcReT/peer+cAnArY0sEcReT"


class Place:
    """Where logs go, and which check is running: set by run.py."""

    logs = None
    name = None


def check(function):
    CHECKS.append(function)
    return function


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(command, port, stdout=None, env=None):
    """A server process: ready when its port answers, stopped with SIGTERM, its log kept."""
    path = Place.logs / ("peer-%s-%d.log" % (pathlib.Path(command[0]).name, port))
    with open(path, "w+") as log:
        process = subprocess.Popen(command, stdout=stdout or log, stderr=log, stdin=subprocess.DEVNULL, env=env)
        try:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError("%s did not start:\n%s" % (command[0], log.read()))
                time.sleep(0.02)
            yield path
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Mock(dict):
    """A running `mock-imds`: the variables that it asks people to export, and what it was asked for."""

    log = None

    def count(self, what):
        """How many requests were answered with success, by their line in the access log: `POST /token`."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return sum(1 for words in lines if " ".join(words[2:]).startswith("200 " + what))


@contextlib.contextmanager
def mock(binaries, *options, source="imds"):
    """A running `mock-imds`; gives the variables that it asks people to export, read the way a shell reads them."""
    port = free_port()
    command = [str(binaries / "mock-imds"), "--port", str(port), "--print-env", "bash", "--source", source,
               *map(str, options)]
    with tempfile.NamedTemporaryFile("w+") as printed:
        with server(command, port, stdout=printed) as log:
            deadline = time.monotonic() + 10
            while "NO_PROXY" not in pathlib.Path(printed.name).read_text() and time.monotonic() < deadline:
                time.sleep(0.02)
            shell = subprocess.run(["bash", "-c", 'source "$1" && env -0', "-", printed.name], env={},
                                   capture_output=True, text=True, check=True)
            variables = dict(pair.split("=", 1) for pair in shell.stdout.split("\0") if pair)
            running = Mock((name, value) for name, value in variables.items()
                           if name.startswith("AWS_") or name == "NO_PROXY")
            running.log = log
            yield running


@contextlib.contextmanager
def moto():
    """A running moto server, and the keys that it takes."""
    port = free_port()
    with server([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], port):
        yield {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": CANARY,
               "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:%d" % port}


def environment(env, home):
    """An empty environment but for `env` and what every program needs."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "2", **env}


def run(command, env, home, code=0, input=None, log=None):
    """Runs a client; checks whether it succeeds; returns standard output, or standard error if it is to fail.

    It has no terminal: a client that asks a question gets no answer and fails. What it says on standard error is added to
    the open file `log`, if there is one.
    """
    done = subprocess.run(command, env=environment(env, home), cwd=home, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL if input is None else None, input=input, start_new_session=True)
    if log:
        log.write(done.stderr)
    if (done.returncode == 0) != (code == 0):
        raise AssertionError("%s ended with %d\n%s" % (shlex.join(map(str, command)), done.returncode,
                                                         done.stderr[-2000:]))
    return done.stdout if code == 0 else done.stderr


def python(program, env, home, *arguments, code=0):
    """Runs a Python program with botocore at hand."""
    return run([PYTHON, "-c", program, *map(str, arguments)], env, home, code)


def log_of_ours(mode="a"):
    """The file that our command's loudest log is added to, open."""
    return open(Place.logs / ("peer-credential-%s.log" % Place.name), mode)


def start_ours(binaries, arguments, env, home):
    """Starts our command with its log at the loudest, in the check's own file."""
    return start([binaries / "credential", *arguments], env, home)


def start(command, env, home, stdin=subprocess.DEVNULL):
    """Starts a program with its standard error in the check's log."""
    with log_of_ours() as log:
        return subprocess.Popen(command, cwd=home, text=True, start_new_session=True, stdin=stdin,
                                env=environment({"CREDENTIAL_LOG": "trace", **env}, home),
                                stdout=subprocess.PIPE, stderr=log)


def start_ours_at_once(count, binaries, arguments, env, home):
    """Starts our command many times in the same moment: shells wait at a gate until all of them are there."""
    ends, gate = os.pipe()
    waiting = ["sh", "-c", 'read -r line; exec "$@" < /dev/null', "-", str(binaries / "credential"), *arguments]
    with contextlib.closing(os.fdopen(gate, "w")):
        running = [start(waiting, env, home, stdin=ends) for _ in range(count)]
        os.close(ends)
    return running


def finish(process, what):
    """Waits for a process; its standard output, when it succeeds."""
    try:
        said, _ = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError("%s does not end" % what)
    expect(process.returncode == 0, "%s ended with %d; its log is peer-credential-%s.log"
           % (what, process.returncode, Place.name))
    return said


def ours(binaries, arguments, env, home):
    """Runs our command to its end; what it printed."""
    return finish(start_ours(binaries, arguments, env, home), "credential " + " ".join(arguments))


def has_credentials(text):
    """Whether our command printed the document of a credential process."""
    document = json.loads(text)
    return document["Version"] == 1 and all(document[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken"))


def arn(text):
    """The ARN of a caller, in what a program printed."""
    found = re.search(r"arn:aws:(sts|iam)::\d+:(assumed-role|user)/[\w+=,.@/-]+", text)
    expect(found, "no ARN is shown")
    return found.group()


def who_are_we(binaries, env, home, *options):
    """The ARN that our command finds itself to be."""
    return arn(ours(binaries, ["whoami", *options], env, home))


WHO = """
import botocore.session, json, sys
session = botocore.session.Session(profile=sys.argv[1] if len(sys.argv) > 1 else None)
credentials = session.get_credentials()
print(credentials.method, session.create_client("sts").get_caller_identity()["Arn"])
"""


def who_is_botocore(env, home, *profile):
    """How botocore comes by its credentials, and the ARN that it finds itself to be."""
    return tuple(python(WHO, env, home, *profile).split())


def who_is_the_aws_cli(env, home, *options):
    """The ARN that the AWS CLI finds itself to be."""
    return json.loads(run([BIN / "aws", "sts", "get-caller-identity", "--output", "json", *options], env, home))["Arn"]
