use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};

/// The longest line that is read: nobody types more.
const LONGEST_LINE: u64 = 1024;

/// A person's terminal: theirs even when standard output is a pipe.
#[derive(Debug)]
pub(crate) struct Terminal<R = Input, W = Output> {
    input: R,
    output: W,
}

#[derive(Debug)]
pub(crate) enum Input {
    Own(BufReader<File>),
    Standard(BufReader<io::Stdin>),
}

#[derive(Debug)]
pub(crate) enum Output {
    Own(File),
    Error(io::Stderr),
}

impl Terminal {
    /// The terminal that controls this process; else standard input and standard error, if both are one. Never standard
    /// output, which belongs to whoever reads the credentials.
    pub(crate) fn open() -> Option<Self> {
        let (input, output) = if cfg!(windows) {
            ("CONIN$", "CONOUT$")
        } else {
            ("/dev/tty", "/dev/tty")
        };
        let open = |path| OpenOptions::new().read(true).write(true).open(path);
        if let (Ok(input), Ok(output)) = (open(input), open(output)) {
            return Some(Self {
                input: Input::Own(BufReader::new(input)),
                output: Output::Own(output),
            });
        }
        let (input, output) = (io::stdin(), io::stderr());
        (input.is_terminal() && output.is_terminal()).then(|| Self {
            input: Input::Standard(BufReader::new(input)),
            output: Output::Error(output),
        })
    }
}

impl<R: BufRead, W: Write> Terminal<R, W> {
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    /// The next line; `None` at the end of the input.
    pub(crate) fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        (&mut self.input)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?;
        Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned()))
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Own(input) => input.read(buffer),
            Self::Standard(input) => input.read(buffer),
        }
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Own(input) => input.fill_buf(),
            Self::Standard(input) => input.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::Own(input) => input.consume(amount),
            Self::Standard(input) => input.consume(amount),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Own(output) => output.write(bytes),
            Self::Error(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Own(output) => output.flush(),
            Self::Error(output) => output.flush(),
        }
    }
}

#[cfg(test)]
impl<R, W> Terminal<R, W> {
    pub(crate) fn of(input: R, output: W) -> Self {
        Self { input, output }
    }
}
