"""A web identity token, exchanged for a role's credentials."""
from support import check, expect, mock, who_are_we, who_is_botocore


@check
def botocore_and_our_command_become_the_same_web_identity_by_variables(binaries, home):
    with mock(binaries, source="web-identity") as variables:
        variables["AWS_ROLE_SESSION_NAME"] = "peer"
        method, theirs = who_is_botocore(variables, home)
        mine = who_are_we(binaries, variables, home)
        asked = variables.count("POST / AssumeRoleWithWebIdentity")
    expect(method == "assume-role-with-web-identity" and theirs.endswith("/peer"), (method, theirs))
    expect(mine == theirs, (mine, theirs))
    expect(asked == 2, asked)


@check
def botocore_and_our_command_become_the_same_web_identity_by_a_profile(binaries, home):
    with mock(binaries, "--home", home, source="sso") as variables:
        config, section = home / ".aws" / "config", "[profile mock-web-identity]\n"
        config.write_text(config.read_text().replace(section, section + "role_session_name = peer\n"))
        del variables["AWS_PROFILE"], variables["AWS_ENDPOINT_URL_STS"]
        method, theirs = who_is_botocore(variables, home, "mock-web-identity")
        mine = who_are_we(binaries, variables, home, "--profile", "mock-web-identity")
    expect(method == "assume-role-with-web-identity" and theirs.endswith("/peer"), (method, theirs))
    expect(mine == theirs, (mine, theirs))
