use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::Mutex;

use mock_imds::Record;

use super::arguments::{AccessLog, Arguments};

/// Where the line of each request goes.
pub(crate) enum Log {
    Off,
    StandardError,
    File(Mutex<File>),
}

impl Log {
    pub(crate) fn open(arguments: &Arguments) -> io::Result<Self> {
        Ok(match &arguments.access_log {
            Some(AccessLog::StandardError) => Self::StandardError,
            None if !arguments.quiet => Self::StandardError,
            Some(AccessLog::Off) | None => Self::Off,
            Some(AccessLog::File(path)) => {
                let file = OpenOptions::new().create(true).append(true).open(path)?;
                Self::File(Mutex::new(file))
            }
        })
    }

    pub(crate) fn line(&self, record: &Record) {
        // A log that cannot be written is no reason not to serve.
        let _ = match self {
            Self::Off => Ok(()),
            Self::StandardError => writeln!(io::stderr(), "{record}"),
            Self::File(file) => match file.lock() {
                Ok(mut file) => writeln!(file, "{record}"),
                Err(_) => Ok(()),
            },
        };
    }
}
