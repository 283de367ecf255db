use std::ops::RangeInclusive;

use crate::form::Form;
use crate::query::ApiError;

/// What a parameter of STS may look like.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    least: usize,
    most: usize,
    /// The marks that are allowed beside letters, digits and `_`; `None` for any text.
    marks: Option<&'static str>,
    digits_only: bool,
}

impl Bounds {
    pub(crate) const fn text(least: usize, most: usize) -> Self {
        Self {
            least,
            most,
            marks: None,
            digits_only: false,
        }
    }

    /// `+` is among the marks everywhere.
    pub(crate) const fn word(least: usize, most: usize, marks: &'static str) -> Self {
        Self {
            marks: Some(marks),
            ..Self::text(least, most)
        }
    }

    pub(crate) const fn digits(count: usize) -> Self {
        Self {
            digits_only: true,
            ..Self::text(count, count)
        }
    }

    fn check(self, name: &str, value: &str) -> Result<(), ApiError> {
        let length = value.chars().count();
        if length < self.least {
            let least = self.least;
            return Err(constraint(
                name,
                &format!("have length greater than or equal to {least}"),
            ));
        }
        if length > self.most {
            let most = self.most;
            return Err(constraint(
                name,
                &format!("have length less than or equal to {most}"),
            ));
        }
        let is_mark = |letter: char| {
            self.marks
                .is_none_or(|marks| letter == '+' || marks.contains(letter))
        };
        let fits = value.chars().all(|letter| {
            if self.digits_only {
                letter.is_ascii_digit()
            } else {
                letter.is_ascii_alphanumeric() || letter == '_' || is_mark(letter)
            }
        });
        if fits {
            Ok(())
        } else if self.digits_only {
            Err(constraint(name, "satisfy regular expression pattern: [\\d]*"))
        } else {
            let marks = self.marks.unwrap_or_default();
            let pattern = format!("satisfy regular expression pattern: [\\w+{marks}]*");
            Err(constraint(name, &pattern))
        }
    }
}

pub(crate) fn required<'a>(form: &'a Form, name: &str, bounds: Bounds) -> Result<&'a str, ApiError> {
    optional(form, name, bounds)?.ok_or_else(|| constraint(name, "not be null"))
}

pub(crate) fn optional<'a>(form: &'a Form, name: &str, bounds: Bounds) -> Result<Option<&'a str>, ApiError> {
    match form.get(name) {
        Some(value) => bounds.check(name, value).map(|()| Some(value)),
        None => Ok(None),
    }
}

/// `DurationSeconds`.
pub(crate) fn seconds(form: &Form, bounds: RangeInclusive<u32>) -> Result<Option<u32>, ApiError> {
    const NAME: &str = "DurationSeconds";
    let Some(text) = form.get(NAME) else {
        return Ok(None);
    };
    let Ok(seconds) = text.parse::<u32>() else {
        return Err(constraint(NAME, "be a whole number"));
    };
    if seconds < *bounds.start() {
        let least = bounds.start();
        return Err(constraint(
            NAME,
            &format!("have value greater than or equal to {least}"),
        ));
    }
    if seconds > *bounds.end() {
        let most = bounds.end();
        return Err(constraint(
            NAME,
            &format!("have value less than or equal to {most}"),
        ));
    }
    Ok(Some(seconds))
}

/// Session policies: their size in percent of what fits, if there are any.
pub(crate) fn policies(form: &Form) -> Result<Option<usize>, ApiError> {
    const FITS: usize = 2048;
    let arns = form.list("PolicyArns.member.", ".arn").count();
    if arns > 10 {
        return Err(constraint("PolicyArns", "have length less than or equal to 10"));
    }
    let Some(policy) = form.get("Policy") else {
        return Ok((arns > 0).then_some(arns));
    };
    if policy.len() > FITS {
        let message =
            "Packed size of session tags and policies consumes more than 100% of the allotted space.";
        return Err(ApiError::new(400, "PackedPolicyTooLarge", message));
    }
    match serde_json::from_str::<serde_json::Value>(policy) {
        Ok(serde_json::Value::Object(_)) => Ok(Some((policy.len() * 100).div_ceil(FITS))),
        _ => Err(ApiError::new(
            400,
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        )),
    }
}

/// Session tags, and the keys of those that go on to the next role.
pub(crate) fn tags(form: &Form) -> Result<(), ApiError> {
    const AT_MOST: usize = 50;
    let mut keys: Vec<String> = Vec::new();
    for (number, key) in (1..).zip(form.list("Tags.member.", ".Key")) {
        let value = form
            .get(&format!("Tags.member.{number}.Value"))
            .unwrap_or_default();
        Bounds::text(1, 128).check("Tags.Key", key)?;
        Bounds::text(0, 256).check("Tags.Value", value)?;
        if keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(ApiError::new(400, "InvalidParameterValue", message));
        }
        keys.push(key.to_owned());
    }
    if keys.len() > AT_MOST {
        return Err(constraint("Tags", "have length less than or equal to 50"));
    }
    let transitive: Vec<&str> = form.list("TransitiveTagKeys.member.", "").collect();
    if transitive.len() > AT_MOST {
        return Err(constraint(
            "TransitiveTagKeys",
            "have length less than or equal to 50",
        ));
    }
    let stranger = transitive
        .iter()
        .find(|key| !keys.iter().any(|known| known.eq_ignore_ascii_case(key)));
    match stranger {
        Some(_) => Err(ApiError::new(
            400,
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        )),
        None => Ok(()),
    }
}

pub(crate) fn error(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationError", message)
}

/// In AWS's words. The value stays out: it may be a secret that went into the wrong place.
fn constraint(name: &str, must: &str) -> ApiError {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let member: String = first.into_iter().chain(letters).collect();
    error(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {must}"
    ))
}
