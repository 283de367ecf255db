"""The shared config files, read by the AWS CLI and by our command."""
import json

from support import BIN, check, expect, ours, run

CONFIG = """\
# a comment
; another
[default]
region = eu-central-1   # with a comment behind it
output = json

[profile plain]
region=us-east-1
[profile role]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = plain
s3 =
  max_concurrent_requests = 20
  addressing_style = path
[profile "with blanks in it"]
region = us-west-2
[profile 'single']
region = us-west-2
[profile user@example.com]
region = us-west-2
[profile a.b-c_d/e+f=g:h%i]
region = us-west-2
[\tprofile\ttabbed\t]
region = us-west-2
[profile empty]
[profile MixedCase]
region = us-west-2
[profile mixedcase]
region = us-west-2
[profile profile]
region = us-west-2
[profile default-ish]
region = us-west-2
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
[profile in-both]
region = us-west-2

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
[services local]
sts =
  endpoint_url = http://127.0.0.1:1
[plugins]
cli_legacy_plugin_path = /nowhere
[preview]
cloudfront = true
"""

CREDENTIALS = """\
[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = cAnArY0sEcReT
[in-both]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = cAnArY0sEcReT
[only here]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = cAnArY0sEcReT
[bare]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = cAnArY0sEcReT
"""


@check
def our_command_lists_the_profiles_that_the_aws_cli_lists(binaries, home):
    aws = home / ".aws"
    aws.mkdir()
    (aws / "config").write_text(CONFIG)
    (aws / "credentials").write_text(CREDENTIALS)
    theirs = run([BIN / "aws", "configure", "list-profiles"], {}, home).splitlines()
    mine = [profile["name"] for profile in json.loads(ours(binaries, ["profiles", "--json"], {}, home))]
    expect(len(mine) == len(set(mine)), mine)
    expect(set(mine) == set(theirs), {"ours alone": sorted(set(mine) - set(theirs)),
                                      "theirs alone": sorted(set(theirs) - set(mine))})


@check
def our_command_reads_the_settings_that_the_aws_cli_reads(binaries, home):
    aws = home / ".aws"
    aws.mkdir()
    (aws / "config").write_text(CONFIG)
    (aws / "credentials").write_text(CREDENTIALS)
    no_region = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
    listed = {profile["name"]: profile for profile in json.loads(ours(binaries, ["profiles", "--json"], {}, home))}
    for name in ("default", "with blanks in it", "tabbed", "MixedCase", "in-both", "a.b-c_d/e+f=g:h%i"):
        theirs = run([BIN / "aws", "configure", "get", "region", "--profile", name], no_region, home).strip()
        expect(listed[name]["region"] == theirs, (name, listed[name]["region"], theirs))
