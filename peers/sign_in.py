"""Sign-ins of `aws login`: one session file, several programs."""
import json
import time

from support import check, expect, finish, has_credentials, mock, ours, start_ours_at_once, who_are_we, who_is_botocore


def session_file(home):
    [path] = (home / ".aws" / "login" / "cache").glob("*.json")
    return path


def expire(home):
    """Lets the credentials end in the file."""
    session = json.loads(session_file(home).read_text())
    session["accessToken"]["expiresAt"] = "2020-01-01T00:00:00Z"
    session_file(home).write_text(json.dumps(session))


def renewed_by(home, renew):
    """Expires the credentials, and lets somebody renew them: new ones must be in the file, and nothing else changed."""
    before = json.loads(session_file(home).read_text())
    expire(home)
    renew()
    after = json.loads(session_file(home).read_text())
    expect(after["accessToken"]["expiresAt"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "still expired")
    expect(after["refreshToken"] != before["refreshToken"], "the refresh token is the spent one")
    for kept in ("clientId", "dpopKey"):
        expect(after[kept] == before[kept], kept)
    expect(after["accessToken"]["accountId"] == before["accessToken"]["accountId"], "another account")


@check
def botocore_and_our_command_renew_each_others_sign_ins(binaries, home):
    with mock(binaries, "--home", home, source="login") as variables:
        method, arn = who_is_botocore(variables, home)
        expect(method == "login", method)
        for _ in range(2):
            renewed_by(home, lambda: ours(binaries, ["export"], variables, home))
            expect(who_is_botocore(variables, home) == ("login", arn), "botocore does not take our session")
            renewed_by(home, lambda: who_is_botocore(variables, home))
            expect(who_are_we(binaries, variables, home) == arn, "we do not take botocore's session")
        expect(variables.count("POST /v1/token") == 4, variables.count("POST /v1/token"))


@check
def twenty_of_our_processes_share_one_sign_in(binaries, home):
    with mock(binaries, "--home", home, source="login") as variables:
        for number in range(20):
            expire(home)
            running = start_ours_at_once(20, binaries, ["export"], variables, home)
            said = [finish(process, "round %d" % number) for process in running]
            expect(all(map(has_credentials, said)), "a process of round %d has no credentials" % number)
            spent = variables.count("POST /v1/token")
            expect(spent == number + 1, "%d renewals in %d rounds" % (spent, number + 1))
        expect(who_is_botocore(variables, home)[0] == "login", "the last session is not good")
