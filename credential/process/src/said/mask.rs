pub(super) const HIDDEN: &str = "[hidden]";
/// Stands for a hidden argument until all is masked: a run with it is hidden as a whole, so that it breaks none in two.
pub(super) const MARK: char = '\u{e000}';
const SHORTEST_SECRET: usize = 16;

/// One line: whatever may be a secret is hidden, line ends become bars.
pub(super) fn mask(text: &str) -> String {
    let mut masked = String::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // Base64 is often broken into lines, and the last one may be short.
        if goes_on && line.chars().all(is_of_secret) {
            continue;
        }
        if !masked.is_empty() {
            masked.push_str(" | ");
        }
        goes_on = mask_line(line, &mut masked);
    }
    masked
}

/// Adds a line. Whether it ends with a secret that may go on in the next.
fn mask_line(line: &str, masked: &mut String) -> bool {
    let mut ends_with_run = false;
    let mut numbers = Numbers::default();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let length = rest.find(|letter| !is_of_secret(letter)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        ends_with_run = !run.is_empty();
        if let Some(behind) = behind_login(rest) {
            masked.push_str("://");
            masked.push_str(HIDDEN);
            rest = behind;
            continue;
        }
        if run.is_empty() {
            masked.push(letter);
            rest = behind.get(letter.len_utf8()..).unwrap_or_default();
            continue;
        }
        rest = behind;
        match run.split_once('=').filter(|(name, _)| names_a_secret(name)) {
            // `password=hunter2`
            Some((name, value)) if !value.is_empty() => {
                numbers.show(name, masked);
                masked.push('=');
                masked.push_str(HIDDEN);
                rest = behind_value(rest, None);
            }
            // `password='hunter2'`, `"password": "hunter2"`, `password: hunter2`
            _ if names_a_secret(run) => {
                numbers.show(run, masked);
                if let Some((between, value)) = value_behind(run, rest) {
                    masked.push_str(between);
                    masked.push_str(HIDDEN);
                    let quote = between
                        .chars()
                        .next_back()
                        .filter(|letter| matches!(letter, '"' | '\''));
                    rest = behind_value(value, quote);
                }
            }
            _ if run.chars().any(|letter| letter == MARK) => masked.push_str(HIDDEN),
            _ if run.len() >= SHORTEST_SECRET && !is_words(run) && !is_constant(run) => {
                masked.push_str(HIDDEN);
            }
            _ => {
                numbers.show(run, masked);
                ends_with_run = false;
            }
        }
    }
    ends_with_run
}

/// What follows the login in `://bob:hunter2@proxy`. A password may hold anything but blanks.
fn behind_login(text: &str) -> Option<&str> {
    let address = text.strip_prefix("://")?;
    let end = address.find(char::is_whitespace).unwrap_or(address.len());
    let at = address.get(..end)?.rfind('@')?;
    address.get(at..)
}

/// Hides the numbers that may be a code for one time, or a PIN.
#[derive(Default)]
struct Numbers {
    /// Whether a word of the line has named one.
    announced: bool,
}

impl Numbers {
    fn show(&mut self, run: &str, masked: &mut String) {
        for piece in run.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
            let word = piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
            let least = if self.announced { 4 } else { 6 };
            if (least..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit()) {
                masked.push_str(HIDDEN);
                masked.push_str(piece.get(word.len()..).unwrap_or_default());
            } else {
                masked.push_str(piece);
            }
            let word = word.to_ascii_lowercase();
            self.announced |= ["pin", "code", "otp", "mfa", "pwd", "password"]
                .iter()
                .any(|end| word.ends_with(end));
        }
    }
}

/// Letters of base64, of its form for URLs, and of percent-encoding.
fn is_of_secret(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=' | '_' | '-' | '%' | MARK)
}

/// What stands behind a value: from its closing quote on, or from what ends a value without quotes.
fn behind_value(text: &str, quote: Option<char>) -> &str {
    let ends = |letter: char| match quote {
        Some(quote) => letter == quote,
        None => letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ';' | '&' | ')' | '}' | ']'),
    };
    text.find(ends)
        .and_then(|end| text.get(end..))
        .unwrap_or_default()
}

/// A name, and not random text that happens to end like one.
fn names_a_secret(name: &str) -> bool {
    let name = name.trim_end_matches('=');
    (is_words(name) || is_constant(name)) && ends_as_a_secret(name)
}

pub(super) fn ends_as_a_secret(name: &str) -> bool {
    let plain = name.replace(['_', '-'], "").to_ascii_lowercase();
    let ends = [
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "secret",
        "token",
        "accesskey",
        "apikey",
    ];
    // Other words end as the short ones do.
    ends.iter().any(|end| plain.ends_with(end)) || ["pin", "otp", "pwd"].contains(&last_word(name).as_str())
}

/// `code` of `--mfa-code`, `MFA_CODE` and `mfaCode`.
pub(super) fn last_word(name: &str) -> String {
    let last = name.rsplit(['-', '_', '/']).next().unwrap_or(name);
    let starts_word = |pair: &[u8]| matches!(pair, [small, capital] if small.is_ascii_lowercase() && capital.is_ascii_uppercase());
    let at = last
        .as_bytes()
        .windows(2)
        .rposition(starts_word)
        .map_or(0, |at| at + 1);
    last.get(at..).unwrap_or(last).to_ascii_lowercase()
}

/// What stands between a name and its value, and the rest from the value on; `None` when no value follows.
fn value_behind<'a>(name: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ':' | '=');
    let length = rest.find(|letter| !is_between(letter))?;
    let (between, value) = rest.split_at_checked(length)?;
    (name.ends_with('=') || between.contains([':', '='])).then_some((between, value))
}

/// Whether a run is made of plain words, as `/usr/local/bin` or `ExpiredTokenException` are and no random text is:
/// letters alone, in humps of 3 to 15 that each start with the one capital letter.
pub(super) fn is_words(run: &str) -> bool {
    run.split(['/', '-', '_']).all(|piece| {
        let piece = piece.strip_suffix("Id").unwrap_or(piece);
        let mut hump = 0;
        let mut capital = false;
        for letter in piece.chars() {
            if !letter.is_ascii_alphabetic() || hump > 15 {
                return false;
            }
            if letter.is_ascii_uppercase() {
                if hump > 0 && hump < 3 {
                    return false;
                }
                hump = 0;
                capital = true;
            }
            hump += 1;
        }
        // A piece in small letters may be of any shortness, as `bin` and `a` are.
        hump <= 15 && (hump == 0 || hump >= 3 || !capital)
    })
}

/// Whether a run is a name as `AWS_SECRET_ACCESS_KEY`: capital letters alone, at most 11 between bars.
fn is_constant(run: &str) -> bool {
    run.split('_')
        .all(|piece| piece.len() <= 11 && piece.bytes().all(|letter| letter.is_ascii_uppercase()))
}
