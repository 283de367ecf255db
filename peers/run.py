#!/usr/bin/env python3
"""Real clients and a real server against what this workspace builds, all on loopback.

    run.py --binaries target/debug [--only TEXT]

botocore and the AWS CLI get credentials from the `mock-imds` command and assume a role there; our `credential` command
and STS client work against the moto server; a Python program uses `credential export` as its credential process. The
versions are pinned in requirements.txt. Closes with the line `N passed, N failed`.
"""
import argparse
import contextlib
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import traceback

CHECKS = []
LOGS = None
PYTHON = sys.executable
BIN = pathlib.Path(PYTHON).parent


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
    log = open(LOGS / ("peer-%s-%d.log" % (pathlib.Path(command[0]).name, port)), "w+")
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
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


@contextlib.contextmanager
def mock(binaries, *options, source="imds"):
    """A running `mock-imds`; gives the variables that it asks people to export, read the way a shell reads them."""
    port = free_port()
    command = [str(binaries / "mock-imds"), "--port", str(port), "--print-env", "bash", "--source", source, *options]
    with tempfile.NamedTemporaryFile("w+") as printed:
        with server(command, port, stdout=printed, env={**os.environ, "RUST_LOG": "trace"}):
            deadline = time.monotonic() + 10
            while "NO_PROXY" not in pathlib.Path(printed.name).read_text() and time.monotonic() < deadline:
                time.sleep(0.02)
            shell = subprocess.run(["bash", "-c", 'source "$1" && env -0', "-", printed.name], env={},
                                   capture_output=True, text=True, check=True)
            variables = dict(pair.split("=", 1) for pair in shell.stdout.split("\0") if pair)
            yield {name: value for name, value in variables.items() if name.startswith("AWS_") or name == "NO_PROXY"}


def run(command, env, home, code=0, input=None):
    """Runs a client in an empty environment but for `env`; returns standard output, checks the exit code."""
    full = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "2", **env}
    done = subprocess.run(command, env=full, cwd=home, capture_output=True, text=True, timeout=60, input=input)
    if (done.returncode == 0) != (code == 0):
        raise AssertionError("%s ended with %d\n%s\n%s" % (shlex.join(map(str, command)), done.returncode,
                                                             done.stdout[-2000:], done.stderr[-2000:]))
    return done.stdout if code == 0 else done.stderr


ASSUME = textwrap.dedent("""
    import botocore.session, json
    session = botocore.session.get_session()
    credentials = session.get_credentials()
    sts = session.create_client("sts")
    who = sts.get_caller_identity()
    role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/peer", RoleSessionName="botocore")
    again = session.create_client("sts", aws_access_key_id=role["Credentials"]["AccessKeyId"],
                                  aws_secret_access_key=role["Credentials"]["SecretAccessKey"],
                                  aws_session_token=role["Credentials"]["SessionToken"])
    print(json.dumps({"method": credentials.method, "who": who["Arn"], "became": again.get_caller_identity()["Arn"]}))
""")

WRONG = textwrap.dedent("""
    import botocore.session, botocore.exceptions
    session = botocore.session.get_session()
    credentials = session.get_credentials().get_frozen_credentials()
    sts = session.create_client("sts", aws_access_key_id=credentials.access_key,
                                aws_secret_access_key=credentials.secret_key[::-1], aws_session_token=credentials.token)
    try:
        sts.get_caller_identity()
    except botocore.exceptions.ClientError as error:
        print(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
""")


@check
def botocore_gets_credentials_from_instance_metadata_and_assumes_a_role(binaries, home):
    with mock(binaries, "--imdsv2") as variables:
        said = json.loads(run([PYTHON, "-c", ASSUME], variables, home))
    expect(said["method"] == "iam-role", said)
    expect(":assumed-role/peer/botocore" in said["became"], said)


@check
def botocore_gets_credentials_from_a_container_endpoint_with_a_token(binaries, home):
    with mock(binaries, source="eks") as variables:
        said = json.loads(run([PYTHON, "-c", ASSUME], variables, home))
    expect(said["method"] == "container-role", said)
    expect(":assumed-role/peer/botocore" in said["became"], said)


@check
def a_wrong_secret_of_botocore_is_refused(binaries, home):
    with mock(binaries) as variables:
        said = run([PYTHON, "-c", WRONG], variables, home)
    expect(said.split() == ["SignatureDoesNotMatch", "403"], said)


@check
def the_aws_cli_gets_credentials_and_assumes_a_role(binaries, home):
    with mock(binaries, "--imdsv2") as variables:
        who = json.loads(run([BIN / "aws", "sts", "get-caller-identity", "--output", "json"], variables, home))
        role = json.loads(run([BIN / "aws", "sts", "assume-role", "--role-arn", "arn:aws:iam::123456789012:role/peer",
                               "--role-session-name", "cli", "--output", "json"], variables, home))
    expect(who["Account"] == "123456789012", who)
    expect(role["AssumedRoleUser"]["Arn"].endswith(":assumed-role/peer/cli"), role["AssumedRoleUser"])


@check
def the_aws_cli_gets_credentials_from_a_container_endpoint(binaries, home):
    with mock(binaries, source="eks") as variables:
        who = json.loads(run([BIN / "aws", "sts", "get-caller-identity", "--output", "json"], variables, home))
    expect(who["Account"] == "123456789012", who)


@check
def a_wrong_secret_of_the_aws_cli_is_refused(binaries, home):
    with mock(binaries, source="env") as variables:
        variables["AWS_SECRET_ACCESS_KEY"] = variables["AWS_SECRET_ACCESS_KEY"][::-1]
        said = run([BIN / "aws", "sts", "get-caller-identity"], variables, home, code=255)
    expect("SignatureDoesNotMatch" in said, said)


@check
def the_aws_cli_reads_the_spot_requests(binaries, home):
    with mock(binaries, "--imdsv2", "--spot") as variables:
        said = json.loads(run([BIN / "aws", "ec2", "describe-spot-instance-requests", "--output", "json"], variables, home))
    expect(said["SpotInstanceRequests"][0]["State"] == "active", said)


@check
def our_command_uses_the_mock_as_botocore_does(binaries, home):
    for source in ["imds", "eks", "ecs", "env"]:
        with mock(binaries, source=source) as variables:
            document = json.loads(run([binaries / "credential", "export"], variables, home))
            who = run([binaries / "credential", "whoami"], variables, home)
        expect(document["Version"] == 1 and document["AccessKeyId"].startswith("A"), sorted(document))
        expect("123456789012" in who, (source, who))


@contextlib.contextmanager
def moto():
    port = free_port()
    with server([str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], port):
        yield {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": CANARY,
               "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:%d" % port}


@check
def our_command_tells_who_it_is_at_moto(binaries, home):
    with moto() as variables:
        who = run([binaries / "credential", "whoami"], variables, home)
    expect("123456789012" in who and "arn:aws" in who, who)


@check
def our_sts_client_assumes_a_role_at_moto(binaries, home):
    with moto() as variables:
        said = run([binaries / "assume_role_for_real", "arn:aws:iam::123456789012:role/example"], variables, home)
    expect(":assumed-role/example/" in said, said)


@check
def a_python_program_uses_our_command_as_its_credential_process(binaries, home):
    program = textwrap.dedent("""
        import botocore.session
        session = botocore.session.get_session()
        print(session.get_credentials().method, session.create_client("sts").get_caller_identity()["Account"])
    """)
    with mock(binaries, "--imdsv2") as variables:
        aws = home / ".aws"
        aws.mkdir()
        # The program's profile runs our command; the command, with no profile named, finds the instance metadata.
        command = "env -u AWS_PROFILE %s export --format process" % shlex.quote(str(binaries / "credential"))
        (aws / "config").write_text("[profile outer]\ncredential_process = %s\n" % command)
        said = run([PYTHON, "-c", program], {**variables, "AWS_PROFILE": "outer"}, home)
    expect(said.split() == ["custom-process", "123456789012"], said)


CANARY = "cAnArY0sEcReT/peer+cAnArY0sEcReT"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binaries", type=pathlib.Path, required=True, help="the folder with our built commands")
    arguments.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("target/ci"), help="where the servers' logs go")
    arguments.add_argument("--only", help="run the checks whose name holds this text")
    given = arguments.parse_args()
    global LOGS
    LOGS = given.logs.resolve()
    LOGS.mkdir(parents=True, exist_ok=True)
    binaries = given.binaries.resolve()
    failed = []
    chosen = [function for function in CHECKS if not given.only or given.only in function.__name__]
    for function in chosen:
        with tempfile.TemporaryDirectory() as home:
            try:
                function(binaries, pathlib.Path(home))
                print("ok   %s" % function.__name__.replace("_", " "), flush=True)
            except Exception:
                failed.append(function.__name__)
                print("FAIL %s\n%s" % (function.__name__.replace("_", " "), traceback.format_exc()), flush=True)
    print("%d passed, %d failed" % (len(chosen) - len(failed), len(failed)))
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
