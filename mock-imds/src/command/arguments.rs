use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use mock_imds::{
    Builder, MockImds, RefreshTokens, Rotation, Scenario, Signatures, Source, SpotAction, SsoSettings,
    TokenMode,
};

use super::shell::Format;
use super::words::{UsageError, Words};
use super::{duration, values};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Asked {
    Help,
    Version,
    Serve(Box<Arguments>),
    /// To run this command, program first, beside a server.
    Exec(Box<Arguments>, Vec<OsString>),
}

/// How to serve. The defaults suit a person at a laptop: both versions of instance metadata, a port that stays.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) address: SocketAddr,
    allowed_hosts: Vec<String>,
    roles: Vec<String>,
    no_role: bool,
    account: String,
    region: String,
    spot: bool,
    interruption: Option<Duration>,
    seed: Option<u64>,
    scenarios: Vec<Scenario>,
    lifetime: Option<Duration>,
    rotates_every: Option<Duration>,
    signatures: Signatures,
    metadata: Vec<(String, String)>,
    task_role: Option<String>,
    tokens: TokenMode,
    pub(crate) print_env: Option<Format>,
    pub(crate) source: Source,
    home: Option<PathBuf>,
    approves_logins: bool,
    refresh_tokens: RefreshTokens,
    mfa_devices: Vec<(String, String)>,
    pub(crate) access_log: Option<AccessLog>,
    /// Where to say that the server listens, as long as it does.
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) quiet: bool,
    /// Whether the farewell is wanted where there usually is none.
    pub(crate) says_farewell: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AccessLog {
    StandardError,
    Off,
    File(PathBuf),
}

pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Asked, UsageError> {
    let mut words: Vec<OsString> = arguments.collect();
    if words.first().is_none_or(|word| word != "exec") {
        return parse_options(words, Arguments::default(), |all| Asked::Serve(Box::new(all)));
    }
    words.remove(0);
    let mut command = Vec::new();
    if let Some(at) = words.iter().position(|word| word == "--") {
        command = words.split_off(at);
        command.remove(0);
    }
    let mut all = Arguments {
        access_log: Some(AccessLog::Off),
        ..Arguments::default()
    };
    // Any free port: many may run at the same time, and the command is told.
    all.address.set_port(0);
    match parse_options(words, all, |all| Asked::Exec(Box::new(all), command))? {
        Asked::Exec(_, command) if command.is_empty() => Err(UsageError::NoCommand),
        Asked::Exec(all, _) if all.print_env.is_some() => Err(UsageError::NotWithExec("--print-env")),
        Asked::Exec(all, _) if all.ready_file.is_some() => Err(UsageError::NotWithExec("--ready-file")),
        asked => Ok(asked),
    }
}

fn parse_options(
    words: Vec<OsString>,
    mut all: Arguments,
    asked: impl FnOnce(Arguments) -> Asked,
) -> Result<Asked, UsageError> {
    let mut words = Words::new(words)?;
    while let Some(option) = words.next_option()? {
        match option.as_str() {
            "-h" | "--help" => return Ok(Asked::Help),
            "-v" | "--version" => return Ok(Asked::Version),
            "-p" | "--port" => all
                .address
                .set_port(words.value(&option, "a port, 0 to 65535", |text| text.parse().ok())?),
            "-n" | "--hostname" => {
                all.address
                    .set_ip(words.value(&option, "an IP address", values::address)?);
            }
            "--allow-host" => all.allowed_hosts.push(words.text(&option)?),
            "--role" => all
                .roles
                .push(words.value(&option, "a role name", values::role_name)?),
            "--no-role" => all.no_role = words.flag(&option)?,
            "--account" => all.account = words.value(&option, "twelve digits", values::account)?,
            "--region" => all.region = words.value(&option, "a Region, as eu-central-1", values::region)?,
            "--spot" => all.spot = words.flag(&option)?,
            "--interrupt-after" => {
                all.interruption =
                    Some(words.value(&option, "a time, as 90s, 15m or 6h", duration::parse)?);
            }
            "--seed" => all.seed = Some(words.value(&option, "a number", |text| text.parse().ok())?),
            "--scenario" => {
                let wanted = "one of those that --help lists";
                all.scenarios.push(words.value(&option, wanted, Scenario::named)?);
            }
            "--credential-lifetime" => {
                all.lifetime = Some(words.value(&option, "a time, as 90s, 15m or 6h", duration::parse)?);
            }
            "--rotate-every" => {
                all.rotates_every =
                    Some(words.value(&option, "a time, as 90s, 15m or 6h", duration::parse)?);
            }
            "--signatures" => {
                all.signatures = words.value(&option, "on, lenient or off", values::signatures)?;
            }
            "--metadata" => {
                let wanted = "a path and a value, as PATH=VALUE";
                all.metadata.push(words.value(&option, wanted, values::metadata)?);
            }
            "--task-role" => {
                all.task_role = Some(words.value(&option, "a role name", values::role_name)?);
            }
            "-I" | "--imdsv2" => {
                words.flag(&option)?;
                all.tokens = TokenMode::Required;
            }
            "--tokens" => {
                all.tokens = words.value(
                    &option,
                    "required, optional, disabled or v1-only",
                    values::token_mode,
                )?;
            }
            "--print-env" => {
                all.print_env =
                    Some(words.value(&option, "bash, fish, powershell, dotenv or json", Format::parse)?);
            }
            "--source" => {
                all.source = words.value(&option, "one of those that --help lists", values::source)?;
            }
            "--access-log" => all.access_log = Some(values::access_log(words.text(&option)?)),
            "--ready-file" => all.ready_file = Some(words.text(&option)?.into()),
            "--home" => all.home = Some(words.text(&option)?.into()),
            "--approve-logins" => all.approves_logins = words.flag(&option)?,
            "--refresh-tokens" => {
                all.refresh_tokens = words.value(
                    &option,
                    "single-use, reusable or unmentioned",
                    values::refresh_tokens,
                )?;
            }
            "--mfa-device" => {
                all.mfa_devices.push(words.value(
                    &option,
                    "a serial number and six digits, as SERIAL=123456",
                    values::mfa_device,
                )?);
            }
            "--summary" => all.says_farewell = words.flag(&option)?,
            "--quiet" => all.quiet = words.flag(&option)?,
            _ => return Err(UsageError::Unknown(option)),
        }
    }
    Ok(asked(all))
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 1338)),
            allowed_hosts: Vec::new(),
            roles: Vec::new(),
            no_role: false,
            account: "123456789012".into(),
            region: "us-east-1".into(),
            spot: false,
            interruption: None,
            seed: None,
            scenarios: Vec::new(),
            lifetime: None,
            rotates_every: None,
            signatures: Signatures::On,
            metadata: Vec::new(),
            task_role: None,
            tokens: TokenMode::Optional,
            print_env: None,
            source: Source::InstanceMetadata,
            home: None,
            approves_logins: false,
            refresh_tokens: RefreshTokens::SingleUse,
            mfa_devices: Vec::new(),
            access_log: None,
            ready_file: None,
            quiet: false,
            says_farewell: false,
        }
    }
}

impl Arguments {
    /// Who the server plays, in a line.
    pub(crate) fn summary(&self) -> String {
        let role = match (self.no_role, self.roles.as_slice()) {
            (true, _) => "no role".to_owned(),
            (false, []) => "role mock-role".to_owned(),
            (false, roles) => format!("role {}", roles.join(", ")),
        };
        let tokens = match self.tokens {
            TokenMode::Required => "version 2 alone",
            TokenMode::Optional => "versions 1 and 2",
            TokenMode::Disabled => "switched off",
            TokenMode::V1Only => "version 1 alone",
        };
        format!(
            "account {}, {}, {role}; instance metadata {tokens}",
            self.account, self.region
        )
    }

    pub(crate) fn builder(self) -> Builder {
        let mut builder = MockImds::builder()
            .address(self.address)
            .tokens(self.tokens)
            .signatures(self.signatures)
            .account(&self.account)
            .region(&self.region);
        for name in &self.allowed_hosts {
            builder = builder.allow_host(name);
        }
        for name in &self.roles {
            builder = builder.role(name);
        }
        if self.no_role {
            builder = builder.no_role();
        }
        if self.spot {
            builder = builder.spot();
        }
        if let Some(after) = self.interruption {
            builder = builder.spot_interruption(SpotAction::Terminate, after);
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if let Some(lifetime) = self.lifetime {
            builder = builder.credential_lifetime(lifetime);
        }
        if let Some(age) = self.rotates_every {
            builder = builder.rotation(Rotation::Every(age));
        }
        if let Some(role) = &self.task_role {
            builder = builder.task_role(role);
        }
        for (path, value) in &self.metadata {
            builder = builder.value(path, value);
        }
        if let Some(folder) = &self.home {
            builder = builder.home(folder);
        }
        for (serial, code) in &self.mfa_devices {
            builder = builder.mfa_device(serial, code);
        }
        let mut sso = SsoSettings::new().refresh_tokens(self.refresh_tokens);
        if self.approves_logins {
            sso = sso.approve_automatically();
        }
        // Last: what belongs to a scenario goes before what is usual.
        self.scenarios
            .into_iter()
            .fold(builder.sso(sso), Builder::scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Asked, UsageError> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn served(line: &str) -> Arguments {
        match parsed(line) {
            Ok(Asked::Serve(arguments)) => *arguments,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_value_may_stand_behind_an_option_in_four_ways() {
        for line in ["-p 80", "-p80", "--port 80", "--port=80"] {
            assert_eq!(served(line).address.port(), 80, "{line}");
        }
        assert_eq!(served("").address.to_string(), "127.0.0.1:1338");
        assert_eq!(served("-n [::1] -p 0").address.to_string(), "[::1]:0");
        assert_eq!(served("--imdsv2").tokens, TokenMode::Required);
        assert_eq!(served("--access-log off").access_log, Some(AccessLog::Off));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, message) in [
            ("--prot 80", "there is no option --prot"),
            ("serve", "there is no option serve"),
            ("--port", "--port wants a value"),
            ("--port 80a", "--port wants a port, 0 to 65535, not \"80a\""),
            ("--port 65536", "--port wants a port, 0 to 65535, not \"65536\""),
            ("-n example.com", "-n wants an IP address, not \"example.com\""),
            ("--quiet=yes", "--quiet takes no value"),
            ("--role a/b", "--role wants a role name, not \"a/b\""),
            (
                "--source saml",
                "--source wants one of those that --help lists, not \"saml\"",
            ),
            ("--account 1", "--account wants twelve digits, not \"1\""),
            ("--seed x", "--seed wants a number, not \"x\""),
            (
                "--scenario sunshine",
                "--scenario wants one of those that --help lists, not \"sunshine\"",
            ),
            (
                "exec",
                "exec wants a command: mock-imds exec [OPTIONS] -- COMMAND",
            ),
            (
                "exec --",
                "exec wants a command: mock-imds exec [OPTIONS] -- COMMAND",
            ),
            ("exec true", "there is no option true"),
            (
                "exec --print-env bash -- true",
                "--print-env is of no use to exec: its command gets the variables",
            ),
            ("-- true", "there is no option --"),
            (
                "--signatures maybe",
                "--signatures wants on, lenient or off, not \"maybe\"",
            ),
            (
                "--metadata =x",
                "--metadata wants a path and a value, as PATH=VALUE, not \"=x\"",
            ),
            (
                "--refresh-tokens twice",
                "--refresh-tokens wants single-use, reusable or unmentioned, not \"twice\"",
            ),
            (
                "--mfa-device GAHT12345678",
                "--mfa-device wants a serial number and six digits, as SERIAL=123456, not \"GAHT12345678\"",
            ),
        ] {
            assert_eq!(parsed(line).unwrap_err().to_string(), message, "{line}");
        }
    }

    #[test]
    fn what_stands_behind_two_hyphens_is_the_command_whatever_it_is() {
        let Ok(Asked::Exec(arguments, command)) = parsed("exec --role web -- echo --port -- x") else {
            panic!("no command");
        };
        assert_eq!(command, ["echo", "--port", "--", "x"]);
        assert_eq!(
            (arguments.address.port(), arguments.roles.as_slice()),
            (0, &["web".to_owned()][..])
        );
        assert!(matches!(parsed("exec --help"), Ok(Asked::Help)));
    }

    #[test]
    fn help_names_every_option() {
        let help = include_str!("help.txt");
        for scenario in Scenario::ALL {
            assert!(help.contains(scenario.name()), "{scenario}");
        }
        for option in [
            "--port",
            "--hostname",
            "--allow-host",
            "--role",
            "--no-role",
            "--account",
            "--region",
            "--spot",
            "--interrupt-after",
            "--credential-lifetime",
            "--seed",
            "--scenario",
            "--summary",
            "--rotate-every",
            "--signatures",
            "--metadata",
            "--task-role",
            "--ready-file",
            "--imdsv2",
            "--tokens",
            "--print-env",
            "--source",
            "--access-log",
            "--home",
            "--approve-logins",
            "--refresh-tokens",
            "--mfa-device",
            "--quiet",
            "--help",
            "--version",
        ] {
            assert!(help.contains(option), "{option}");
            assert!(!matches!(parsed(option), Err(UsageError::Unknown(_))), "{option}");
        }
    }
}
