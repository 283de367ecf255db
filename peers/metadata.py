"""Instance metadata, container endpoints and variables: real clients at our mock, and our command beside them."""
import json
import shlex
import textwrap

from support import BIN, PYTHON, check, expect, mock, run

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
        said = json.loads(run([BIN / "aws", "ec2", "describe-spot-instance-requests", "--output", "json"],
                              variables, home))
    expect(said["SpotInstanceRequests"][0]["State"] == "active", said)


@check
def our_command_uses_the_mock_as_botocore_does(binaries, home):
    for source in ["imds", "eks", "ecs", "env"]:
        with mock(binaries, source=source) as variables:
            document = json.loads(run([binaries / "credential", "export"], variables, home))
            who = run([binaries / "credential", "whoami"], variables, home)
        expect(document["Version"] == 1 and document["AccessKeyId"].startswith("A"), sorted(document))
        expect("123456789012" in who, (source, who))


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
