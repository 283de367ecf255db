"""Our command and our STS client at a server that others wrote."""
import base64
import json
import time

from support import CANARY, check, expect, log_of_ours, moto, run, who_are_we


@check
def our_command_tells_who_it_is_at_moto(binaries, home):
    with moto() as variables:
        who = who_are_we(binaries, variables, home)
    expect(who.startswith("arn:aws:sts::123456789012:"), who)


@check
def our_sts_client_assumes_a_role_at_moto(binaries, home):
    with moto() as variables, log_of_ours() as log:
        said = run([binaries / "assume_role_for_real", "arn:aws:iam::123456789012:role/example"],
                   {**variables, "RUST_LOG": "trace"}, home, log=log)
    expect(":assumed-role/example/" in said, said)


@check
def our_command_becomes_a_web_identity_at_moto(binaries, home):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"iss": "https://oidc.example.com", "sub": "peer", "aud": "sts", "exp": int(time.time()) + 600}
    signature = CANARY.translate({ord("/"): "_", ord("+"): "-"})
    (home / "token").write_text(".".join([part({"alg": "RS256", "typ": "JWT"}), part(claims), signature]))
    with moto() as variables:
        by_variables = {"AWS_ENDPOINT_URL_STS": variables["AWS_ENDPOINT_URL_STS"],
                        "AWS_WEB_IDENTITY_TOKEN_FILE": str(home / "token"), "AWS_ROLE_SESSION_NAME": "pod",
                        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web"}
        who = who_are_we(binaries, by_variables, home)
    expect(who == "arn:aws:sts::123456789012:assumed-role/web/pod", who)


@check
def our_command_assumes_one_role_after_another_at_moto(binaries, home):
    with moto() as variables:
        aws = home / ".aws"
        aws.mkdir()
        (aws / "credentials").write_text(
            "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = %s\n" % CANARY)
        (aws / "config").write_text(
            "[profile first]\nrole_arn = arn:aws:iam::123456789012:role/first\nrole_session_name = one\n"
            "source_profile = base\n"
            "[profile second]\nrole_arn = arn:aws:iam::210987654321:role/second\nrole_session_name = two\n"
            "external_id = 4711\nduration_seconds = 900\nsource_profile = first\n")
        endpoint = {"AWS_ENDPOINT_URL_STS": variables["AWS_ENDPOINT_URL_STS"]}
        who = [who_are_we(binaries, endpoint, home, "--profile", profile) for profile in ("first", "second")]
    expect(who == ["arn:aws:sts::123456789012:assumed-role/first/one",
                   "arn:aws:sts::210987654321:assumed-role/second/two"], who)
