"""The shared config files, read by the AWS CLI and by our command."""
import json

from support import BIN, check, expect, ours, python, run

CONFIG = """\
# a comment
; another
[default]
region = eu-central-1
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
[profile a.b-c_d/e+f:g%h]
region = us-west-2
[profile\ttabbed\t]
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
[bare]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = cAnArY0sEcReT
"""


# What `aws configure list-profiles` prints, and the region of each profile.
PROFILES = """
import botocore.session, json
every = botocore.session.get_session().full_config["profiles"]
print(json.dumps({name: profile.get("region") for name, profile in every.items()}))
"""


def both(binaries, home):
    """The profiles and their regions, as botocore and as our command reads them."""
    no_region = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}
    mine = json.loads(ours(binaries, ["profiles", "--json"], no_region, home))
    return json.loads(python(PROFILES, no_region, home)), {profile["name"]: profile["region"] for profile in mine}


@check
def our_command_lists_the_profiles_that_the_aws_cli_lists(binaries, home):
    write_files(home)
    theirs, mine = both(binaries, home)
    expect(set(mine) == set(theirs), {"ours alone": sorted(set(mine) - set(theirs)),
                                      "theirs alone": sorted(set(theirs) - set(mine))})


@check
def our_command_reads_the_regions_that_the_aws_cli_reads(binaries, home):
    write_files(home)
    theirs, mine = both(binaries, home)
    # The one rule that botocore does not have: a role's profile takes the region of its source profile.
    expect(theirs.pop("role") is None and mine.pop("role") == theirs["plain"], mine)
    expect(mine == theirs, {"ours": mine, "theirs": theirs})
    said = run([BIN / "aws", "configure", "get", "region", "--profile", "with blanks in it"], {}, home)
    expect(said.strip() == mine["with blanks in it"], said)


def write_files(home):
    aws = home / ".aws"
    aws.mkdir()
    (aws / "config").write_text(CONFIG)
    (aws / "credentials").write_text(CREDENTIALS)
