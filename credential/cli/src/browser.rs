use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use credential_chain::Variables;

/// How a browser is opened here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Browser {
    /// Commands to try, each a program and its arguments; `%s` stands for the address.
    commands: Vec<Vec<String>>,
}

/// The desktops that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Windows,
    Mac,
    /// One that X11 or Wayland shows, if any.
    Other,
}

impl Browser {
    /// The one that `BROWSER` names, else the desktop's own.
    ///
    /// # Errors
    /// Why there is none, as the tail of a sentence.
    pub(crate) fn find(variables: &Variables) -> Result<Self, &'static str> {
        let system = if cfg!(windows) {
            System::Windows
        } else if cfg!(target_os = "macos") {
            System::Mac
        } else {
            System::Other
        };
        Self::on(system, variables, is_in_path)
    }

    fn on(
        system: System,
        variables: &Variables,
        is_there: impl Fn(&Variables, &str) -> bool,
    ) -> Result<Self, &'static str> {
        let is_set = |name| variables.get(name).ok().flatten().is_some();
        if let Ok(Some(wishes)) = variables.get("BROWSER") {
            return Ok(Self::wished(&wishes));
        }
        if is_set("SSH_CONNECTION") {
            return Err("this is an SSH session");
        }
        match system {
            System::Windows => Ok(Self::of("rundll32 url.dll,FileProtocolHandler %s")),
            System::Mac => Ok(Self::of("open %s")),
            System::Other if !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") => {
                Err("neither DISPLAY nor WAYLAND_DISPLAY is set")
            }
            System::Other if !is_there(variables, "xdg-open") => Err("there is no xdg-open"),
            System::Other => Ok(Self::of("xdg-open %s")),
        }
    }

    fn of(command: &str) -> Self {
        Self {
            commands: vec![words(command)],
        }
    }

    /// `firefox:/opt/other --new-window %s`, in the order in which they are tried.
    fn wished(wishes: &str) -> Self {
        let separator = if cfg!(windows) { ';' } else { ':' };
        let mut commands: Vec<Vec<String>> = wishes
            .split(separator)
            .map(words)
            .filter(|words| !words.is_empty())
            .collect();
        for command in &mut commands {
            if !command.iter().any(|word| word.contains("%s")) {
                command.push("%s".to_owned());
            }
        }
        Self { commands }
    }

    /// Starts it and does not wait. It lives on without us, and writes nothing here.
    pub(crate) fn open(&self, url: &str) -> io::Result<()> {
        // Whatever a server says, it must not become an option or a file.
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a web address"));
        }
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for words in &self.commands {
            let Some((program, arguments)) = words.split_first() else {
                continue;
            };
            let mut command = Command::new(program);
            command
                .args(arguments.iter().map(|word| word.replace("%s", url)))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            // Ctrl-C here is not meant for the browser.
            #[cfg(unix)]
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
            match command.spawn() {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

fn is_in_path(variables: &Variables, program: &str) -> bool {
    let path = variables.get_path("PATH").ok().flatten().unwrap_or_default();
    std::env::split_paths(&path).any(|folder: std::path::PathBuf| Path::is_file(&folder.join(program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://example.com/?a=1&b=2";

    fn on(system: System, variables: &[(&str, &str)]) -> Result<Browser, &'static str> {
        let variables = variables.iter().copied().collect();
        Browser::on(system, &variables, |_, _| true)
    }

    #[test]
    fn each_desktop_has_its_own_way() {
        for (system, variables, command) in [
            (
                System::Windows,
                &[][..],
                Ok("rundll32 url.dll,FileProtocolHandler %s"),
            ),
            (System::Mac, &[], Ok("open %s")),
            (System::Other, &[("DISPLAY", ":0")], Ok("xdg-open %s")),
            (
                System::Other,
                &[("WAYLAND_DISPLAY", "wayland-0")],
                Ok("xdg-open %s"),
            ),
            (
                System::Other,
                &[],
                Err("neither DISPLAY nor WAYLAND_DISPLAY is set"),
            ),
            (
                System::Other,
                &[("DISPLAY", " ")],
                Err("neither DISPLAY nor WAYLAND_DISPLAY is set"),
            ),
            (
                System::Other,
                &[("DISPLAY", ":10"), ("SSH_CONNECTION", "1.2.3.4 1 5.6.7.8 22")],
                Err("this is an SSH session"),
            ),
            (
                System::Mac,
                &[("SSH_CONNECTION", "1.2.3.4 1 5.6.7.8 22")],
                Err("this is an SSH session"),
            ),
        ] {
            assert_eq!(
                on(system, variables),
                command.map(Browser::of),
                "{system:?} {variables:?}"
            );
        }
        let variables = Variables::from([("DISPLAY", ":0"), ("PATH", "/nowhere")]);
        assert_eq!(
            Browser::on(System::Other, &variables, is_in_path),
            Err("there is no xdg-open")
        );
    }

    #[cfg(not(windows))]
    #[test]
    fn the_browser_of_ones_own_counts_first() {
        let wished = [
            ("BROWSER", "firefox::/opt/b --new %s"),
            ("SSH_CONNECTION", "1.2.3.4 1 5.6.7.8 22"),
        ];
        let browser = on(System::Other, &wished).unwrap();
        assert_eq!(
            browser.commands,
            [vec!["firefox", "%s"], vec!["/opt/b", "--new", "%s"]]
        );
    }

    #[test]
    fn nothing_but_a_web_address_is_opened() {
        for url in ["--help", "file:///etc/passwd", "", "javascript:x"] {
            let error = Browser::of("true %s").open(url).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_next_command_is_tried_when_one_is_not_there() {
        let browser = Browser::wished("/nowhere/browser:true");
        browser.open(URL).unwrap();
        let error = Browser::wished("/nowhere/browser").open(URL).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
