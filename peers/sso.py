"""IAM Identity Center: one token file, several programs."""
import hashlib
import json
import random
import re
import time
import urllib.parse
import urllib.request

from support import (PYTHON, check, expect, finish, has_credentials, log_of_ours, mock, ours, python, start, start_ours,
                     start_ours_at_once, who_are_we, who_is_botocore, who_is_the_aws_cli)

CREDENTIALS = """
import botocore.session
credentials = botocore.session.get_session().get_credentials()
credentials.get_frozen_credentials()
print(credentials.method)
"""
ROLE = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_mock-sso-role_"


def token_file(home):
    return home / ".aws" / "sso" / "cache" / (hashlib.sha1(b"mock").hexdigest() + ".json")


def expire(home):
    """Lets the token end in the file; the server would still take it."""
    token = json.loads(token_file(home).read_text())
    token["expiresAt"] = "2020-01-01T00:00:00Z"
    token_file(home).write_text(json.dumps(token))


def refresh_token(home):
    return json.loads(token_file(home).read_text())["refreshToken"]


def renewed_by(home, renew):
    """Expires the token, and lets somebody renew it: a new one must be in the file, good for everybody."""
    before = refresh_token(home)
    expire(home)
    renew()
    token = json.loads(token_file(home).read_text())
    expect(token["expiresAt"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), token["expiresAt"])
    expect(token["refreshToken"] != before, "the refresh token is the spent one")


@check
def a_token_of_our_device_login_serves_botocore_and_the_aws_cli(binaries, home):
    with mock(binaries, "--home", home, source="sso") as variables:
        token_file(home).unlink()
        # Without anybody who approves, it would wait. The page is the one that a person would open.
        login = start_ours(binaries, ["login", "--use-device-code", "--no-browser"], variables, home)
        approve(login)
        finish(login, "credential login")
        method, theirs = who_is_botocore(variables, home)
        expect(method == "sso" and theirs.startswith(ROLE), (method, theirs))
        expect(who_is_the_aws_cli(variables, home) == theirs, theirs)
        expect(who_are_we(binaries, variables, home) == theirs, theirs)


def approve(login):
    """Waits for the address and the code that a person is shown, and presses the button there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and login.poll() is None:
        with log_of_ours("r") as log:
            shown = log.read()
        address = re.search(r"http://127\.0\.0\.1:\d+/device(?![\w/])", shown)
        code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", shown)
        if address and code:
            form = urllib.parse.urlencode({"user_code": code.group(), "decision": "approve"}).encode()
            urllib.request.urlopen(address.group(), data=form, timeout=10).read()
            return
        time.sleep(0.05)
    login.kill()
    raise AssertionError("no address and code to log in with is shown")


@check
def a_token_of_our_browser_login_serves_botocore_and_ends_with_our_logout(binaries, home):
    browser = home / "browser"
    browser.write_text("#!/bin/sh\nexec %s -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()'"
                       ' "$1" > /dev/null 2>&1\n' % PYTHON)
    browser.chmod(0o700)
    with mock(binaries, "--home", home, "--approve-logins", source="sso") as variables:
        token_file(home).unlink()
        ours(binaries, ["login"], {**variables, "BROWSER": str(browser)}, home)
        expect(token_file(home).stat().st_mode & 0o777 == 0o600, oct(token_file(home).stat().st_mode))
        method, theirs = who_is_botocore(variables, home)
        expect(method == "sso" and theirs.startswith(ROLE), (method, theirs))
        renewed_by(home, lambda: who_is_botocore(variables, home))
        ours(binaries, ["logout"], variables, home)
        said = python(CREDENTIALS, variables, home, code=1)
    expect("SSO" in said and not token_file(home).exists(), said)


@check
def botocore_and_our_command_renew_each_others_tokens(binaries, home):
    with mock(binaries, "--home", home, source="sso") as variables:
        for _ in range(2):
            renewed_by(home, lambda: has_credentials(ours(binaries, ["export"], variables, home)))
            expect(who_is_botocore(variables, home)[0] == "sso", "botocore does not take our token")
            renewed_by(home, lambda: who_is_botocore(variables, home))
            expect(who_are_we(binaries, variables, home).startswith(ROLE), "we do not take botocore's token")
        expect(variables.count("POST /token") == 4, variables.count("POST /token"))


@check
def twenty_of_our_processes_share_one_single_use_refresh_token(binaries, home):
    with mock(binaries, "--home", home, source="sso") as variables:
        for number in range(50):
            expire(home)
            running = start_ours_at_once(20, binaries, ["export"], variables, home)
            said = [finish(process, "round %d" % number) for process in running]
            expect(all(map(has_credentials, said)), "a process of round %d has no credentials" % number)
            spent = variables.count("POST /token")
            expect(spent == number + 1, "%d renewals in %d rounds" % (spent, number + 1))
        expect(who_is_botocore(variables, home)[0] == "sso", "the last token is not good")


@check
def our_processes_that_are_killed_leave_nothing_locked_or_torn(binaries, home):
    # A token that is spent and not written yet would be lost with its process, whoever wrote it: hence reusable ones.
    chance = random.Random(4711)
    with mock(binaries, "--home", home, "--refresh-tokens", "reusable", source="sso") as variables:
        for number in range(20):
            expire(home)
            running = start_ours_at_once(10, binaries, ["export"], variables, home)
            doomed, others = running[:5], running[5:]
            for process in doomed:
                time.sleep(chance.uniform(0, 0.004))
                process.kill()
                process.communicate()
            said = [finish(process, "round %d" % number) for process in others]
            expect(all(map(has_credentials, said)), "a process of round %d has no credentials" % number)
            json.loads(token_file(home).read_text())
        expect(who_is_botocore(variables, home)[0] == "sso", "the last token is not good")


@check
def ten_of_our_processes_and_five_of_botocore_share_a_reusable_refresh_token(binaries, home):
    with mock(binaries, "--home", home, "--refresh-tokens", "reusable", source="sso") as variables:
        for number in range(3):
            expire(home)
            theirs = [start([PYTHON, "-c", CREDENTIALS], variables, home) for _ in range(5)]
            # botocore takes long to start: some of ours come before it, some in its midst.
            mine = []
            for _ in range(10):
                mine.append(start_ours(binaries, ["export"], variables, home))
                time.sleep(0.1)
            for process in theirs:
                expect(finish(process, "botocore").split() == ["sso"], "botocore has no credentials")
            said = [finish(process, "round %d" % number) for process in mine]
            expect(all(map(has_credentials, said)), "a process of round %d has no credentials" % number)


