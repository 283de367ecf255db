pub(crate) const TOP: &str = "\
Prints AWS credentials, for shells, for programs and for people who wonder which ones they have.

Usage: credential <command> [options]

Commands:
  export    Print credentials: for a shell, or as a credential_process
  whoami    Ask AWS whose credentials they are
  plan      Show how a profile gets its credentials, without asking anybody
  profiles  List all profiles, and what is wrong with them
  login     Log in to IAM Identity Center
  logout    Log out again
  help      Show this text, or `credential help <command>`

Options:
  -h, --help       Show this text
  -V, --version    Show the version

Where credentials come from, in this order:
  1. the environment     AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
  2. the profile         --profile, AWS_PROFILE or `default` in ~/.aws/config and ~/.aws/credentials
  3. a web identity      AWS_WEB_IDENTITY_TOKEN_FILE
  4. the container       AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI
  5. instance metadata   EC2, unless AWS_EC2_METADATA_DISABLED is true

The first that is set up is used. If it does not work, that is an error: no other identity takes its place.

Variables:
  CREDENTIAL_LOG    Log to standard error, as `debug` or `credential_http=trace`; never a secret
";

pub(crate) const EXPORT: &str = "\
Prints credentials on standard output and nothing else there.

Usage: credential export [options]

Options:
  -p, --profile <name>     Use this profile; keys in the environment are then passed over
  -f, --format <format>    How to print them (see below)
  -v, --verbose            Tell on standard error which sources were asked, what they said,
                           and what has no effect
  -h, --help               Show this text

Formats:
  process       The document that `credential_process` asks for, on one line
  json          The same on several lines, with the source's name
  env           export lines for sh, bash, zsh and their like
  fish          set lines for fish
  powershell    assignments for PowerShell
  Default: `process` when standard output is not a terminal, else the one for your shell (SHELL).

Examples:
  eval \"$(credential export --format env)\"
  credential export --profile deploy --format fish | source
  credential export --format powershell | Out-String | Invoke-Expression

  In ~/.aws/config, for programs whose SDK knows fewer sources:
  [profile other-tools]
  credential_process = credential export --profile deploy

Where a role's profile has `mfa_serial`, its code is asked for at the terminal, also when standard output is a pipe.
Sessions of roles are kept in ~/.aws/cli/cache, where the AWS CLI keeps them too: whatever one of them has assumed
serves the other, as long as more than 15 minutes of it are left.

Exit status: 0 with credentials; 1 without, with every source and its reason on standard error; 2 for a wrong
command line.
";

pub(crate) const WHOAMI: &str = "\
Asks AWS (STS GetCallerIdentity, which needs no permission) whose the credentials are.

Usage: credential whoami [options]

Options:
  -p, --profile <name>    Use this profile; keys in the environment are then passed over
  -v, --verbose           Tell on standard error which sources were asked, what they said,
                          and what has no effect
  -h, --help              Show this text

MFA codes and the sessions of roles are as with `credential export`.
The region is AWS_REGION, AWS_DEFAULT_REGION or the profile's `region`. The endpoint may be another one:
AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, or `endpoint_url` in the profile or its `services` section.

Exit status: 0 with an answer; 1 without, with the reason on standard error; 2 for a wrong command line.
";

pub(crate) const PLAN: &str = "\
Shows how a profile gets its credentials: where they start, and which roles are assumed from there. It reads the two
files and asks nobody.

Usage: credential plan [options]

Options:
  -p, --profile <name>    Use this profile; default: AWS_PROFILE, AWS_DEFAULT_PROFILE or `default`
  -h, --help              Show this text

Exit status: 0 with a plan; 1 when the profile cannot work, with the reason on standard error; 2 for a wrong command
line.
";

pub(crate) const PROFILES: &str = "\
Lists all profiles of ~/.aws/config and ~/.aws/credentials (or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE). It
asks nobody and shows no secret.

Usage: credential profiles [options]

Options:
      --json    Print a list of objects for programs
  -h, --help    Show this text

Kinds: role, web identity, SSO, login, process, static keys; `settings` has no credentials, and is not meant to.

Each object of --json has these members, where one that is not known is null:
  name, kind           text
  gives_credentials    false when the profile cannot work, or has settings alone
  account_id, role_name, role_arn, region
  source_profiles      the profiles that its credentials come from, from the next to the last
  mfa_serials          the MFA devices that are asked for
  defined              where its sections are: objects of `file` and `line`
  error                why it cannot work
  problems             what in it has no effect

Exit status: 0 with a list, though some profiles may not work; 1 when a file cannot be understood, with the reason on
standard error; 2 for a wrong command line.
";

pub(crate) const LOGIN: &str = "\
Logs in to IAM Identity Center, for this command, the AWS CLI and AWS's SDKs alike.

Usage: credential login [options]

Options:
  -p, --profile <name>     Use this profile; default: AWS_PROFILE, AWS_DEFAULT_PROFILE or `default`
      --use-device-code    Log in with a code, in a browser on any machine
      --no-browser         Open no browser; show the address
  -h, --help               Show this text

It opens the browser that BROWSER names, else the system's own. Where there is none, as in an SSH session, and for
profiles without `sso_session`, it takes a device code.

For a moment the login's address stands among the browser's arguments, where other users of this machine may read it,
and log this command in as themselves (the AWS CLI does the same): on a machine with several users, take
--use-device-code.

Exit status: 0 when logged in; 1 when not, with the reason on standard error; 2 for a wrong command line.
";

pub(crate) const LOGOUT: &str = "\
Logs out of IAM Identity Center: ends the session there, and removes its token from this machine.

Usage: credential logout [options]

Options:
  -p, --profile <name>    Use this profile; default: AWS_PROFILE, AWS_DEFAULT_PROFILE or `default`
  -h, --help              Show this text

The sessions of roles that began with it and are kept in ~/.aws/cli/cache are removed too. Credentials that a program
has got before stay good until they expire.

Exit status: 0 when logged out; 1 when not, with the reason on standard error; 2 for a wrong command line.
";

pub(crate) fn version() -> String {
    format!("credential {}\n", env!("CARGO_PKG_VERSION"))
}
