"""Sessions of roles in the AWS CLI's cache, where an MFA device was asked for: whoever asked, the other need not."""
import os
import pty
import select
import signal
import time

from support import BIN, arn, check, environment, expect, mock, who_are_we, who_is_the_aws_cli

SERIAL = "arn:aws:iam::123456789012:mfa/jo"
CODE = "314159"

# Each has another file name: the parameters that a call has are its key.
ROLES = {
    "plain": {},
    "named": {"role_session_name": "jo@example.com"},
    "full": {"role_session_name": "jo", "external_id": "ext/4711:=", "duration_seconds": "3600"},
    "short": {"duration_seconds": "1800"},
    "without-device": {"mfa_serial": None, "external_id": "no-device"},
    # Two calls, and the code is for the first of them.
    "behind": {"mfa_serial": None, "source_profile": "gate"},
    "gate": {},
}
ASKED_FOR = ["plain", "named", "full", "short", "without-device", "behind"]


def write_profiles(home, variables):
    """A user's keys, and roles that are assumed with them and a device."""
    aws = home / ".aws"
    aws.mkdir()
    (aws / "credentials").write_text("[user]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (
        variables.pop("AWS_ACCESS_KEY_ID"), variables.pop("AWS_SECRET_ACCESS_KEY")))
    text = ""
    for name, settings in ROLES.items():
        settings = {"role_arn": "arn:aws:iam::123456789012:role/%s" % name, "source_profile": "user",
                    "mfa_serial": SERIAL, **settings}
        text += "[profile %s]\n" % name + "".join("%s = %s\n" % pair for pair in settings.items() if pair[1])
    (aws / "config").write_text(text)


def at_a_terminal(command, env, home, answer):
    """Runs a command at a terminal of its own; answers its question. What the terminal showed, and the exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(home)
        os.execve(command[0], [str(word) for word in command], environment(env, home))
    shown, answered, deadline = b"", False, time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:  # Linux's way to say that nobody holds the other end any more
                    break
                if not piece:
                    break
                shown += piece
            if not answered and b"MFA code" in shown and shown.rstrip(b" ").endswith(b":"):
                time.sleep(0.1)  # getpass throws away what was typed before it asked
                os.write(terminal, answer.encode() + b"\n")
                answered = True
        else:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(terminal)
    _, status = os.waitpid(child, 0)
    return shown.decode(), os.waitstatus_to_exitcode(status), answered


@check
def a_session_that_the_aws_cli_asked_a_code_for_serves_our_command(binaries, home):
    with mock(binaries, "--mfa-device", "%s=%s" % (SERIAL, CODE), source="env") as variables:
        write_profiles(home, variables)
        for number, name in enumerate(ASKED_FOR, 1):
            command = [BIN / "aws", "sts", "get-caller-identity", "--output", "json", "--profile", name]
            shown, code, answered = at_a_terminal(command, variables, home, CODE)
            expect(code == 0 and answered == (name != "without-device"), (name, code, answered))
            mine = who_are_we(binaries, variables, home, "--profile", name)
            expect(mine == arn(shown), (name, mine, arn(shown)))
            asked = variables.count("POST / AssumeRole ")
            expect(asked == number + (name == "behind"), "%s: the role was assumed again" % name)


@check
def a_session_that_our_command_asked_a_code_for_serves_the_aws_cli(binaries, home):
    with mock(binaries, "--mfa-device", "%s=%s" % (SERIAL, CODE), source="env") as variables:
        write_profiles(home, variables)
        for number, name in enumerate(ASKED_FOR, 1):
            command = [binaries / "credential", "whoami", "--profile", name]
            shown, code, answered = at_a_terminal(command, variables, home, CODE)
            expect(code == 0 and answered == (name != "without-device"), (name, code, answered, shown))
            theirs = who_is_the_aws_cli(variables, home, "--profile", name)
            expect(theirs == arn(shown), (name, theirs, shown))
            asked = variables.count("POST / AssumeRole ")
            expect(asked == number + (name == "behind"), "%s: the role was assumed again" % name)
        for path in (home / ".aws" / "cli" / "cache").iterdir():
            expect(path.stat().st_mode & 0o777 == 0o600, oct(path.stat().st_mode))
